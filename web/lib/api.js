// The JSON door: what pages ask of the gateway, and nothing else does.
//
//   get('/v1/meetings/ahg-17')                             one reply
//   all('/v1/meetings', {filter: 'state = PLANNED'})       every resource of a list, over its pages
//   send('POST', '/v1/meetings/ahg-17:convene', {body: {}, etag, requestId})   a change
//
// Whatever goes wrong is an ApiError. A reply counts for the token with which it was asked alone:
// session.js says which one that is.

import {onChange, token} from './session.js';

export class ApiError extends Error {
  // `status` of HTTP, 0 when there was no reply; `reason` as docs/integrate/errors.md has them, or
  // NO_REPLY; `fields` are the broken rules: [{field, description}].
  constructor({status, reason = '', message, fields = [], metadata = {}, retryAfter = 0}) {
    super(message);
    Object.assign(this, {name: 'ApiError', status, reason, fields, metadata, retryAfter});
  }
}

// How far the server's clock is ahead of this one, by the date of the last reply.
let ahead = 0;

// The server's time in milliseconds. It is exact to about a second.
export const serverNow = () => Date.now() + ahead;

function keepClock(response) {
  const date = Date.parse(response.headers.get('date'));
  // The field has whole seconds: it is half a second old on average.
  if (Number.isFinite(date)) ahead = date + 500 - Date.now();
}

// Values that are undefined or empty are left out, arrays are said once for each element.
export function withQuery(path, query = {}) {
  const said = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') said.append(key, one);
    }
  }
  return said.size ? `${path}?${said}` : path;
}

function errorOf(response, body) {
  const details = Array.isArray(body?.details) ? body.details : [];
  const detail = (type) => details.find((one) => one['@type']?.endsWith(type)) ?? {};
  const info = detail('google.rpc.ErrorInfo');
  return new ApiError({
    status: response.status,
    reason: info.reason,
    metadata: info.metadata,
    message: body?.message ?? `The gateway answered with ${response.status}.`,
    fields: detail('google.rpc.BadRequest').fieldViolations,
    retryAfter: Number(response.headers.get('retry-after') ?? 0),
  });
}

// The response of a request, or an ApiError. Its body is still to be read.
export async function request(verb, path, {query, headers = {}, body, signal} = {}) {
  const bearer = token();
  let response;
  try {
    response = await fetch(withQuery(path, query), {
      method: verb, body, signal, cache: 'no-store', credentials: 'omit',
      headers: {accept: 'application/json', ...headers,
        ...(bearer ? {authorization: `Bearer ${bearer}`} : {})},
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError({status: 0, reason: 'NO_REPLY', message: 'The gateway can’t be reached.'});
  }
  keepClock(response);
  if (!response.ok && response.status !== 304) {
    throw errorOf(response, await response.json().catch(() => null));
  }
  return response;
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError({status: 0, reason: 'NO_REPLY', message: 'The reply broke off.'});
  }
}

// What has an etag is kept and asked for with it, so that what is the same isn't sent again. It is
// kept here and not by the browser, whose cache would tell one caller what another one was told.
const kept = new Map();
const MOST_KEPT = 100;
onChange(() => kept.clear());

export async function get(path, query, {signal} = {}) {
  const address = withQuery(path, query);
  const before = kept.get(address);
  const response = await request('GET', address,
    {signal, headers: before ? {'if-none-match': before.etag} : {}});
  if (response.status === 304 && before) return before.reply;
  const reply = await json(response);
  const etag = response.headers.get('etag');
  kept.delete(address);
  if (etag) kept.set(address, {etag, reply});
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  return reply;
}

// A change. `body` is sent as JSON, `file` (a File or Blob) as it is. `etag` makes it conditional on
// that version, `requestId` (a UUID) has one effect however often it is sent.
export async function send(verb, path, {query, body, file, etag, requestId, signal} = {}) {
  const headers = {};
  if (etag) headers['if-match'] = `"${etag}"`;
  if (requestId) headers['idempotency-key'] = requestId;
  if (file) headers['content-type'] = file.type || 'application/octet-stream';
  else if (body !== undefined) headers['content-type'] = 'application/json';
  return json(await request(verb, path,
    {query, headers, signal, body: file ?? (body === undefined ? undefined : JSON.stringify(body))}));
}

// The resources of a reply to a list: its only array.
export const listed = (reply) => Object.values(reply).find(Array.isArray) ?? [];

// Page by page: {items, next}, where `next` asks for the page behind it and is '' at the end.
export async function page(path, query, {signal, pageToken} = {}) {
  const reply = await get(path, {pageSize: 100, ...query, pageToken}, {signal});
  return {items: listed(reply), next: reply.nextPageToken, reply};
}

// All of a list, at most `most`: what goes on for ever is shown by the part Endless.
export async function all(path, query, {signal, most = 10000} = {}) {
  const items = [];
  let pageToken;
  do {
    const one = await page(path, {pageSize: 1000, ...query}, {signal, pageToken});
    items.push(...one.items);
    pageToken = one.next;
  } while (pageToken && items.length < most);
  return items;
}

// `fallback` where the caller may not see something, or it isn't there. What else is wrong stays an
// error.
export async function orElse(promise, fallback) {
  try {
    return await promise;
  } catch (error) {
    if ([401, 403, 404].includes(error.status)) return fallback;
    throw error;
  }
}
