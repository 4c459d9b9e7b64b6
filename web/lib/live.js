// What changes while a page is open: a watch of each service by fetch, for callers with a token; for
// others the page asks again after a while.

import {request} from './api.js';
import {createContext, useContext, useEffect, useRef} from './html.js';
import {kindOfType} from './resources.js';
import {caller} from './session.js';

const ASK_AGAIN = 30_000;      // without a token
const FIRST_PAUSE = 1_000;     // after a watch that broke off; then doubled
const LONGEST_PAUSE = 60_000;

const pause = (time, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, time);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, {once: true});
});

// The messages of a stream, one JSON text a line.
async function* linesOf(response) {
  let text = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (text + value).split('\n');
    text = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
}

// Calls `onChange` with each change of resources of these types. When a watch stood again after a
// break without its token, it calls it with nothing: something may have been missed.
async function watchService(service, types, onChange, signal) {
  let token = '';
  let wait = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      const response = await request('GET', `/v1/${service}:watchChanges`, {
        query: {types, resumeToken: token}, headers: {accept: 'application/x-ndjson'}, signal});
      for await (const message of linesOf(response)) {
        if (message.error) throw new Error(message.error.message);
        token = message.resumeToken || token;
        wait = FIRST_PAUSE;
        for (const change of message.changes) onChange(change);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.reason === 'HISTORY_COMPACTED') {
        token = '';
        onChange(undefined);
      }
      if ([401, 403].includes(error.status)) return;
    }
    await pause(wait, signal);
    wait = Math.min(2 * wait, LONGEST_PAUSE);
  }
}

async function askAgain(onChange, signal) {
  for (;;) {
    await pause(ASK_AGAIN, signal);
    if (signal.aborted) return;
    if (document.visibilityState === 'visible') onChange(undefined);
  }
}

// Watches resources of these types (`Meeting`, `Decision`): `onChange(change)`, or without a change
// when the page had better ask again. The reply ends it.
export function watch(types, onChange) {
  const end = new AbortController();
  if (!caller().signedIn) {
    askAgain(onChange, end.signal);
  } else {
    const services = new Map();
    for (const type of types) {
      const {service} = kindOfType(type);
      services.set(service, [...(services.get(service) ?? []), `baliprocess.net/${type}`]);
    }
    for (const [service, those] of services) watchService(service, those, onChange, end.signal);
  }
  return () => end.abort();
}

// How often the page was loaded since it was opened. What a part of a page asks for by itself (a list
// that goes on, what is asked for later) is asked for again when that grows.
export const Loads = createContext(0);
export const useLoads = () => useContext(Loads);

// In a View: `onChange` as of the last drawing is called. It begins anew when `session` changes.
export function useWatch(types, onChange, session) {
  const latest = useRef(onChange);
  latest.current = onChange;
  const key = types.join();
  useEffect(() => (key ? watch(key.split(','), (change) => latest.current(change)) : undefined), [key, session]);
}
