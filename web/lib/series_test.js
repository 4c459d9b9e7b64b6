import assert from 'node:assert/strict';
import test from 'node:test';

import {ordinalText, seriesOf} from './series.js';

test('a series tells the numbers that are missing', () => {
  const meetings = [{ordinal: 9}, {ordinal: 8}, {ordinal: 5}, {ordinal: 0}];
  const rows = seriesOf(meetings, true).map((row) => row.missing ?? row.meeting.ordinal);
  assert.deepEqual(rows, [9, 8, {first: 6, last: 7}, 5, {first: 1, last: 4}, 0]);
  assert.equal(seriesOf([{ordinal: 9}], false).length, 1);
  assert.deepEqual(seriesOf([{ordinal: 2}], true).at(-1).missing, {first: 1, last: 1});
});

test('ordinals have their endings', () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 17, 21, 111, 112].map(ordinalText),
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '17th', '21st', '111th', '112th']);
});
