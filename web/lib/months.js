// Meetings by month, as far as their dates are known.

import {dayNumber, daysOf} from './spans.js';

// The meetings of a year: {months, ofTheYear}. `months` has an entry for each of the twelve,
// {month, weeks, ofTheMonth}: the meetings whose days are known stand on their days, the others
// with the month or the year that is known. Nobody is given a day that isn't on record.
export function yearOf(year, meetings) {
  const months = Array.from({length: 12}, (_, index) => ({
    month: index + 1,
    weeks: weeksOf(year, index + 1),
    ofTheMonth: [],
  }));
  const ofTheYear = [];
  for (const meeting of meetings) {
    const {startDate, endDate} = meeting;
    const date = [startDate, endDate].find((end) => end?.year === year);
    if (startDate?.day) putOnDays(meeting, months);
    else if (date?.month) months[date.month - 1].ofTheMonth.push(meeting);
    else if (date) ofTheYear.push(meeting);
  }
  return {months, ofTheYear};
}

// The weeks of a month, Monday first: seven cells each, null outside of the month.
function weeksOf(year, month) {
  const first = dayNumber(year, month, 1);
  const last = dayNumber(year, month + 1, 1) - 1;
  const before = (((first + 3) % 7) + 7) % 7;  // 1970-01-01, day 0, was a Thursday
  const cells = Array.from({length: before}, () => null);
  for (let day = first; day <= last; ++day) cells.push({day, date: day - first + 1, meetings: []});
  while (cells.length % 7) cells.push(null);
  return Array.from({length: cells.length / 7}, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

// The days on which a meeting certainly is: to its last day if that is known, else its first alone.
function putOnDays(meeting, months) {
  const first = daysOf(meeting.startDate).first;
  const last = meeting.endDate?.day ? daysOf(meeting.endDate).last : first;
  for (const month of months) {
    for (const cell of month.weeks.flat()) {
      if (cell && cell.day >= first && cell.day <= last) cell.meetings.push(meeting);
    }
  }
}

// The AIP-160 filter for the meetings of a year, of one body or of all.
export function yearFilter(year, body) {
  const within = `(start_date = ${year} OR end_date = ${year})`;
  return body ? `${within} AND body = ${JSON.stringify(body)}` : within;
}

// The filter for meetings that have no date.
export function undatedFilter(body) {
  return body ? `NOT start_date:* AND body = ${JSON.stringify(body)}` : 'NOT start_date:*';
}
