// Meetings, decisions and action items, as each role sees them.

import {before} from 'node:test';
import {send} from './door.mjs';
import {tryPages} from './harness.mjs';

before(async () => {
  await send('POST', 'meetings/ahg-17/documents',
    {displayName: 'Brief for the chairs', visibility: 'RESTRICTED'}, {documentId: 'brief'});
  await send('POST', 'meetings/ahg-17/delegations/vnm/delegates',
    {member: 'members/vnm', person: {displayName: 'Tran Van An'}, title: 'Adviser on borders', role: 'ADVISER'}, {delegateId: 'adviser'});
  await send('POST', 'meetings/ahg-17/delegations/vnm/delegates',
    {member: 'members/vnm', person: {displayName: 'Le Thi Hoa'}, role: 'HEAD', contact: {email: 'hoa@example.org'}}, {delegateId: 'head'});
  await send('POST', 'actionItems', {body: 'bodies/ahg', displayName: 'Share the numbers',
    leadMember: 'members/aus', dueDate: {year: 2025, month: 3}}, {actionItemId: 'numbers'});
  await send('POST', 'decisions', {body: 'bodies/ahg', displayName: 'A text for members',
    text: 'Numbers are shared.', procedure: 'SILENCE'}, {decisionId: 'draft'});
});

const HIDDEN = /404/;  // the browser's own words for a reply that says so

tryPages([
  {path: '/meetings', title: /^Meetings/, shows: ['17th Ad Hoc Group meeting', '2–3 May 2024', 'no date'],
    public: {hides: ['Enter a meeting']}, member: {hides: ['Enter a meeting']},
    secretariat: {shows: ['Enter a meeting']}},
  {path: '/meetings/ahg-17', title: /17th Ad Hoc Group meeting/,
    shows: ['2–3 May 2024', 'Kuala Lumpur, MY', /Chairs\s+\S.* \(for Australia\), \S.* \(for Indonesia\)/,
      '18th Steering Group meeting', 'Eighth Ministerial Conference', 'Put it in a calendar',
      /3 Updates by the working groups[^]*3\.1 Disruption[^]*3\.4 Planning and preparedness[^]*4 Update by/,
      /2 Update by the Regional Support Office[^]*Presented by \S[^]*: Regional responses/,
      'Members of the body (16)', '16 were there and 0 were missing', 'Viet Nam', 'The value of the forum',
      'Support by the Regional Support Office', 'acknowledgement', 'Interview with the Senior Official Co-Chairs'],
    public: {shows: ['an official (for Australia)'], hides: ['Lynn Bell', 'Le Thi Hoa', 'Brief for the chairs', 'NOT_SUBMITTED', 'Submit credentials', 'Convene', 'Edit the meeting']},
    member: {shows: ['Lynn Bell (for Australia)', /Viet Nam\s+Le Thi Hoa head\s+Tran Van An Adviser on borders, adviser/, 'Presented by David Scott', 'Tri Tharyat: Regional', 'not submitted', 'Submit credentials'], hides: ['Brief for the chairs', 'hoa@example.org', 'Accept credentials', 'Record attendance']},
    secretariat: {shows: ['Brief for the chairs', 'Edit the meeting', 'Record attendance', 'Enter a document']}},
  {path: '/meetings/sg-18', shows: ['Held together with', '17th Ad Hoc Group meeting', 'Bodies of the forum', 'Regional Support Office']},
  {path: '/meetings/mc-8', shows: ['February 2023', 'the day isn’t known', 'in no calendar as long as its day isn’t known', 'Adelaide, AU']},
  {path: '/meetings/mc-9', shows: ['no date known', 'no place known', 'No agenda is on record.'],
    secretariat: {shows: ['Convene', 'Postpone', 'Cancel']}, member: {shows: ['Enter our delegation'], hides: ['Convene']}},
  {path: '/meetings/nowhere', expects: HIDDEN, title: /Not shown/, shows: ['It isn’t there']},
  {path: '/decisions', title: /Decisions and actions/,
    shows: ['Technology, driver and solution', 'conclusion', 'August 2023', 'on record'],
    public: {hides: ['A text for members', 'Draft a decision']}, member: {shows: ['A text for members', 'Share the numbers', 'overdue']},
    secretariat: {shows: ['Draft a decision', 'Enter an action item']}},
  {path: '/decisions?state=DRAFT&items=COMPLETED', name: 'decisions-by-state',
    member: {shows: ['A text for members'], hides: ['Technology, driver']}, public: {shows: ['None on record.']}},
  {path: '/decisions/ahg-17-rso-support', shows: ['acknowledgement', 'on record', 'noted', '17th Ad Hoc Group meeting', 'Sources']},
  {path: '/decisions/draft', expects: HIDDEN, public: {shows: ['Sign in'], hides: ['Numbers are shared.']},
    member: {shows: ['Numbers are shared.'], hides: ['Open silence']}, secretariat: {shows: ['Open silence', 'Withdraw']}},
  {path: '/actionItems/numbers', expects: HIDDEN, public: {shows: ['Sign in'], hides: ['Share the numbers']},
    member: {shows: ['Australia', 'March 2025', 'overdue', 'Add a progress note'], hides: ['Close as done']},
    secretariat: {shows: ['Close as done', 'Nothing was reported yet.']}},
]);
