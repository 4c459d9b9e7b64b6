import assert from 'node:assert/strict';
import test from 'node:test';

import {undatedFilter, yearFilter, yearOf} from './months.js';

const meeting = (name, startDate, endDate) => ({name, startDate, endDate});
const onDay = (year, month, day) => ({year, month, day});

test('a meeting stands on its days, and on none that is not on record', () => {
  const {months, ofTheYear} = yearOf(2023, [
    meeting('two-days', onDay(2023, 5, 2), onDay(2023, 5, 3)),
    meeting('over-new-year', onDay(2022, 12, 31), onDay(2023, 1, 1)),
    meeting('month', {year: 2023, month: 2}),
    meeting('year', {year: 2023}),
    meeting('end-unknown', onDay(2023, 6, 30), {year: 2023, month: 7}),
    meeting('ends-here', {year: 2022, month: 12}, {year: 2023, month: 1}),
    meeting('none'),
  ]);
  const days = months.flatMap(({month, weeks}) => weeks.flat().filter((cell) => cell?.meetings.length)
    .map((cell) => `${month}/${cell.date} ${cell.meetings.map(({name}) => name)}`));
  assert.deepEqual(days, ['1/1 over-new-year', '5/2 two-days', '5/3 two-days', '6/30 end-unknown']);
  assert.deepEqual(months[1].ofTheMonth.map(({name}) => name), ['month']);
  assert.deepEqual(months[0].ofTheMonth.map(({name}) => name), ['ends-here']);
  assert.deepEqual(ofTheYear.map(({name}) => name), ['year']);
});

test('weeks begin on Monday', () => {
  const may = yearOf(2024, []).months[4];  // 1 May 2024 was a Wednesday
  assert.deepEqual(may.weeks[0].map((cell) => cell?.date ?? null), [null, null, 1, 2, 3, 4, 5]);
  assert.equal(may.weeks.flat().filter(Boolean).length, 31);
});

test('filters name the body as a quoted text', () => {
  assert.equal(yearFilter(2024, ''), '(start_date = 2024 OR end_date = 2024)');
  assert.equal(yearFilter(2024, 'bodies/"x'),
    '(start_date = 2024 OR end_date = 2024) AND body = "bodies/\\"x"');
  assert.equal(undatedFilter('bodies/mc'), 'NOT start_date:* AND body = "bodies/mc"');
});
