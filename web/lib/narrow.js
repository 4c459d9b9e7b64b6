// Narrows what a search found to a body or a year, by the resources themselves and what they are below.

import {all} from './api.js';
import {kindOf, listPath, parentOf} from './resources.js';

const MOST = 100;  // names in one filter

const isDate = (value) => typeof value?.year === 'number' && value.year > 0;

// The years that a resource's dates span: [first, last], ends that aren't known being without end;
// undefined of one without dates. Dates of its sources are theirs.
export function yearsOf(resource) {
  const years = [];
  for (const [field, value] of Object.entries(resource ?? {})) {
    if (field === 'citations' || typeof value !== 'object' || !value) continue;
    if (isDate(value)) years.push([value.year, value.year]);
    const [start, end] = [value.startDate, value.endDate];
    if (isDate(start) || isDate(end)) {
      years.push([isDate(start) ? start.year : -Infinity, isDate(end) ? end.year : Infinity]);
    }
  }
  if (!years.length) return undefined;
  return [Math.min(...years.map(([first]) => first)), Math.max(...years.map(([, last]) => last))];
}

// Whether a resource belongs to a body and a year, as far as it or what it is below (`parent`) tells.
export function fits(resource, parent, {body, year}) {
  const years = yearsOf(resource) ?? yearsOf(parent);
  const inYear = !year || (years && years[0] <= Number(year) && Number(year) <= years[1]);
  const ofBody = !body || [resource.body, parent?.body, resource.name, parent?.name].includes(body);
  return Boolean(inYear && ofBody);
}

// The resources of these names that the caller may see, by name.
async function read(names, signal) {
  const byKind = new Map();
  for (const name of names) byKind.set(kindOf(name), [...(byKind.get(kindOf(name)) ?? []), name]);
  byKind.delete(undefined);
  const calls = [...byKind].flatMap(([kind, those]) =>
    Array.from({length: Math.ceil(those.length / MOST)}, (_, at) => all(listPath(kind),
      {filter: those.slice(at * MOST, (at + 1) * MOST).map((name) => `name = "${name}"`).join(' OR ')}, {signal})));
  return new Map((await Promise.all(calls)).flat().map((resource) => [resource.name, resource]));
}

// Those of the hits that fit: {body: 'bodies/sg', year: '2024'}, either of which may be left out.
export async function narrow(hits, by, signal) {
  if (!by.body && !by.year) return hits;
  const parents = hits.map((hit) => parentOf(hit.name)).filter(Boolean);
  const found = await read([...new Set([...hits.map((hit) => hit.name), ...parents])], signal);
  return hits.filter(({name}) =>
    found.has(name) && fits(found.get(name), found.get(parentOf(name)), by));
}
