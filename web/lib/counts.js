// Counts and figures as they are told, and the periods that they are of.

import {parseDate} from './dates.js';

// A capacity.v1.Count in words. What isn't told as a number never becomes one.
export function countText(count) {
  switch (count?.disclosure) {
    case 'EXACT':
      return numberText(count.value);
    case 'ROUNDED':
      return `about ${numberText(count.value)}`;
    case 'FEWER_THAN_FIVE':
      return 'fewer than five';
    case 'FIVE_OR_MORE':
      return 'five or more';
    default:
      return 'not told';
  }
}

// The number of a count, for the length of a bar; null of a count that isn't told as a number.
export function countValue(count) {
  const told = count?.disclosure === 'EXACT' || count?.disclosure === 'ROUNDED';
  return told ? Number(count.value) : null;
}

// Digits in groups of three. Numbers of 64 bits come as texts, and stay exact.
export function numberText(value) {
  return BigInt(value ?? 0).toLocaleString('en');
}

// A difference with its sign; '' of one that isn't told.
export function differenceText(difference) {
  if (difference === undefined || difference === null) return '';
  const text = numberText(difference);
  return BigInt(difference) > 0n ? `+${text}` : text.replace('-', '\u2212');
}

// How long bars are, as parts of the longest.
export function lengthsOf(values) {
  const longest = Math.max(1, ...values.filter((value) => value !== null));
  return values.map((value) => (value === null ? null : value / longest));
}

// The period of a text: a date, or the first and the last with a slash between. null if it is none.
export function parsePeriod(text) {
  const ends = (text ?? '').split('/');
  const dates = ends.map(parseDate);
  if (ends.length > 2 || dates.includes(undefined)) return null;
  return {startDate: dates[0], endDate: dates[dates.length - 1]};
}

// The parameters of a query that ask with a date in the field `path`.
export function dateQuery(path, date) {
  return Object.fromEntries(
    ['year', 'month', 'day'].filter((part) => date[part]).map((part) => [`${path}.${part}`, date[part]]));
}

// Those that ask with a term in the field `path`.
export function termQuery(path, term) {
  return {
    ...dateQuery(`${path}.startDate`, term.startDate),
    ...dateQuery(`${path}.endDate`, term.endDate),
  };
}
