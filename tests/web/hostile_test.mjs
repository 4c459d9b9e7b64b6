// Every text of the record is hostile, and is shown as the text that it is: run.py has seen to that.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {visit} from './harness.mjs';

const PAGES = ['/now', '/bodies', '/bodies/sg', '/bodies/wg-disruption', '/bodies/tfpp', '/members',
  '/members/aus', '/meetings/ahg-17', '/meetings/mc-8', '/calendar', '/calendar?year=2024', '/decisions',
  '/figures?body=bodies/rso&period=2023', '/unknown', '/search?query=img',
  '/search?query=%3Cimg%20src=x%20onerror=globalThis.ran=1%3E', '/history/bodies/sg',
  '/history/officials/aus-1', '/history/strategies/adelaide', '/history/meetings/ahg-17',
  '/history/commitments/nzl-rso', '/history/%3Cimg%20src=x%20onerror=globalThis.ran=1%3E/x',
  '/sign-in?to=javascript:globalThis.ran=1', '/sign-in?to=//evil.example.org'];

for (const path of PAGES) {
  test(path, async () => {
    const {page, seen, close} = await visit('secretariat', path);
    page.on('dialog', () => seen.problems.push('a dialog'));
    const found = await page.evaluate(() => ({
      ran: globalThis.ran,
      made: document.querySelectorAll('main script, main img, main iframe, main [onerror], main [onload]').length,
      links: [...document.links].map((link) => link.href).filter((href) => !/^https?:/.test(href)),
    }));
    assert.deepEqual(found, {ran: undefined, made: 0, links: []});
    assert.deepEqual(seen.problems.filter((one) => !/40[04]/.test(one)), []);
    await close();
  });
}

test('the record is hostile indeed', async () => {
  const {page, close} = await visit('secretariat', '/history/meetings/ahg-17');
  const text = await page.locator('main').innerText();
  assert.match(text, /<img src=x onerror=/);
  await close();
});
