import assert from 'node:assert/strict';
import test from 'node:test';

import {standingOf, summaryOf} from './standing.js';

const entry = (membership, chair = 'NO', observer = 'NO') => ({membership, chair, observer});

test('what depends on a day that is not known is said so', () => {
  assert.deepEqual(standingOf(entry('UNKNOWN')), {kind: 'unknown', text: 'not known'});
  assert.equal(standingOf(entry('IS_MEMBER', 'UNKNOWN')).text, 'member, perhaps chair');
  assert.equal(standingOf(entry('NOT_MEMBER', 'NO', 'UNKNOWN')).text, 'perhaps observer');
  assert.equal(standingOf(entry('NOT_MEMBER')).text, 'not a member');
});

test('the summary counts each member once, and the unknown apart', () => {
  const entries = [entry('IS_MEMBER', 'YES'), entry('IS_MEMBER'), entry('UNKNOWN'), entry('NOT_MEMBER'), entry('NOT_MEMBER', 'NO', 'YES')];
  assert.equal(summaryOf(entries), '2 members, 1 chair among them; 1 observer; of 1 it isn’t known');
  assert.equal(summaryOf([]), '0 members');
});
