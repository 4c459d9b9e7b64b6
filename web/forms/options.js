// What can be picked in forms: records by what they are called.

import {all} from '../lib/api.js';
import {onChange} from '../lib/session.js';

const kept = new Map();

// Others see other records.
onChange(() => kept.clear());

// All of a collection as {value, label}, read once for a page load.
export function optionsOf(collection) {
  if (!kept.has(collection)) {
    const options = all(`/v1/${collection}`).then((records) =>
      records.map(({name, displayName}) => ({value: name, label: displayName || name})));
    options.catch(() => kept.delete(collection));
    kept.set(collection, options);
  }
  return kept.get(collection);
}

export const optionsAmong = (collection, names) => async () =>
  (await optionsOf(collection)).filter(({value}) => names.includes(value));

export const members = () => optionsOf('members');
export const bodies = () => optionsOf('bodies');
export const officials = () => optionsOf('officials');

// Those that a party may be picked from.
export const parties = async () =>
  (await Promise.all([members(), bodies(), officials()])).flat();

export const choices = (words) =>
  Object.entries(words).map(([value, label]) => ({value, label}));
