import assert from 'node:assert/strict';
import test from 'node:test';

import {countText, countValue, dateQuery, differenceText, lengthsOf, numberText, parsePeriod, termQuery}
  from './counts.js';

test('a count that is not told as a number never becomes one', () => {
  assert.equal(countText({disclosure: 'EXACT', value: '1234'}), '1,234');
  assert.equal(countText({disclosure: 'ROUNDED', value: '350'}), 'about 350');
  for (const [disclosure, text] of [['FEWER_THAN_FIVE', 'fewer than five'],
    ['FIVE_OR_MORE', 'five or more'], ['WITHHELD', 'not told'], ['OF_A_NEWER_CONTRACT', 'not told']]) {
    assert.equal(countText({disclosure}), text);
    assert.equal(countValue({disclosure}), null);
  }
  assert.equal(countValue({disclosure: 'EXACT', value: '0'}), 0);
});

test('numbers of 64 bits stay exact, differences have their sign', () => {
  assert.equal(numberText('9007199254740993'), '9,007,199,254,740,993');
  assert.equal(differenceText('17'), '+17');
  assert.equal(differenceText('-1200'), '\u22121,200');
  assert.equal(differenceText('0'), '0');
  assert.equal(differenceText(undefined), '');
});

test('bars are parts of the longest', () => {
  assert.deepEqual(lengthsOf([348, null, 0]), [1, null, 0]);
  assert.deepEqual(lengthsOf([0, null]), [0, null]);
});

test('periods of texts', () => {
  assert.deepEqual(parsePeriod('2023'), {startDate: {year: 2023, month: 0, day: 0}, endDate: {year: 2023, month: 0, day: 0}});
  assert.deepEqual(parsePeriod('2022-07/2023-06'),
    {startDate: {year: 2022, month: 7, day: 0}, endDate: {year: 2023, month: 6, day: 0}});
  assert.equal(parsePeriod('2022/2023/2024'), null);
  assert.equal(parsePeriod('2022/'), null);
});

test('queries ask with what is known of a date', () => {
  assert.deepEqual(dateQuery('asOf', {year: 2024, month: 5}), {'asOf.year': 2024, 'asOf.month': 5});
  assert.deepEqual(termQuery('period', parsePeriod('2023')),
    {'period.startDate.year': 2023, 'period.endDate.year': 2023});
});

const meeting = (name, startDate, endDate) => ({name, startDate, endDate});
const onDay = (year, month, date) => ({year, month, day: date});
