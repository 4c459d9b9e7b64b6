// Dates as they are known: {year, month, day}, where month and day are 0 when they aren't. No
// function of this file makes up a day. Moments (RFC 3339) are shown with their zone.

const LANGUAGE = 'en-GB';
const MONTHS = Array.from({length: 12}, (_, month) =>
  new Intl.DateTimeFormat(LANGUAGE, {month: 'long', timeZone: 'UTC'})
    .format(Date.UTC(2000, month, 1)));

export const monthName = (month) => MONTHS[month - 1] ?? '';

// '2 May 2024', 'May 2024', '2024'; '' where nothing is known.
export function dateText(date) {
  if (!date?.year) return '';
  return [date.day, monthName(date.month), date.year].filter(Boolean).join(' ');
}

// '2–3 May 2024', '30 April – 2 May 2024', 'from May 2024', 'until 2024'; '' where nothing is known.
export function rangeText(start, end) {
  const [from, until] = [dateText(start), dateText(end)];
  if (!from || !until) return from || (until && `until ${until}`);
  if (from === until) return from;
  const sameMonth = start.year === end.year && start.month === end.month;
  if (sameMonth && start.day && end.day) return `${start.day}–${until}`;
  const sameYear = start.year === end.year && start.month && end.month;
  return `${sameYear ? withoutYear(start) : from} – ${until}`;
}

const withoutYear = (date) => [date.day, monthName(date.month)].filter(Boolean).join(' ');

// Of a term: 'since May 2024', 'until 2024', '2020 – May 2024'; '' where neither is known.
export function termText(term) {
  const [start, end] = [term?.startDate, term?.endDate];
  if (start?.year && !end?.year) return `since ${dateText(start)}`;
  return rangeText(start, end);
}

// '2024-05-02', '2024-05' or '2024', as filters and addresses have them; '' where nothing is known.
export function isoDate(date) {
  if (!date?.year) return '';
  const two = (number) => String(number).padStart(2, '0');
  const parts = [String(date.year).padStart(4, '0')];
  if (date.month) parts.push(two(date.month));
  if (date.month && date.day) parts.push(two(date.day));
  return parts.join('-');
}

// The other way round; undefined for what is no date.
export function parseDate(text) {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text?.trim() ?? '');
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (!year || (match[2] && (month < 1 || month > 12))) return undefined;
  if (match[3] && (day < 1 || day > daysIn(year, month))) return undefined;
  return {year, month, day};
}

const daysIn = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

// The first and the last day that a date may stand for, as milliseconds of UTC; undefined without one.
export const earliest = (date) =>
  date?.year ? Date.UTC(date.year, (date.month || 1) - 1, date.day || 1) : undefined;
export function latest(date) {
  if (!date?.year) return undefined;
  const month = date.month || 12;
  return Date.UTC(date.year, month - 1, date.day || daysIn(date.year, month));
}

// Whether the day isn't known, of a date that is there.
export const isPartial = (date) => Boolean(date?.year) && !(date.month && date.day);

// The day of a moment in a zone, as a date.
export function dayIn(milliseconds, timeZone = 'UTC') {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-US', {
    timeZone, year: 'numeric', month: 'numeric', day: 'numeric'})
    .formatToParts(milliseconds).map(({type, value}) => [type, Number(value)]));
  return {year: parts.year, month: parts.month, day: parts.day};
}

// '2 May 2024, 14:05 GMT+8': in the zone given, else in the reader's.
export function momentText(rfc3339, timeZone) {
  const time = typeof rfc3339 === 'number' ? rfc3339 : Date.parse(rfc3339);
  if (!Number.isFinite(time)) return '';
  const format = (zone) => new Intl.DateTimeFormat(LANGUAGE, {
    day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit',
    timeZone: zone, timeZoneName: 'short'}).format(time);
  try {
    return format(timeZone || undefined);
  } catch {
    return format('UTC');  // of a zone that this browser doesn't know
  }
}
