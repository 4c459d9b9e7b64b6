// Terms with partial dates as spans of days: what is certain, what is possible, what isn't known.
//
// A day is a whole number, counted from 1970-01-01, so that a drawing can place days on a line.

const MILLISECONDS_A_DAY = 86400000;

export function dayNumber(year, month, day) {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  return moment.getTime() / MILLISECONDS_A_DAY;
}

// The date of a day, as google.type.Date has dates.
export function dateOf(number) {
  const moment = new Date(number * MILLISECONDS_A_DAY);
  return {
    year: moment.getUTCFullYear(),
    month: moment.getUTCMonth() + 1,
    day: moment.getUTCDate(),
  };
}

// Today in UTC, as the services count days.
export function today(now = Date.now()) {
  return Math.floor(now / MILLISECONDS_A_DAY);
}

// The first and the last day that a date may stand for; null of a date that isn't known.
export function daysOf(date) {
  if (!date?.year) return null;
  const {year, month = 0, day = 0} = date;
  if (day) return {first: dayNumber(year, month, day), last: dayNumber(year, month, day)};
  if (month) {
    return {first: dayNumber(year, month, 1), last: dayNumber(year, month + 1, 1) - 1};
  }
  return {first: dayNumber(year, 1, 1), last: dayNumber(year, 12, 31)};
}

// A term as days. `possible` has every day that may belong to the term, `certain` those that
// belong to the term whatever the partial dates stand for; null if there is none. An end that
// isn't on record is infinite.
export function spanOf(term) {
  const start = daysOf(term?.startDate);
  const end = daysOf(term?.endDate);
  const possible = {first: start?.first ?? -Infinity, last: end?.last ?? Infinity};
  const certain = {first: start?.last ?? -Infinity, last: end?.first ?? Infinity};
  return {possible, certain: certain.first <= certain.last ? certain : null};
}

// Whether a day lies in a term: 'YES', 'NO' or 'UNKNOWN', as common.v1.Truth has them.
export function heldOn(term, day) {
  const {possible, certain} = spanOf(term);
  if (day < possible.first || day > possible.last) return 'NO';
  return certain && day >= certain.first && day <= certain.last ? 'YES' : 'UNKNOWN';
}

// The days from the first to the last that any of the dates may stand for, with `day` (mostly
// today) in it, and at least a year long, since a line needs a length.
export function boundsOf(dates, day) {
  const known = dates.map(daysOf).filter(Boolean);
  const last = Math.max(day, ...known.map((days) => days.last));
  const first = Math.min(day, last - 365, ...known.map((days) => days.first));
  return {first, last};
}

// Where a day is on a line that shows `bounds`: 0 is its beginning, 1 its end.
export function placeOf(day, bounds) {
  const place = (day - bounds.first) / (bounds.last + 1 - bounds.first);
  return Math.min(1, Math.max(0, place));
}

// A stretch of days on the line; null if nothing of it is on the line.
function stretch(days, bounds) {
  if (!days || days.last < bounds.first || days.first > bounds.last) return null;
  const start = placeOf(days.first, bounds);
  return {start, length: placeOf(days.last + 1, bounds) - start};
}

// A term on the line: its stretches, and whether an end of it isn't on record.
export function barOf(term, bounds) {
  const {possible, certain} = spanOf(term);
  return {
    possible: stretch(possible, bounds),
    certain: stretch(certain, bounds),
    openStart: possible.first === -Infinity,
    openEnd: possible.last === Infinity,
  };
}

const STEPS_IN_YEARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

// The last part of a line has no mark, since the text of one wouldn't fit.
const LAST_MARK = 0.88;

// The beginnings of years that a line is marked with, not more than `most` of them.
export function yearMarks(bounds, most) {
  const firstYear = dateOf(bounds.first).year;
  const lastYear = dateOf(bounds.last).year;
  const step = STEPS_IN_YEARS.find((years) => (lastYear - firstYear) / years <= most);
  const marks = [];
  for (let year = Math.ceil(firstYear / step) * step; year <= lastYear; year += step) {
    const place = placeOf(dayNumber(year, 1, 1), bounds);
    if (dayNumber(year, 1, 1) >= bounds.first && place <= LAST_MARK) marks.push({year, place});
  }
  return marks;
}

// Who came and who went: an event for each end of a seat that is on record, earlier ones first.
// Each has the seat, `kind` ('came' or 'went') and the date as far as it is known.
export function changesOf(seats) {
  const events = [];
  for (const seat of seats) {
    if (seat.term?.startDate) events.push({kind: 'came', date: seat.term.startDate, seat});
    if (seat.term?.endDate) events.push({kind: 'went', date: seat.term.endDate, seat});
  }
  return events.sort((a, b) => dayOfChange(a) - dayOfChange(b));
}

// The day from which a change is certain: a member is gone on the day after the last one.
export function dayOfChange(event) {
  const days = daysOf(event.date);
  return event.kind === 'came' ? days.last : days.last + 1;
}
