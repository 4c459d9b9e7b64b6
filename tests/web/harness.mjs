// What tests of the pages share: a browser for each role, what it complained of, what it was told.
//
// The program run.py starts the suite with the record of 2024, and says in BALI_WEB where it is:
// {url, tokens: {member, secretariat}, shots, issuer}.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {chromium, request} from 'playwright-core';

export const setup = JSON.parse(process.env.BALI_WEB);
export const ROLES = ['public', 'member', 'secretariat'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// The browser knows no other machine.
const ALONE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
const EXECUTABLE = '/usr/bin/chromium-headless-shell';
const PATIENCE = 15_000;
export const PHONE = {width: 360, height: 740};
export const DESK = {width: 1200, height: 900};

let browser;
after(() => browser?.close());

// A page of its own context, signed in as the role. `seen` has what went on in it:
// {problems: what the console, the policy and failing scripts said, replies: [{url, text}]}.
export async function open(role, {viewport = DESK, scheme = 'light', token = setup.tokens[role], ...more} = {}) {
  browser ??= await chromium.launch({executablePath: EXECUTABLE, args: ['--no-sandbox', ALONE]});
  const context = await browser.newContext({viewport, colorScheme: scheme, ignoreHTTPSErrors: true,
    baseURL: setup.url, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Asia/Kuala_Lumpur', ...more});
  context.setDefaultTimeout(PATIENCE);
  if (token) {
    await context.addInitScript((it) => {
      if (!sessionStorage.getItem('bali.session')) sessionStorage.setItem('bali.session', JSON.stringify({token: it}));
    }, token);
  }
  const page = await context.newPage();
  const seen = {problems: [], replies: [], waiting: []};
  page.on('console', (message) => {
    // Pages of a provider may ask for what is elsewhere; ours may not, and the policy says so here.
    const {url} = message.location();
    if (url && !url.startsWith(setup.url)) return;
    if (['error', 'warning'].includes(message.type())) seen.problems.push(message.text());
  });
  page.on('pageerror', (error) => seen.problems.push(error.stack));
  watchReplies(page, seen);
  return {page, seen, close: () => context.close()};
}

// How many calls of a page are under way. A watch never ends.
const underWay = new WeakMap();
const isCall = (url) => url.includes('/v1/') && !url.includes(':watchChanges');

function watchReplies(page, seen) {
  const add = (number) => (one) => isCall(one.url()) && underWay.set(page, underWay.get(page) + number);
  underWay.set(page, 0);
  page.on('request', add(1));
  page.on('requestfinished', add(-1));
  page.on('requestfailed', add(-1));
  page.on('response', (response) => {
    if (!isCall(response.url())) return;
    seen.waiting.push(response.text().catch(() => '').then((text) =>
      seen.replies.push({url: response.url(), status: response.status(), text})));
  });
}

// Waits until the page of the address is there with all that it asked for, and with what that leads to.
export async function ready(page) {
  await page.waitForSelector('main[aria-busy=false] h1');
  await page.waitForFunction(() => !document.querySelector('main .loading'));
  const end = Date.now() + PATIENCE;
  for (let quiet = 0; quiet < 3; quiet = underWay.get(page) ? 0 : quiet + 1) {
    assert.ok(Date.now() < end, 'the page goes on asking');
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

export async function visit(role, path, options) {
  const opened = await open(role, options);
  await opened.page.goto(path);
  await ready(opened.page);
  return opened;
}

// What axe-core finds against the page as it stands.
export async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
  return found.violations.map((one) =>
    `${one.id}: ${one.help}\n  ${one.nodes.map((node) => node.html + ' ' + node.failureSummary).join('\n  ')}`);
}

// Whether the page is wider than its window, which on a phone has it scroll sideways.
const isTooWide = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth > document.documentElement.clientWidth);

async function shoot(page, name) {
  if (setup.shots) await page.screenshot({path: join(setup.shots, `${name}.png`), fullPage: true});
}

// One page for one role: it shows and doesn't show what the row says, nothing complains, axe-core finds
// nothing in either scheme, and it fits on a phone.
async function tryPage(row, role) {
  const {page, seen, close} = await visit(role, row.path);
  try {
    const text = await page.locator('main').innerText();
    const of = (what) => [what ?? []].flat().concat(row[role]?.shows ?? []);
    for (const one of of(row.shows)) {
      assert.ok(one instanceof RegExp ? one.test(text) : text.includes(one), `${one} isn’t shown in: ${text.slice(0, 3000)}`);
    }
    await Promise.all(seen.waiting);
    for (const one of row[role]?.hides ?? []) {
      assert.ok(!text.includes(one), `${one} is shown`);
      for (const reply of seen.replies) assert.ok(!reply.text.includes(one), `${one} is in ${reply.url}`);
    }
    assert.deepEqual(await violations(page), []);
    const name = `${row.name ?? row.path.replaceAll(/\W+/g, '-').slice(1)}-${role}`;
    await shoot(page, name);
    if (role === 'secretariat') {  // who sees most
      await page.emulateMedia({colorScheme: 'dark'});
      assert.deepEqual(await violations(page), []);
      await page.setViewportSize(PHONE);
      assert.ok(!(await isTooWide(page)), 'it is wider than a phone');
      await shoot(page, `${name}-phone`);
    }
    assert.match(await page.title(), row.title ?? /./);
    assert.deepEqual(seen.problems.filter((one) => !row.expects?.test(one)), []);
  } finally {
    await close();
  }
}

// A test for each page and role. A row is {path, title: /…/, shows: [text or /…/], name: of its picture,
// public: {shows, hides}, member: {…}, secretariat: {…}, expects: /console messages that are right/}.
// What is hidden isn't in any reply that the page got.
export function tryPages(rows) {
  for (const row of rows) {
    for (const role of ROLES) test(`${row.path} for ${role}`, () => tryPage(row, role));
  }
}

// A call of the JSON interface as a role, beside any page: the reply's JSON. What isn't answered with
// success fails the test.
export async function call(role, verb, path, body) {
  const context = await request.newContext({ignoreHTTPSErrors: true, baseURL: setup.url});
  const token = setup.tokens[role];
  const reply = await context.fetch(path, {method: verb, data: body,
    headers: token ? {authorization: `Bearer ${token}`} : {}});
  const text = await reply.text();
  assert.ok(reply.ok(), `${verb} ${path}: ${reply.status()} ${text}`);
  await context.dispose();
  return JSON.parse(text);
}
