// Bodies, members, figures and the calendar, as each role sees them: with the record of 2024, and with
// seats, persons and dates that a test adds, since the record has few of these.

import assert from 'node:assert/strict';
import {before, test} from 'node:test';

import {open, setup, tryPages, violations, visit} from './harness.mjs';

const TITLE = 'Working Group on the Disruption of People Smuggling and Trafficking in Persons Networks';
const YEAR = 2019;  // of what is added, so that the figures of the record stay as they are

// Adds what the record doesn't have, by the JSON interface.
async function addAll(additions) {
  const {page, close} = await open('secretariat');
  for (const [address, data] of additions) {
    const reply = await page.request.post(address, {data, headers: {authorization: `Bearer ${setup.tokens.secretariat}`}});
    assert.ok(reply.ok(), `${address}: ${await reply.text()}`);
  }
  await close();
}

const trainee = (index) => [
  [`/v1/practitioners?practitionerId=p${index}`, {member: 'members/fji', identity: {fullName: `Person ${index}`}}],
  [`/v1/activities/course/participations?participationId=p${index}`, {practitioner: `practitioners/p${index}`}],
];

before(() => addAll([
  ['/v1/members?memberId=fji', {kind: 'STATE', category: 'FULL_MEMBER', displayName: 'Fiji', regionCode: 'FJ',
    earlierStandings: [{category: 'OBSERVER', term: {startDate: {year: 2002}, endDate: {year: 2009}}}], term: {startDate: {year: 2010}},
    admissionBasis: 'Letter of the co-chairs'}],
  ['/v1/bodies?bodyId=forum-test', {kind: 'WORKING_GROUP', displayName: 'Dated Group', maxChairs: 2, term: {startDate: {year: 2015, month: 3}}}],
  ['/v1/bodies/forum-test/seats?seatId=fji', {member: 'members/fji', role: 'PARTICIPANT', term: {startDate: {year: 2024}}}],
  ['/v1/bodies/forum-test/seats?seatId=nzl', {member: 'members/nzl', role: 'CHAIR',
    term: {startDate: {year: 2017, month: 5, day: 2}, endDate: {year: 2021, month: 6, day: 30}}}],
  ['/v1/activities?activityId=course', {body: 'bodies/rso', kind: 'TRAINING', displayName: 'Course', state: 'COMPLETED', startDate: {year: YEAR, month: 8}}],
  ...[1, 2, 3].flatMap(trainee),
  ['/v1/meetings?meetingId=hidden', {body: 'bodies/forum-test', displayName: 'Hidden Meeting', visibility: 'RESTRICTED'}],
  ['/v1/meetings/hidden/delegations?delegationId=nzl', {participant: {member: 'members/nzl'}}],
  ['/v1/meetings?meetingId=dated-1', {body: 'bodies/forum-test', ordinal: 3, displayName: 'Third of the Dated Group', startDate: {year: YEAR}}],
]));

tryPages([
  {path: '/bodies', title: /^Bodies/, shows: ['Bali Process', 'Steering Group SG', TITLE, 'Regional Support Office RSO, support office']},
  // F46: the group is chaired by New Zealand and Viet Nam.
  {path: '/bodies/wg-disruption?as_of=2024-05-02', name: 'body', title: /^Working Group on the Disruption/,
    shows: ['joint periods of action', '2 May 2024: 2 members, 2 chairs among them.', /New Zealand\s+chair/, /Viet Nam\s+chair/]},
  // F21: officials are for members.
  {path: '/bodies/rso', name: 'body-with-posts', shows: ['support office'],
    public: {shows: ['No chairs or posts are on record.'], hides: ['David Scott', 'officials/aus-2']},
    member: {shows: [/David Scott\s+Co-Manager\s+Australia/, 'Fuad Adriansyah']},
    secretariat: {shows: ['David Scott']}},
  // F12, F13.
  {path: '/members', title: /^Members/, shows: ['14 states and 3 organisations', 'Viet Nam', 'Sri Lanka', 'ARE']},
  {path: '/members/nzl', name: 'member', title: /^New Zealand/, shows: ['present 2', '17th Ad Hoc Group meeting', TITLE, /2022\s+none on record/],
    public: {hides: ['Hidden Meeting']}, member: {hides: ['Hidden Meeting']}, secretariat: {shows: ['Hidden Meeting', 'not recorded 1']}},
  // F33 to F40.
  {path: '/figures', title: /^Figures/, shows: [/dialogues\s+17\s+0\s+\+17\s+0\s+Statement on the 18th/,
    /workshops and trainings\s+7\s/, /practitioners trained\s+348\s/, /member states reached\s+14\s/, /publications\s+12\s/,
    /meetings supported\s+8\s/, /external events\s+21\s/, 'Adelaide Strategy for Cooperation', 'Border management']},
  // F15 to F17: two days that are known.
  {path: '/calendar?year=2024', title: /^Calendar 2024/, shows: ['May 2024', '18th Steering Group meeting', '2–3 May 2024',
    /Without a date[\s\S]*Ninth Ministerial Conference/]},
]);

// More of the record that looks otherwise, for the public alone.
const MORE = [
  // F4, F22, F23: a numbered series, a month, and a meeting without a date.
  ['/bodies/mc', /9th\s+Ninth Ministerial Conference\s+no date/, /8th\s+Eighth Ministerial Conference\s+February 2023\s+Adelaide, AU/,
    /1st to 7th: not on record/],
  ['/bodies/tfpp', /Liaisons[\s\S]*Transnational Crime[\s\S]*Closer collaboration/],  // F57: an outside forum
  ['/members/fji', /observer 2002 – 2009/, /since 2010/, /Came by\s+Letter of the co-chairs/, /No delegations are on record/],
  ['/calendar?year=2023&body=bodies/gabf', /August 2023[\s\S]*GABF Tech Forum\s+August 2023\s+Bali, ID/],  // F60: a month
  [`/calendar?year=${YEAR}`, new RegExp(`In ${YEAR}, the month isn’t known[\\s\\S]*Third of the Dated Group`)],
];
for (const [path, ...shows] of MORE) {
  test(`${path} shows what it has`, async () => {
    const {page, seen, close} = await visit('public', path);
    const text = await page.locator('main').innerText();
    for (const one of shows) assert.match(text, one);
    assert.deepEqual(seen.problems, []);
    await close();
  });
}

test('a slider shows who came and who went, and what is not known', async () => {
  const {page, close} = await visit('public', '/bodies/forum-test?as_of=2020-01-01');
  const tile = (code) => page.locator('.tiles a', {hasText: code});
  await page.getByText('1 January 2020: 1 member, 1 chair among them.').waitFor();
  assert.equal(await tile('NZL').getAttribute('class'), 'chair');
  assert.equal(await tile('FJI').getAttribute('class'), 'none');

  await page.getByRole('button', {name: 'Change after: New Zealand went on 30 June 2021'}).click();
  await page.getByText('1 July 2021: 0 members.').waitFor();
  assert.match(page.url(), /as_of=2021-07-01$/);

  await page.getByRole('textbox', {name: 'As of'}).fill('2024-05-02');
  await page.getByRole('button', {name: 'Show'}).click();
  await page.getByText('2 May 2024: 0 members; of 1 it isn’t known.').waitFor();
  assert.equal(await tile('FJI').getAttribute('class'), 'unknown');
  assert.equal(await page.locator('#composition .drawing rect.possible').count(), 1, 'a year looks like a day');
  assert.deepEqual(await violations(page), []);

  const slider = page.getByRole('slider', {name: 'Day'});
  await slider.press('ArrowLeft');
  await page.getByText(/^1 May 2024/).waitFor();
  await slider.press('Home');
  await page.getByText('Whether the body existed then isn’t known.').waitFor();
  await close();
});

test('a date that is none is refused beside its field', async () => {
  const {page, close} = await visit('public', '/bodies/mc');
  await page.getByRole('textbox', {name: 'As of'}).fill('2024-02-30');
  await page.getByRole('button', {name: 'Show'}).click();
  await page.getByText('A date is a day, a month or a year').waitFor();
  assert.equal(await page.getByRole('textbox', {name: 'As of'}).getAttribute('aria-invalid'), 'true');
  await close();
});

const measureOf = (page, name) => page.locator('section', {has: page.getByRole('heading', {level: 3, name})}).last();

test('the public is told "fewer than five", and never a number', async () => {
  const {page, seen, close} = await visit('public', `/figures?period=${YEAR}`);
  const [states, persons] = [measureOf(page, 'member states reached'), measureOf(page, 'practitioners trained')];
  assert.match(await states.innerText(), /Recorded\s+fewer than five/);
  assert.match(await persons.innerText(), /Recorded\s+not told/);
  for (const section of [states, persons]) assert.equal(await section.locator('rect.recorded').count(), 0);
  await Promise.all(seen.waiting);
  const {entries} = JSON.parse(seen.replies.find(({url}) => url.includes(':figures')).text);
  const told = entries.filter(({measure}) => /^(PRACTITIONERS|MEMBER_STATES)/.test(measure));
  assert.deepEqual(told.map(({computed}) => computed.value), [undefined, undefined]);

  await persons.getByText('Records behind it').click();
  await persons.getByText('There are none that you may see.').waitFor();
  await Promise.all(seen.waiting);
  for (const {url, text} of seen.replies) assert.ok(!text.includes('practitioners/'), url);
  assert.deepEqual(await violations(page), []);
  await close();
});

test('the secretariat opens the records behind a figure', async () => {
  const {page, close} = await visit('secretariat', `/figures?period=${YEAR}`);
  const section = measureOf(page, 'practitioners trained');
  assert.match(await section.innerText(), /Recorded\s+3/);
  await section.getByText('Records behind it').click();
  await section.getByRole('row', {name: /Course/}).nth(2).waitFor();
  const bar = async (kind) => parseFloat(await page.locator(`rect.${kind}`).first().getAttribute('width'));
  await page.getByRole('textbox', {name: 'Period'}).fill('2023');
  await page.getByRole('button', {name: 'Show'}).click();
  await page.getByRole('heading', {name: 'Reported and recorded, 2023'}).waitFor();
  assert.equal(await bar('reported'), 100);
  assert.equal(await bar('recorded'), 0);
  assert.match(page.url(), /period=2023/);
  await page.goBack();
  await page.getByRole('heading', {name: `Reported and recorded, ${YEAR}`}).waitFor();
  await close();
});

test('a member makes a calendar link, which reads a calendar until it is revoked', async () => {
  const {page, close} = await visit('member', '/calendar?year=2024&body=bodies/ahg');
  await page.getByLabel('Whose calendar it feeds').fill('The desk');
  await page.getByRole('button', {name: 'Make a link'}).click();
  const address = await page.locator('#subscribe code').innerText();
  const calendar = await page.request.get(address);
  assert.match(await calendar.text(), /BEGIN:VCALENDAR[\s\S]*17th Ad Hoc Group meeting/);
  assert.doesNotMatch(await calendar.text(), /Steering Group meeting/);
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', {name: 'Revoke the link The desk'}).click();
  await page.getByText('Links that were made').waitFor({state: 'detached'});
  assert.equal((await page.request.get(address)).status(), 404);
  await close();
});
