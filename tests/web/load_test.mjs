// The pages before a large record of demonstration data: 5,500 meetings, 26,000 delegations, some 100,000
// participations. By hand: run.py load. Times are those of this machine; 1 s is meant for a quiet one.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {open, ready, visit} from './harness.mjs';

const MOST = Number(process.env.BALI_FIRST_PAINT_MS ?? 1000);
const SLOW = 300;  // calls that take longer are told
const PAGES = ['/now', '/bodies', '/bodies/experts', '/members', '/members/fji', '/meetings', '/meetings/wg-disruption-4',
  '/calendar?year=2023', '/decisions', '/figures?body=bodies/support-office&period=2023', '/unknown',
  '/search?query=meeting', '/history/bodies/experts'];

// The calls that the page has made: how many, the bytes that came, and the slow ones.
async function callsOf(page) {
  const calls = await page.evaluate(() => performance.getEntriesByType('resource')
    .filter(({name}) => name.includes('/v1/'))
    .map(({name, duration, encodedBodySize}) => ({name, duration, size: encodedBodySize})));
  const slow = calls.filter(({duration}) => duration > SLOW)
    .map(({name, duration}) => `\n  ${duration.toFixed(0)} ms ${decodeURIComponent(name.replace(/^.*\/v1/, ''))}`);
  const kilobytes = calls.reduce((sum, {size}) => sum + size, 0) / 1024;
  return `${calls.length} calls, ${kilobytes.toFixed(0)} KiB${slow.join('')}`;
}

// Milliseconds from the address to what a reader looks for: the page's heading and the first of its
// contents; and to all that it shows.
async function times(path) {
  const {page, close} = await open('member');
  await page.goto('/sign-in');  // the scripts are in the browser's cache, as on any page but the first
  await ready(page);
  const begin = Date.now();
  await page.goto(path, {waitUntil: 'commit'});
  await page.waitForFunction(() => {
    const heading = document.querySelector('main h1');
    return heading && heading.textContent !== '…' && document.querySelector('main :is(table, dl, ul, article)');
  });
  const first = Date.now() - begin;
  await ready(page);
  const whole = Date.now() - begin;
  const calls = await callsOf(page);
  await close();
  return {first, whole, calls};
}

for (const path of PAGES) {
  test(path, async () => {
    const {first, whole, calls} = await times(path);
    console.log(`${path}: the first after ${first} ms, all after ${whole} ms; ${calls}`);
    assert.ok(first < MOST, `${first} ms`);
  });
}

test('a list of meetings goes on as it is scrolled', async () => {
  const {page, close} = await visit('member', '/meetings');
  const rows = page.locator('main tbody tr');
  const before = await rows.count();
  await rows.last().scrollIntoViewIfNeeded();
  await rows.nth(before).waitFor();
  await close();
});
