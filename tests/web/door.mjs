// The JSON interface beside the pages: what tests prepare there, and what was really done.

import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after} from 'node:test';
import {request} from 'playwright-core';
import {setup} from './harness.mjs';

const doors = new Map();
after(() => Promise.all([...doors.values()].map((door) => door.dispose())));

async function doorOf(role) {
  if (!doors.has(role)) {
    doors.set(role, await request.newContext({baseURL: setup.url, ignoreHTTPSErrors: true,
      extraHTTPHeaders: {authorization: `Bearer ${setup.tokens[role]}`}}));
  }
  return doors.get(role);
}

async function answered(response) {
  const reply = await response.json();
  assert.ok(response.ok(), `${response.url()}: ${reply.message}`);
  return reply;
}

export async function get(path, params, role = 'secretariat') {
  return answered(await (await doorOf(role)).get(`/v1/${path}`, {params}));
}

export async function send(method, path, data, params, role = 'secretariat') {
  return answered(await (await doorOf(role)).fetch(`/v1/${path}`,
    {method, data, params, headers: {'idempotency-key': randomUUID()}}));
}
