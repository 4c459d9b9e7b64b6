// The shapes that most forms have: a method of one record, an edit of one, and a new one.

import {read} from '../lib/change.js';

// A custom method, such as `:convene`. It is for the version of the record that was seen.
export function methodOf(resource, id, verb, rest) {
  return {
    id,
    resource,
    reload: () => read(resource.name),
    request: ({json, etag}) => ({verb: 'POST', path: `${resource.name}:${verb}`, body: json, etag}),
    ...rest,
  };
}

// An edit sends what was changed alone.
export function editOf(resource, id, rest) {
  return {
    id,
    resource,
    edits: true,
    reload: () => read(resource.name),
    request: ({json, mask, etag}) =>
      ({verb: 'PATCH', path: resource.name, query: {updateMask: mask}, body: json, etag}),
    ...rest,
  };
}

// A new record of a collection. The id in its address is the person's choice, or else the server's.
export function creationOf(collection, id, idField, rest) {
  return {
    id,
    request: ({json}) => {
      const {[idField]: chosen, ...body} = json;
      return {verb: 'POST', path: collection, query: chosen ? {[idField]: chosen} : {}, body};
    },
    ...rest,
  };
}

export const idInput = (name, example) => ({
  name,
  label: 'Name in its address',
  type: 'text',
  max: 63,
  help: `Small letters, digits and hyphens, such as ${example}. One is made up where this is empty.`,
});
