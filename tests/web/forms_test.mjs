// What members and the secretariat do on the pages, and what is on record afterwards.

import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {get, send} from './door.mjs';
import {open, PHONE, ready, violations, visit} from './harness.mjs';

const HOUR = 3_600_000;
const MARK = Date.now().toString(36);  // so that a suite can be tried again
const fresh = (id) => `${id}-${MARK}`;

before(() => send('PATCH', 'bodies/ahg', {timeZone: 'Asia/Jakarta', decisionRules: {
  consensus: true, silenceProcedure: true, minimumSilence: '3600s'}}, {updateMask: 'timeZone,decisionRules'}));

// As the input of a moment takes it, on the clock of the browser.
const typed = (time) =>
  new Date(time).toLocaleString('sv-SE', {timeZone: 'Asia/Kuala_Lumpur'}).slice(0, 16).replace(' ', 'T');

const form = (page, id) => page.locator(`[data-action="${id}"]`);
const unfold = (page, id) => form(page, id).locator('summary').first().click();
const submit = (page, id) => form(page, id).locator('button[type=submit]').click();
const isTold = (page, text) => page.getByRole('status').filter({hasText: text}).waitFor();
const input = (page, id, name) => page.locator(`#${id}-${name.replaceAll('.', '-')}`);
const problem = (page, id, name) => page.locator(`#${id}-${name}-error`);

// What the page sends to change something from here on: [{path, key}].
function changesOf(page) {
  const sent = [];
  page.on('request', (request) => {
    if (request.method() === 'GET') return;
    sent.push({path: new URL(request.url()).pathname, key: request.headers()['idempotency-key'], etag: request.headers()['if-match']});
  });
  return sent;
}

// Has the replies to the first so many changes lost after the change was made.
async function loseReplies(page, count) {
  let left = count;
  await page.route('**/v1/**', async (route) => {
    if (route.request().method() === 'GET' || left === 0) return route.fallback();
    left -= 1;
    await route.fetch();
    return route.abort();
  });
}

const newSilence = async (id, hours = 2) => {
  await send('POST', 'decisions', {body: 'bodies/ahg', displayName: `Numbers: ${id}`, text: 'Once a year.',
    procedure: 'SILENCE'}, {decisionId: id});
  const silenceEndTime = new Date(Date.now() + hours * HOUR).toISOString();
  return send('POST', `decisions/${id}:openSilence`, {silenceEndTime});
};

const newMeeting = (id, more = {}) => send('POST', 'meetings',
  {body: 'bodies/ahg', displayName: `Meeting ${id}`, startDate: {year: 2024, month: 5}, ...more}, {meetingId: id});

test('the forms are for those whom the contract lets call their methods', async () => {
  const {page, close} = await open('secretariat');
  await page.goto('/now');
  const [told, rules] = await page.evaluate(async () => {
    const contract = await (await fetch('/openapi.json')).json();
    const methods = Object.values(contract.paths).flatMap((path) => Object.values(path))
      .filter((one) => one.operationId?.startsWith('MeetingsService_'));
    const assets = document.querySelector('script[src*="/start.js"]').src;
    const {RULES} = await import(new URL('forms/rules.js', assets).href);
    return [methods.map((one) => [one.operationId.split('_')[1], one['x-roles'], / own (member|resources) alone/.test(one.description)]), RULES];
  });
  const contract = new Map(told.map(([method, roles, own]) => [method, {roles, ...(own && {own})}]));
  for (const [method, rule] of Object.entries(rules)) assert.deepEqual(rule, contract.get(method), method);
  await close();
});

test('a member breaks silence, and another sees it live', async () => {
  await newSilence(fresh('live'));
  const aus = await visit('member', `/decisions/${fresh('live')}`);
  const nzl = await visit('nzl', `/decisions/${fresh('live')}`);
  await nzl.page.getByText('Time left').waitFor();
  assert.match(await nzl.page.locator('.countdown').innerText(), /^1 h 59 min$/);
  await unfold(aus.page, 'BreakSilence');
  await form(aus.page, 'BreakSilence').getByLabel('Amendment').check();
  const sent = changesOf(aus.page);
  await submit(aus.page, 'BreakSilence');
  assert.match(await problem(aus.page, 'BreakSilence', 'text').innerText(), /required/);
  assert.equal(await form(aus.page, 'BreakSilence').locator('[aria-invalid]').evaluate((one) => one === document.activeElement), true);
  assert.deepEqual(await violations(aus.page), []);
  await input(aus.page, 'BreakSilence', 'text').fill('Twice a year.');
  await form(aus.page, 'BreakSilence').locator('button[type=submit]').dblclick();
  await isTold(aus.page, 'Silence is broken');
  await nzl.page.getByText('Twice a year.').waitFor();
  await nzl.page.locator('.tag.broken').waitFor();
  assert.equal(sent.length, 2);  // the one that was refused, and one for the two clicks
  const {state, breaks} = await get(`decisions/${fresh('live')}`);
  assert.deepEqual([state, breaks.map(({member, kind, text}) => [member, kind, text])],
    ['BROKEN', [['members/aus', 'AMENDMENT', 'Twice a year.']]]);
  await Promise.all([aus.close(), nzl.close()]);
});

test('the secretariat opens a silence and speaks for a member; a member has a reservation recorded', async () => {
  await send('POST', 'decisions', {body: 'bodies/ahg', displayName: 'Rules', text: 'Rules.', procedure: 'SILENCE'}, {decisionId: fresh('opened')});
  const {page, close} = await visit('secretariat', `/decisions/${fresh('opened')}`);
  await unfold(page, 'OpenSilence');
  await input(page, 'OpenSilence', 'silenceEndTime').fill(typed(Date.now() + HOUR / 2));
  await submit(page, 'OpenSilence');
  assert.match(await problem(page, 'OpenSilence', 'silenceEndTime').innerText(), /at least 1h from now/);
  const end = Date.now() + 26 * HOUR;
  await input(page, 'OpenSilence', 'silenceEndTime').fill(typed(end));
  await submit(page, 'OpenSilence');
  await isTold(page, 'Silence is open');
  const {silenceEndTime, eligibleMembers} = await get(`decisions/${fresh('opened')}`);
  assert.equal(Date.parse(silenceEndTime), Math.floor(end / 60_000) * 60_000);
  assert.equal(eligibleMembers.length, 16);
  await unfold(page, 'AssociateReservation');
  await input(page, 'AssociateReservation', 'member').selectOption({label: 'Thailand'});
  await input(page, 'AssociateReservation', 'text').fill('Subject to domestic law.');
  await submit(page, 'AssociateReservation');
  await page.getByText('Subject to domestic law.').waitFor();
  const nzl = await visit('nzl', `/decisions/${fresh('opened')}`);
  await unfold(nzl.page, 'AssociateReservation');
  await input(nzl.page, 'AssociateReservation', 'text').fill('Subject to funds.');
  await submit(nzl.page, 'AssociateReservation');
  await isTold(nzl.page, 'The reservation is recorded');
  const {reservations, state} = await get(`decisions/${fresh('opened')}`);
  assert.deepEqual([state, reservations.map(({member}) => member)], ['SILENCE_OPEN', ['members/tha', 'members/nzl']]);
  await Promise.all([close(), nzl.close()]);
});

test('a lost reply is asked for again, and the change has one effect', async () => {
  await newSilence(fresh('lost'));
  const {page, close} = await visit('member', `/decisions/${fresh('lost')}`);
  await unfold(page, 'BreakSilence');
  await form(page, 'BreakSilence').getByLabel('Objection').check();
  const sent = changesOf(page);
  await loseReplies(page, 1);
  await submit(page, 'BreakSilence');
  await isTold(page, 'Silence is broken');
  assert.equal(sent.length, 2);
  assert.equal(sent[0].key, sent[1].key);
  assert.equal((await get(`decisions/${fresh('lost')}`)).breaks.length, 1);
  await close();
});

test('where no answer comes at all, what was sent is kept and sent again', async () => {
  await newMeeting(fresh('unanswered'));
  const {page, close} = await visit('secretariat', `/meetings/${fresh('unanswered')}`);
  await unfold(page, 'CreateAgendaItem');
  await input(page, 'CreateAgendaItem', 'displayName').fill('Opening');
  const sent = changesOf(page);
  await loseReplies(page, 3);
  await submit(page, 'CreateAgendaItem');
  await page.getByText('No answer came').waitFor();
  assert.equal(await input(page, 'CreateAgendaItem', 'displayName').isDisabled(), true);
  assert.deepEqual(await violations(page), []);
  await form(page, 'CreateAgendaItem').getByText('Send again').click();
  await isTold(page, 'The agenda item is entered');
  assert.equal(new Set(sent.map(({key}) => key)).size, 1);
  assert.equal((await get(`meetings/${fresh('unanswered')}/agendaItems`)).agendaItems.length, 1);
  await close();
});

test('what somebody else has changed is shown, and not overwritten', async () => {
  await newMeeting(fresh('changed'), {venue: {city: 'Jakarta'}});
  const {page, close} = await visit('secretariat', `/meetings/${fresh('changed')}`);
  await unfold(page, 'UpdateMeeting');
  await input(page, 'UpdateMeeting', 'venue.city').fill('Bangkok');
  await send('PATCH', `meetings/${fresh('changed')}`, {summary: 'By another hand', venue: {city: 'Bali'}}, {updateMask: 'summary,venue.city'});
  await page.locator('.prose', {hasText: 'By another hand'}).waitFor();  // live, and the form is as it was typed
  assert.equal(await input(page, 'UpdateMeeting', 'venue.city').inputValue(), 'Bangkok');
  await submit(page, 'UpdateMeeting');
  const changed = page.locator('.changed');
  await changed.getByText('By another hand').waitFor();
  await changed.getByText('Jakarta').waitFor();
  assert.deepEqual(await violations(page), []);
  assert.equal((await get(`meetings/${fresh('changed')}`)).venue.city, 'Bali');
  await changed.getByText('Send mine all the same').click();
  await isTold(page, 'The meeting is saved');
  const {venue, summary} = await get(`meetings/${fresh('changed')}`);
  assert.deepEqual([venue.city, summary], ['Bangkok', 'By another hand']);
  await close();
});

test('attendance of a whole meeting is recorded with one tap each', async () => {
  await newMeeting(fresh('attended'));
  await send('POST', `meetings/${fresh('attended')}/delegations`, {participant: {displayName: 'An expert'}}, {delegationId: 'expert'});
  await send('POST', `meetings/${fresh('attended')}/delegations`, {participant: {member: 'members/nzl'}, attendance: 'APOLOGIES'}, {delegationId: 'nzl'});
  const {page, close} = await visit('secretariat', `/meetings/${fresh('attended')}`);
  await form(page, 'attendance').locator('summary').click();
  const sent = changesOf(page);
  const rows = page.locator('.attendance > li');
  assert.equal(await rows.count(), 17);
  const tap = (who, what) => page.getByRole('group', {name: who, exact: true}).getByRole('button', {name: what, exact: true});
  await tap('Australia', 'absent').click();
  await tap('New Zealand', 'remote').click();
  for (const row of await rows.all()) {
    const who = await row.getAttribute('data-participant');
    if (!['members/aus', 'members/nzl'].includes(who)) await row.getByRole('button', {name: 'present', exact: true}).click();
  }
  await page.getByText('15 present, 1 remote, 1 absent; 0 not recorded.').waitFor();
  assert.equal(sent.length, 17);
  assert.equal(new Set(sent.map(({key}) => key)).size, 17);
  assert.equal(sent.filter(({etag}) => etag).length, 2);  // those that had a delegation
  const {delegations} = await get(`meetings/${fresh('attended')}/delegations`);
  const found = delegations.map(({participant, attendance}) => [participant.member ?? participant.displayName, attendance]);
  assert.equal(found.length, 17);
  assert.deepEqual(found.filter(([, attendance]) => attendance !== 'PRESENT').sort(),
    [['members/aus', 'ABSENT'], ['members/nzl', 'REMOTE']]);
  assert.deepEqual(await violations(page), []);
  await close();
});

test('attendance that somebody else recorded meanwhile is shown first', async () => {
  await newMeeting(fresh('tapped'));
  const delegation = await send('POST', `meetings/${fresh('tapped')}/delegations`, {participant: {member: 'members/nzl'}}, {delegationId: 'nzl'});
  const {page, close} = await visit('secretariat', `/meetings/${fresh('tapped')}`);
  await form(page, 'attendance').locator('summary').click();
  await page.route('**/v1/meetings:watchChanges**', (route) => route.abort());
  const row = page.locator('[data-participant="members/nzl"]');
  await page.route('**/delegations/nzl**', async (route) => {
    await page.unroute('**/delegations/nzl**');
    await send('PATCH', delegation.name, {attendance: 'REMOTE'}, {updateMask: 'attendance'});
    await route.continue();
  });
  await row.getByRole('button', {name: 'absent'}).click();
  await row.getByText('Somebody else recorded this meanwhile: remote').waitFor();
  assert.equal((await get(delegation.name)).attendance, 'REMOTE');
  await row.getByRole('button', {name: 'absent'}).click();
  await row.getByText('Saved').waitFor();
  assert.equal((await get(delegation.name)).attendance, 'ABSENT');
  await close();
});

test('a member submits credentials, and the secretariat accepts them', async () => {
  await newMeeting(fresh('credentials'));
  const aus = await visit('member', `/meetings/${fresh('credentials')}`);
  await unfold(aus.page, 'CreateDelegation');
  await submit(aus.page, 'CreateDelegation');
  await isTold(aus.page, 'The delegation is entered');
  await unfold(aus.page, 'SubmitCredentials');
  await form(aus.page, 'SubmitCredentials').locator('textarea').fill('Letter of the minister');
  await submit(aus.page, 'SubmitCredentials');
  await isTold(aus.page, 'The credentials are submitted');
  const {page, close} = await visit('secretariat', `/meetings/${fresh('credentials')}`);
  await unfold(page, 'AcceptCredentials');
  await submit(page, 'AcceptCredentials');
  await isTold(page, 'The credentials are accepted');
  await aus.page.locator('.tag.accepted').waitFor();
  const {delegations: [delegation]} = await get(`meetings/${fresh('credentials')}/delegations`);
  assert.deepEqual([delegation.participant.member, delegation.credentials], ['members/aus', 'ACCEPTED']);
  await unfold(aus.page, 'UpdateDelegation');
  await submit(aus.page, 'UpdateDelegation');
  await isTold(aus.page, 'The apologies are recorded');
  assert.equal((await get(delegation.name)).attendance, 'APOLOGIES');
  await Promise.all([close(), aus.close()]);
});

test('forms of the same kind have inputs of their own', async () => {
  await newMeeting(fresh('several'));
  for (const member of ['members/aus', 'members/nzl']) {
    await send('POST', `meetings/${fresh('several')}/delegations`, {participant: {member}});
  }
  const {page, close} = await visit('secretariat', `/meetings/${fresh('several')}`);
  for (const summary of await page.locator('details.action > summary').all()) await summary.click();
  await page.locator('[data-action="SubmitCredentials"] textarea').nth(1).waitFor();
  const ids = await page.locator('[id]').evaluateAll((all) => all.map((one) => one.id));
  assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), []);
  await page.setViewportSize(PHONE);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), 'it is wider than a phone');
  await close();
});

test('a meeting is entered, with its agenda and a document, and lives until it is over', async () => {
  const {page, close} = await visit('secretariat', '/meetings');
  await unfold(page, 'CreateMeeting');
  await input(page, 'CreateMeeting', 'startDate').fill('2026-13');
  await submit(page, 'CreateMeeting');
  assert.match(await problem(page, 'CreateMeeting', 'startDate').innerText(), /a year, a month or a day/);
  assert.equal(await problem(page, 'CreateMeeting', 'displayName').innerText(), 'is required');
  assert.deepEqual(await violations(page), []);
  await input(page, 'CreateMeeting', 'body').selectOption({label: 'Ad Hoc Group'});
  await input(page, 'CreateMeeting', 'displayName').fill('18th Ad Hoc Group meeting');
  await input(page, 'CreateMeeting', 'ordinal').fill('18');
  await input(page, 'CreateMeeting', 'startDate').fill('2027-02');
  await input(page, 'CreateMeeting', 'meetingId').fill(fresh('ahg-18'));
  await submit(page, 'CreateMeeting');
  await page.waitForURL(`**/meetings/${fresh('ahg-18')}`);
  await ready(page);
  const meeting = await get(`meetings/${fresh('ahg-18')}`);
  assert.deepEqual([meeting.body, meeting.ordinal, meeting.startDate], ['bodies/ahg', 18, {year: 2027, month: 2, day: 0}]);

  await unfold(page, 'CreateAgendaItem');
  await input(page, 'CreateAgendaItem', 'displayName').fill('Update by the office');
  await input(page, 'CreateAgendaItem', 'kind').selectOption('REPORT');
  await input(page, 'CreateAgendaItem', 'presenters').fill('Regional Support Office');
  await submit(page, 'CreateAgendaItem');
  await isTold(page, 'The agenda item is entered');
  const {agendaItems: [item]} = await get(`meetings/${fresh('ahg-18')}/agendaItems`);
  assert.deepEqual(item.presenters, [{presenter: {body: 'bodies/rso'}}]);

  await unfold(page, 'CreateDocument');
  await input(page, 'CreateDocument', 'displayName').fill('Paper');
  await input(page, 'CreateDocument', 'agendaItem').selectOption(item.name);
  await input(page, 'CreateDocument', 'file').setInputFiles({name: 'paper.txt', mimeType: 'text/plain', buffer: Buffer.from('What it says')});
  await loseReplies(page, 1);  // of the record, before the file is sent
  await submit(page, 'CreateDocument');
  await isTold(page, 'The document is entered');
  const {documents} = await get(`meetings/${fresh('ahg-18')}/documents`);
  assert.deepEqual(documents.map(({displayName, content}) => [displayName, content.sizeBytes, content.mediaType]), [['Paper', '12', 'text/plain']]);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.agenda').getByText('Download').click()]);
  assert.equal((await download.createReadStream().then((stream) => stream.toArray())).join(''), 'What it says');

  for (const [method, state] of [['ConveneMeeting', 'convened'], ['ConcludeMeeting', 'concluded']]) {
    await unfold(page, method);
    await submit(page, method);
    await isTold(page, `The meeting is ${state}`);
    await page.locator(`.tag.${state}`).first().waitFor();
  }
  assert.equal((await get(`meetings/${fresh('ahg-18')}`)).state, 'CONCLUDED');
  await close();
});

test('the member that leads an action item adds a progress note, and another isn’t asked to', async () => {
  await send('POST', 'actionItems', {body: 'bodies/ahg', displayName: 'Numbers', leadMember: 'members/aus'}, {actionItemId: fresh('noted')});
  const nzl = await visit('nzl', `/actionItems/${fresh('noted')}`);
  assert.equal(await form(nzl.page, 'AddProgressNote').count(), 0);
  const {page, close} = await visit('member', `/actionItems/${fresh('noted')}`);
  await unfold(page, 'AddProgressNote');
  await input(page, 'AddProgressNote', 'text').fill('Half of it is done.');
  const sent = changesOf(page);
  await form(page, 'AddProgressNote').locator('button[type=submit]').dblclick();
  await isTold(page, 'The note is recorded');
  await nzl.page.getByText('Half of it is done.').waitFor();
  assert.equal(sent.length, 1);
  assert.ok(sent[0].etag && sent[0].key);
  const {progressNotes} = await get(`actionItems/${fresh('noted')}`);
  assert.deepEqual(progressNotes.map(({member, text}) => [member, text]), [['members/aus', 'Half of it is done.']]);
  await Promise.all([close(), nzl.close()]);
});

test('a token that isn’t good any more loses nothing that was typed', async () => {
  await send('POST', 'actionItems', {body: 'bodies/ahg', displayName: 'Later', leadMember: 'members/aus'}, {actionItemId: fresh('later')});
  const {page, close} = await visit('member', `/actionItems/${fresh('later')}`);
  await unfold(page, 'AddProgressNote');
  await input(page, 'AddProgressNote', 'text').fill('Typed with care.');
  const spoil = (route) => route.continue({headers: {...route.request().headers(), authorization: 'Bearer spoiled'}});
  await page.route('**/*:addProgressNote', spoil);
  await submit(page, 'AddProgressNote');
  await form(page, 'AddProgressNote').getByRole('alert').waitFor();
  await page.unroute('**/*:addProgressNote', spoil);
  assert.equal(await input(page, 'AddProgressNote', 'text').inputValue(), 'Typed with care.');
  await submit(page, 'AddProgressNote');
  await isTold(page, 'The note is recorded');
  await close();
});
