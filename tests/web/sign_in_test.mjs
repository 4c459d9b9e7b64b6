// Signing in at a provider that isn't ours, staying signed in, and signing out for real.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {open, ready, setup} from './harness.mjs';

const PERSON = '/history/officials/aus-1';  // for members

async function signIn(page, login) {
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.waitForURL((url) => url.href.startsWith(setup.issuer));
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByText('Authorize').first().waitFor();
  await page.locator('button[type=submit]').click();
  await page.waitForURL((url) => url.href.startsWith(setup.url) && !url.search.includes('code='));
  await ready(page);
}

const token = (page) => page.evaluate(() => JSON.parse(sessionStorage.getItem('bali.session'))?.token);

test('a member signs in, stays so, and signs out', async () => {
  const {page, seen, close} = await open('public');
  await page.goto(PERSON);
  await ready(page);
  await page.getByRole('link', {name: 'Sign in'}).first().click();
  await ready(page);
  assert.match(await page.locator('main').innerText(), new RegExp(new URL(setup.issuer).host));
  await signIn(page, 'australia');

  assert.equal(new URL(page.url()).pathname, PERSON, 'the reader is back where they were');
  assert.match(await page.locator('main').innerText(), /Lynn Bell/);
  assert.equal(await page.locator('.account').innerText(), 'AUS');
  const kept = await page.evaluate(() => ({local: localStorage.length, cookies: document.cookie}));
  assert.deepEqual(kept, {local: 0, cookies: ''});

  const first = await token(page);
  await page.waitForFunction((old) => JSON.parse(sessionStorage.getItem('bali.session')).token !== old, first);
  assert.match(await page.locator('main').innerText(), /Lynn Bell/, 'renewal is silent');
  await page.reload();
  await ready(page);
  assert.match(await page.locator('main').innerText(), /Lynn Bell/);

  await page.goto('/sign-in');
  await ready(page);
  await page.getByRole('button', {name: 'Sign out'}).click();
  await page.waitForURL((url) => url.href.startsWith(setup.issuer));
  await page.getByRole('button', {name: /yes/i}).click();
  await page.waitForURL((url) => url.href.startsWith(setup.url));
  await ready(page);
  assert.equal(await token(page), undefined);
  await page.goto(PERSON);
  await ready(page);
  assert.doesNotMatch(await page.locator('main').innerText(), /Lynn Bell/);
  await page.goto('/sign-in');
  await ready(page);
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.locator('input[name=login]').waitFor();  // the provider asks again who it is
  assert.deepEqual(seen.problems.filter((one) => !/40[14]/.test(one)), []);
  await close();
});

// As an operator has it who gives no refresh tokens: --oidc_scope=openid.
async function askForNoRefreshToken(page) {
  await page.route('**/settings.json', async (route) => {
    const settings = await (await route.fetch()).json();
    settings.signIn.scope = 'openid';
    await route.fulfill({json: settings});
  });
}

const session = (page) => page.evaluate(() => JSON.parse(sessionStorage.getItem('bali.session')));

test('without a refresh token, the provider’s own session goes on, though not under somebody’s hands', async () => {
  const {page, seen, close} = await open('public');
  await askForNoRefreshToken(page);
  await page.goto('/sign-in?to=/meetings/mc-9');
  await ready(page);
  await signIn(page, 'australia');
  const {token: first, refreshToken} = await session(page);
  assert.equal(refreshToken, undefined);

  const form = page.locator('[data-action="CreateDelegation"]');
  await form.locator('summary').first().click();
  await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('bali.session')).ends < Date.now() - 1000);
  assert.equal(await form.locator('form').isVisible(), true);
  assert.equal(await token(page), first);
  await form.locator('summary').first().click();
  await page.waitForFunction((old) => ![old, undefined].includes(JSON.parse(sessionStorage.getItem('bali.session'))?.token), first);
  await ready(page);
  assert.equal(new URL(page.url()).pathname, '/meetings/mc-9', 'the reader is where they were');
  assert.equal(await page.locator('.account').innerText(), 'AUS');

  await page.context().clearCookies();  // the provider knows nobody any more
  await page.evaluate(() => sessionStorage.setItem('bali.session', JSON.stringify(
    {...JSON.parse(sessionStorage.getItem('bali.session')), ends: Date.now(), renewed: 0})));
  await page.reload({waitUntil: 'commit'});
  await page.getByRole('link', {name: 'Sign in'}).first().waitFor();
  assert.equal(await token(page), undefined);
  assert.equal(new URL(page.url()).pathname, '/meetings/mc-9');
  assert.deepEqual(seen.problems.filter((one) => !/40[14]/.test(one)), []);
  await close();
});

test('what comes back must be what was asked for', async () => {
  const {page, close} = await open('public');
  await page.goto('/sign-in?code=stolen&state=other');
  await ready(page);
  assert.match(await page.locator('main').innerText(), /You aren’t signed in: it wasn’t begun in this tab/);
  await page.evaluate(() => sessionStorage.setItem('bali.sign-in',
    JSON.stringify({verifier: 'v', state: 'mine', nonce: 'n', to: '/now'})));
  await page.goto('/sign-in?code=stolen&state=other');
  await ready(page);
  assert.match(await page.locator('main').innerText(), /You aren’t signed in/);
  assert.equal(await token(page), undefined);
  await close();
});
