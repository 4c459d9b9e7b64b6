// Now, What we don't know, Search and the history of a record, as each role sees them.

import {tryPages} from './harness.mjs';

tryPages([
  {path: '/now', title: /^Now/, shows: ['Ninth Ministerial Conference', 'no date', 'Changed lately']},
  {path: '/unknown', title: /What we don’t know/,
    shows: ['Meetings without a date: 5', 'Ninth Ministerial Conference', 'August 2023',
      'Reported figures without a record behind them: 7', 'Commitments without an amount: 1'],
    public: {hides: ['Lynn Bell']}, secretariat: {shows: ['References that lead nowhere: 0']}},
  {path: '/history/meetings/mc-9', title: /Ninth Ministerial Conference/, name: 'history',
    shows: ['Ministerial Conference', 'Sources'],
    public: {shows: ['for the secretariat and operators'], hides: ['secretariat@test']},
    secretariat: {shows: ['created', 'secretariat@test']}},
  {path: '/history/officials/aus-1', name: 'history-of-hidden', expects: /404/,
    public: {shows: ['Sign in'], hides: ['Lynn Bell']}, member: {shows: ['Lynn Bell']},
    secretariat: {shows: ['Lynn Bell']}},
  {path: '/sign-in', shows: [], public: {shows: ['Token']}, secretariat: {shows: ['Sign out']}},
]);
