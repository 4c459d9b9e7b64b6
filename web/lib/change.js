// One request that changes something, as forms have them: {verb, path, query, body, file, etag}, with
// the path as the name of a resource or a collection.

import {get, send} from './api.js';

const MOST = 30_000;       // an answer that takes longer is asked for again
const MOST_OF_FILES = 600_000;

export const change = ({verb, path, ...rest}, requestId) => send(verb, `/v1/${path}`, {
  ...rest, requestId, signal: AbortSignal.timeout(rest.file ? MOST_OF_FILES : MOST),
});

// The record as it is now.
export const read = (name) => get(`/v1/${name}`);
