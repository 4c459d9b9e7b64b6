// Now, What we don't know, Search and the history of a record, as each role sees them.

import {tryPages} from './harness.mjs';

tryPages([
  {path: '/now', title: /^Now/, shows: ['Ninth Ministerial Conference', 'no date', 'Changed lately']},
  {path: '/unknown', title: /What we don’t know/,
    shows: ['Meetings without a date: 1', 'Ninth Ministerial Conference', 'August 2023',
      'Reported figures without a record behind them: 7'],
    public: {shows: ['Commitments without an amount: 0'], hides: ['nzl-rso']},
    member: {shows: ['Commitments without an amount: 1']},
    secretariat: {shows: ['Commitments without an amount: 1', 'References that lead nowhere: 0']}},
  {path: '/history/meetings/mc-9', title: /Ninth Ministerial Conference/, name: 'history',
    shows: ['Ministerial Conference', 'Sources'],
    public: {shows: ['for the secretariat and operators'], hides: ['secretariat@test']},
    secretariat: {shows: ['created', 'secretariat@test']}},
  {path: '/history/commitments/nzl-rso', name: 'history-of-hidden', expects: /404|401/,
    public: {shows: ['Sign in'], hides: ['members/nzl']}, member: {shows: ['New Zealand']}},
  {path: '/sign-in', shows: [], public: {shows: ['Token']}, secretariat: {shows: ['Sign out']}},
]);
