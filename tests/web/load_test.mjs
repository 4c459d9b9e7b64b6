// The pages before a large record: 5,000 meetings and 100,000 participations. By hand: run.py load.
// Times are those of this machine; 1 s is meant for a quiet one.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {open, ready, visit} from './harness.mjs';

const MOST = Number(process.env.BALI_FIRST_PAINT_MS ?? 1000);
const PAGES = ['/now', '/bodies', '/bodies/wg-disruption', '/members', '/members/aus', '/meetings', '/calendar',
  '/decisions', '/figures?body=bodies/rso&period=2023', '/unknown', '/search?query=meeting'];

// Milliseconds from the address to the page's own heading, and to all that it shows.
async function times(path) {
  const {page, close} = await open('member');
  await page.goto('/sign-in');  // the scripts are in the browser's cache, as on any page but the first
  await ready(page);
  const begin = Date.now();
  await page.goto(path, {waitUntil: 'commit'});
  await page.waitForFunction(() => {
    const heading = document.querySelector('main h1');
    return heading && heading.textContent !== '…';
  });
  const first = Date.now() - begin;
  await ready(page);
  const whole = Date.now() - begin;
  await close();
  return {first, whole};
}

for (const path of PAGES) {
  test(path, async () => {
    const {first, whole} = await times(path);
    console.log(`${path}: heading after ${first} ms, all after ${whole} ms`);
    assert.ok(first < MOST, `${first} ms`);
  });
}

test('a list of meetings goes on as it is scrolled', async () => {
  const {page, close} = await visit('member', '/meetings');
  const rows = () => page.locator('main tbody tr').count();
  const before = await rows();
  for (let turn = 0; turn < 20 && await rows() < before + 100; turn += 1) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(100);
  }
  assert.ok(await rows() > before);
  await close();
});
