// From what is typed into a form to the JSON of a request, and back.
//
// A field is {name, label, type, …}; `name` is the path in the JSON, such as `venue.city`. What is
// typed is kept as text (of a file: the file; of a list: one a line).

import {isoDate, parseDate} from './dates.js';
import {partyFrom} from './party.js';

const READERS = {
  date: (text) => {
    const date = parseDate(text);
    if (!date) throw new Error('must be a year, a month or a day: 2024, 2024-05 or 2024-05-02');
    return date;
  },
  clock: (text) => {
    const [hours, minutes] = text.split(':').map(Number);
    if (!(hours >= 0 && minutes >= 0)) throw new Error('must be a time of day, such as 09:30');
    return {hours, minutes};
  },
  moment: (text) => {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) throw new Error('must be a day and a time');
    return new Date(ms).toISOString();
  },
  number: (text) => {
    if (!/^-?\d+$/.test(text.trim())) throw new Error('must be a whole number');
    return Number(text);
  },
  lines: (text) => text.split('\n').map((line) => line.trim()).filter(Boolean),
  party: (text, field) => partyFrom(text, field.options),
};

const padded = (number) => String(number).padStart(2, '0');

const WRITERS = {
  date: isoDate,
  clock: ({hours = 0, minutes = 0}) => `${padded(hours)}:${padded(minutes)}`,
  moment: (time) => {
    const at = new Date(time);
    return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  },
  number: (value) => String(value),
  lines: (list) => list.join('\n'),
};

const isEmpty = (raw) =>
  raw === undefined || raw === null || raw === '' || raw === false || raw.length === 0;

export function getPath(object, path) {
  return path.split('.').reduce((at, key) => at?.[key], object);
}

export function setPath(object, path, value) {
  const keys = path.split('.');
  const last = keys.pop();
  let at = object;
  for (const key of keys) at = at[key] ??= {};
  at[last] = value;
}

// What stands in the inputs for a resource, or for a new one with `initial` values.
export function rawOf(fields, resource = {}) {
  return Object.fromEntries(fields.map((field) => {
    const value = getPath(resource, field.name);
    const nothing = isEmpty(value) || (field.type === 'number' && value === 0) ||
      /_UNSPECIFIED$/.test(value);
    if (nothing) return [field.name, ''];
    return [field.name, WRITERS[field.type]?.(value) ?? value];
  }));
}

// {json, error}: `json` without what is empty; `error`, as of a request, names what can't be read.
export function readValues(fields, raw) {
  const json = {};
  const wrong = [];
  for (const field of fields) {
    const {name, type, required} = field;
    const text = typeof raw[name] === 'string' ? raw[name].trim() : raw[name];
    if (isEmpty(text)) {
      if (required) wrong.push({field: name, description: 'is required'});
      continue;
    }
    try {
      setPath(json, name, READERS[type]?.(text, field) ?? text);
    } catch (error) {
      wrong.push({field: name, description: error.message});
    }
  }
  const error = wrong.length > 0 &&
    {reason: 'INVALID_FIELDS', message: "What is typed can't be sent as it is", fields: wrong};
  return {json, error: error || undefined};
}

// What an update sends: {body, updateMask} of the fields whose input isn't as it was, so that what
// isn't touched isn't overwritten. What was emptied is in the mask alone, which clears it.
export function changedValues(fields, before, raw) {
  const was = rawOf(fields, before);
  const changed = fields.filter(({name}) => JSON.stringify(was[name]) !== JSON.stringify(raw[name]));
  const {json, error} = readValues(changed, raw);
  return {body: json, updateMask: changed.map(({name}) => name).join(','), error};
}
