// What a record leaves open, as far as it can be told from the resources themselves.

import {isPartial} from './dates.js';

const isDate = (value) => typeof value?.year === 'number';

// 'startDate' in words.
const spaced = (field) => field.replace(/([A-Z])/g, ' $1').toLowerCase();

// The dates of a resource that are known to the month or the year alone: [{resource, field, date}].
// Dates of its sources are theirs.
export function partialDates(resource) {
  const found = [];
  for (const [field, value] of Object.entries(resource)) {
    if (field === 'citations' || typeof value !== 'object' || !value) continue;
    if (isDate(value)) found.push([spaced(field), value]);
    for (const end of ['startDate', 'endDate']) {
      if (isDate(value[end])) found.push([`${spaced(field)}, ${spaced(end)}`, value[end]]);
    }
  }
  return found.filter(([, date]) => isPartial(date)).map(([field, date]) => ({resource, field, date}));
}

// The bodies and periods that figures are reported for, each once: [{body, period}].
export function reportedPeriods(figures) {
  const periods = new Map();
  for (const {body, period} of figures) periods.set(JSON.stringify([body, period]), {body, period});
  return [...periods.values()];
}

// Of a reply of GetFigures, the reports behind which there is no record at all:
// [{name, measure, value, body, period}].
export const withoutRecords = (figures) => figures.entries
  .filter(({computed, undecided}) => isNone(computed) && isNone(undecided))
  .flatMap(({reported}) => reported.map(({reportedFigure}) => reportedFigure));

const isNone = (count) => !count || (count.disclosure === 'EXACT' && Number(count.value) === 0);

// A period as the fields of a query, such as `period.startDate.year`.
export function periodQuery(period, prefix = 'period') {
  const query = {};
  for (const end of ['startDate', 'endDate']) {
    for (const part of ['year', 'month', 'day']) {
      const value = period?.[end]?.[part];
      if (value) query[`${prefix}.${end}.${part}`] = value;
    }
  }
  return query;
}
