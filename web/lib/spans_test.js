import assert from 'node:assert/strict';
import test from 'node:test';

import {barOf, boundsOf, changesOf, dateOf, dayNumber, daysOf, heldOn, placeOf, spanOf, yearMarks}
  from './spans.js';

const day = (year, month, date) => dayNumber(year, month, date);

test('days count from 1970, in every century', () => {
  assert.equal(day(1970, 1, 1), 0);
  assert.equal(day(2024, 2, 29) + 1, day(2024, 3, 1));
  for (const date of [{year: 1, month: 1, day: 1}, {year: 99, month: 12, day: 31}, {year: 9999, month: 12, day: 31}]) {
    assert.deepEqual(dateOf(day(date.year, date.month, date.day)), date);
  }
});

test('a partial date stands for every day of its month or year', () => {
  assert.deepEqual(daysOf({year: 2024, month: 2}), {first: day(2024, 2, 1), last: day(2024, 2, 29)});
  assert.deepEqual(daysOf({year: 2023}), {first: day(2023, 1, 1), last: day(2023, 12, 31)});
  assert.deepEqual(daysOf({year: 2024, month: 0, day: 0}), daysOf({year: 2024}));
  assert.equal(daysOf(undefined), null);
});

test('a seat that began "in 2024" is unknown in 2024, and certain from 2025', () => {
  const term = {startDate: {year: 2024}};
  assert.equal(heldOn(term, day(2023, 12, 31)), 'NO');
  assert.equal(heldOn(term, day(2024, 5, 2)), 'UNKNOWN');
  assert.equal(heldOn(term, day(2025, 1, 1)), 'YES');
});

test('a term without dates is held on every day', () => {
  assert.equal(heldOn(undefined, day(1900, 1, 1)), 'YES');
  assert.deepEqual(spanOf(undefined).certain, {first: -Infinity, last: Infinity});
});

test('a term within one year that is known to the year is nowhere certain', () => {
  const term = {startDate: {year: 2024}, endDate: {year: 2024}};
  assert.equal(spanOf(term).certain, null);
  assert.equal(heldOn(term, day(2024, 6, 1)), 'UNKNOWN');
  assert.equal(heldOn(term, day(2025, 1, 1)), 'NO');
});

test('bounds have all dates and today in them, and a year at least', () => {
  const now = day(2026, 11, 28);
  assert.deepEqual(boundsOf([], now), {first: now - 365, last: now});
  assert.deepEqual(boundsOf([{year: 2019}, undefined, {year: 2027, month: 2}], now),
    {first: day(2019, 1, 1), last: day(2027, 2, 28)});
});

test('a bar tells the certain from the possible, and ends that are not on record', () => {
  const bounds = {first: day(2020, 1, 1), last: day(2023, 12, 31)};
  const bar = barOf({startDate: {year: 2022}}, bounds);
  assert.equal(bar.possible.start, placeOf(day(2022, 1, 1), bounds));
  assert.equal(bar.certain.start, placeOf(day(2022, 12, 31), bounds));
  assert.equal(bar.possible.start + bar.possible.length, 1);
  assert.deepEqual([bar.openStart, bar.openEnd], [false, true]);
  assert.equal(barOf({startDate: {year: 2025}}, bounds).possible, null);
});

test('marks are beginnings of years, and few', () => {
  const decade = yearMarks({first: day(2015, 6, 1), last: day(2026, 6, 1)}, 6);
  assert.deepEqual(decade.map((mark) => mark.year), [2016, 2018, 2020, 2022, 2024]);
  const all = yearMarks({first: day(1, 1, 1), last: day(9999, 12, 31)}, 6);
  assert.ok(all.length > 0 && all.length <= 7);
});

test('changes are in the order in which they are certain', () => {
  const seat = (name, startDate, endDate) => ({name, term: {startDate, endDate}});
  const events = changesOf([
    seat('late', {year: 2024, month: 3, day: 1}),
    seat('year', {year: 2023}, {year: 2024, month: 2}),
    {name: 'ever'},
  ]);
  assert.deepEqual(events.map(({kind, seat: {name}}) => `${name} ${kind}`),
    ['year came', 'late came', 'year went']);
});
