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

test('a history tells who changed what, field by field', async () => {
  await call('secretariat', 'POST', '/v1/externalForums?externalForumId=forum', {displayName: 'A forum'});
  await call('secretariat', 'PATCH', '/v1/externalForums/forum', {displayName: 'The forum', shortName: 'TF'});
  const {page, close} = await visit('secretariat', '/history/externalForums/forum');
  const newest = page.locator('article').first();
  assert.match(await newest.locator('header').innerText(), /updated .* by secretariat@test \(update external forum\)/);
  assert.equal(await newest.locator('del').innerText(), 'A forum');
  assert.deepEqual(await newest.locator('ins').allInnerTexts(), ['The forum', 'TF']);
  await call('secretariat', 'DELETE', '/v1/externalForums/forum');
  await page.reload();
  await page.locator('article').nth(2).waitFor();
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

test('what isn’t there is told as a page', async () => {
  for (const path of ['/history/meetings/none', '/history/nonsense']) {
    const {page, close} = await visit('secretariat', path);
    assert.match(await page.locator('main').innerText(), /It isn’t there/);
    await close();
  }
});
