import assert from 'node:assert/strict';
import test from 'node:test';

import {countsOf} from './member_delegations.js';

test('attendances are counted, and what is not recorded apart', () => {
  const delegations = ['PRESENT', 'ABSENT', 'PRESENT', 'ATTENDANCE_UNSPECIFIED'].map((attendance) => ({attendance}));
  assert.deepEqual(countsOf(delegations), [['PRESENT', 2], ['ABSENT', 1], ['ATTENDANCE_UNSPECIFIED', 1]]);
  assert.deepEqual(countsOf([]), []);
});
