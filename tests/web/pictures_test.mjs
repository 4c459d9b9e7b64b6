// Makes the pictures of the README, into docs/pictures. By hand, when pages have changed: run.py pictures.

import {join} from 'node:path';
import {test} from 'node:test';

import {setup, visit} from './harness.mjs';

const PICTURES = [
  ['meeting', 'member', '/meetings/ahg-17'],
  ['body', 'public', '/bodies/ahg'],
  ['figures', 'public', '/figures?body=bodies/rso&period=2023'],
];

for (const [name, role, path] of PICTURES) {
  test(name, async () => {
    const {page, close} = await visit(role, path, {viewport: {width: 1000, height: 720}});
    await page.screenshot({path: join(setup.readme, `${name}.png`)});
    await close();
  });
}
