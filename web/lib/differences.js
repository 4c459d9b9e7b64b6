// What a change changed, field by field.

// What every resource has, and what says nothing of its contents.
const APART = new Set(['@type', 'etag', 'updateTime', 'createTime', 'uid', 'name']);

// 'venue.city' -> 'venue: city', for people.
export const fieldText = (path) => path.split('.')
  .map((part) => part.replace(/([A-Z])/g, ' $1').toLowerCase()).join(', ');

const isNothing = (value) => value === undefined || value === null || value === '' || value === false ||
  value === 0 || (Array.isArray(value) && !value.length) || String(value).endsWith('_UNSPECIFIED');

const isWhole = (value) => typeof value !== 'object' || value === null || Array.isArray(value) ||
  'year' in value;  // a date is one thing

// The leaves of a message: a map of 'venue.city' -> value. Lists and dates are leaves.
export function leavesOf(message, prefix = '', into = new Map()) {
  for (const [key, value] of Object.entries(message ?? {})) {
    if (!prefix && APART.has(key)) continue;
    const path = prefix ? `${prefix}.${key}` : key;
    if (!isWhole(value)) leavesOf(value, path, into);
    else if (!isNothing(value)) into.set(path, value);
  }
  return into;
}

// [{field, before, after}], undefined where there was or is nothing.
export function differences(before, after) {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...now.keys(), ...old.keys()])]
    .filter((field) => JSON.stringify(old.get(field)) !== JSON.stringify(now.get(field)))
    .map((field) => ({field, before: old.get(field), after: now.get(field)}));
}
