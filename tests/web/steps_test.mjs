// What isn't of one page: steps between pages, live changes, the keyboard, a gateway that is away.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {call, open, ready, visit} from './harness.mjs';

const heading = (page) => page.locator('h1').innerText();

test('back and forward lead through the pages', async () => {
  const {page, seen, close} = await visit('public', '/now');
  await page.getByRole('link', {name: 'What we don’t know'}).click();
  await page.waitForFunction(() => document.title.startsWith('What we don’t know'));
  await ready(page);
  assert.equal(new URL(page.url()).pathname, '/unknown');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'reading goes on there');
  await page.goBack();
  await page.waitForFunction(() => document.title.startsWith('Now'));
  await page.goForward();
  await page.waitForFunction(() => document.title.startsWith('What'));
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation').length), 1);
  assert.deepEqual(seen.problems, []);
  await close();
});

test('what the pages are made of comes packed by brotli', async () => {
  const {page, close} = await open('public');
  const packed = [];
  page.on('response', (reply) => reply.url().includes('/assets/') && packed.push(reply.headers()['content-encoding']));
  await page.goto('/now');
  await ready(page);
  assert.ok(packed.length > 10);
  assert.deepEqual(new Set(packed), new Set(['br']));
  await close();
});

test('the keyboard alone is enough', async () => {
  const {page, close} = await visit('public', '/now');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('steering');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search\?query=steering/);
  await close();
});

test('what changes shows at once to who is signed in', async () => {
  const {page, close} = await visit('member', '/now');
  await call('secretariat', 'POST', '/v1/meetings?meetingId=live', {body: 'bodies/sg', displayName: 'A live meeting'});
  await page.getByText('A live meeting').first().waitFor({timeout: 5000});
  await call('secretariat', 'PATCH', '/v1/meetings/live', {venue: {city: 'Suva'}});
  await page.getByText('Suva').first().waitFor({timeout: 5000});
  await call('secretariat', 'DELETE', '/v1/meetings/live');
  await page.waitForFunction(() => !document.querySelector('#meetings')?.textContent.includes('A live meeting'));
  await close();
});

test('a list that goes on is live, and keeps its rows where very many are shown', async () => {
  const {page, close} = await visit('member', '/meetings');
  const create = (id, displayName) =>
    call('secretariat', 'POST', `/v1/meetings?meetingId=${id}`, {body: 'bodies/sg', displayName});
  await create('listed', 'A listed meeting');
  await page.getByRole('link', {name: 'A listed meeting'}).waitFor();
  await page.route('**/v1/meetings?**', (route) => route.fulfill({json: {nextPageToken: '',
    meetings: Array.from({length: 950}, (_, index) => ({name: `meetings/many-${index}`, displayName: `Many ${index}`}))}}));
  await call('secretariat', 'PATCH', '/v1/meetings/listed', {summary: 'Changed'});
  await page.getByText('Many 949').waitFor();
  await page.unroute('**/v1/meetings?**');
  await call('secretariat', 'DELETE', '/v1/meetings/listed');
  await page.getByRole('status').getByText('Something has changed').waitFor();
  assert.equal(await page.getByText('Many 949').count(), 1);
  await page.getByRole('button', {name: 'Read the list anew'}).click();
  await page.getByRole('link', {name: '17th Ad Hoc Group meeting'}).waitFor();
  assert.equal(await page.getByText('A listed meeting').count(), 0);
  await close();
});

test('who belongs to a body, and what others are called, is live', async () => {
  await call('secretariat', 'POST', '/v1/bodies?bodyId=parent', {kind: 'WORKING_GROUP', displayName: 'A parent'});
  await call('secretariat', 'POST', '/v1/bodies?bodyId=live',
    {kind: 'WORKING_GROUP', displayName: 'Live Group', parentBody: 'bodies/parent'});
  const {page, close} = await visit('member', '/bodies/live');
  await page.getByRole('link', {name: 'A parent'}).waitFor();
  await call('secretariat', 'POST', '/v1/bodies/live/seats?seatId=nzl', {member: 'members/nzl', role: 'PARTICIPANT',
    term: {startDate: {year: 2020}}});
  await page.getByRole('status').getByText(/: 1 member/).waitFor();
  await call('secretariat', 'PATCH', '/v1/bodies/parent', {displayName: 'Renamed'});
  await page.getByRole('link', {name: 'Renamed'}).waitFor();
  await close();
});

test('a history tells who changed what, field by field', async () => {
  await call('secretariat', 'POST', '/v1/externalForums?externalForumId=forum', {displayName: 'A forum'});
  await call('secretariat', 'PATCH', '/v1/externalForums/forum', {displayName: 'The forum', shortName: 'TF'});
  const {page, close} = await visit('secretariat', '/history/externalForums/forum');
  const newest = page.locator('article').first();
  assert.match(await newest.locator('header').innerText(), /updated .* by secretariat@test \(update external forum\)/);
  assert.equal(await newest.locator('del').innerText(), 'A forum');
  assert.deepEqual(await newest.locator('ins').allInnerTexts(), ['The forum', 'TF']);
  await call('secretariat', 'DELETE', '/v1/externalForums/forum');
  await page.locator('article').nth(2).waitFor();  // live
  await close();
});

test('a lost connection is told, and tried again when asked', async () => {
  const {page, close} = await open('public');
  await page.route('**/v1/**', (route) => route.abort());
  await page.goto('/now');
  await page.getByText('can’t be reached').waitFor();
  await page.unroute('**/v1/**');
  await page.getByRole('button', {name: 'Try again'}).click();
  await page.getByText('Ninth Ministerial Conference').first().waitFor();
  assert.equal(await heading(page), 'Now');
  await close();
});

test('where no answer comes for a page that is open, what was there stays', async () => {
  const {page, close} = await visit('member', '/now');
  await page.route('**/v1/**', (route) => route.abort());
  await call('secretariat', 'POST', '/v1/meetings?meetingId=later', {body: 'bodies/sg', displayName: 'A later meeting'});
  await page.getByRole('alert').getByText('can’t be reached').waitFor();
  assert.equal(await page.getByText('Ninth Ministerial Conference').first().isVisible(), true);
  assert.equal(await heading(page), 'Now');
  await page.unroute('**/v1/**');
  await page.getByRole('button', {name: 'Try again'}).click();
  await page.getByText('A later meeting').first().waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await call('secretariat', 'DELETE', '/v1/meetings/later');
  await close();
});

test('what isn’t there is told as a page', async () => {
  for (const path of ['/history/meetings/none', '/history/nonsense']) {
    const {page, close} = await visit('secretariat', path);
    assert.match(await page.locator('main').innerText(), /It isn’t there/);
    await close();
  }
});
