// The pages' frame: head, menu, the page of the address, foot.

import {html, render, useEffect, useErrorBoundary, useRef, useState} from './lib/html.js';
import {Loads, useWatch} from './lib/live.js';
import {forget} from './lib/names.js';
import {followLinks, go, match, usePlace} from './lib/router.js';
import {begin, caller, onChange} from './lib/session.js';
import {Loading, Problem} from './parts/basic.js';
import {MENU, PAGES} from './pages/index.js';

const NAME = 'Bali Process';
const RETRY_AFTER = 10_000;  // of an answer that didn’t come
const RELOAD_AFTER = 300;  // of a change, in milliseconds: others may follow at once

function find(path) {
  for (const [pattern, module] of PAGES) {
    const params = match(pattern, path);
    if (params) return {params, module};
  }
  return undefined;
}

// A module that isn't there any more is one of an older gateway: the page is loaded anew, once.
async function open(module) {
  try {
    return (await module()).default;
  } catch (error) {
    if (sessionStorage.getItem('bali.anew')) throw error;
    sessionStorage.setItem('bali.anew', '1');
    location.reload();
    return new Promise(() => {});
  }
}

// No answer, or one that says to come again.
const isPassing = ({status}) => status === 0 || status === 429 || status >= 500;

// {page, data, error, busy} of the address. While something is loaded again, what is there stays.
function usePage(place, session) {
  const [shown, setShown] = useState({busy: true});
  const [again, setAgain] = useState(0);
  const address = `${place.path}?${JSON.stringify(place.query)}#${session}`;
  useEffect(() => {
    const end = new AbortController();
    const found = find(place.path);
    const show = (next) => !end.signal.aborted && setShown((before) =>
      ({...next, ready: true, path: place.path, session, busy: false, loads: (before.loads ?? 0) + 1}));
    // What was there stays where there is no answer for now, and with it what somebody types in a form.
    const showError = (error, here) => !end.signal.aborted && setShown((before) => (
      before.ready && isPassing(error) ? {...before, error, busy: false}
        : {...here, error, path: place.path, session, busy: false}));
    const load = async () => {
      if (!found) return showError({status: 404, message: `There is no page at ${place.path}.`}, {});
      const {params, module} = found;
      let page;
      try {
        page = await open(module);
        sessionStorage.removeItem('bali.anew');
        const data = await page.load?.({params, query: place.query, signal: end.signal});
        return show({page, data, params, query: place.query});
      } catch (error) {
        if (error.name !== 'AbortError') showError(error, {page, params, query: place.query});
        return undefined;
      }
    };
    setShown((before) => (before.path === place.path && before.session === session
      ? {...before, busy: true} : {busy: true}));
    load();
    return () => end.abort();
  }, [address, again]);
  return [shown, () => setAgain((count) => count + 1)];
}

function Menu({path}) {
  const here = (address) => path === address || path.startsWith(`${address}/`) ||
    (address === '/now' && path === '/');
  return html`<nav aria-label="Pages"><ul>${MENU.map(([address, text]) => html`
    <li><a href=${address} aria-current=${here(address) ? 'page' : undefined}>${text}</a></li>`)}</ul></nav>`;
}

function Account({path}) {
  const who = caller();
  const to = path === '/sign-in' ? '/' : path + location.search;
  if (!who.signedIn) return html`<a href=${`/sign-in?to=${encodeURIComponent(to)}`}>Sign in</a>`;
  return html`<a href="/sign-in" title="Your sign-in">${who.member ? who.member.slice(8).toUpperCase() : who.roles.join(', ').toLowerCase() || who.subject}</a>`;
}

function Head({path}) {
  const search = (event) => {
    event.preventDefault();
    go(`/search?query=${encodeURIComponent(new FormData(event.target).get('query'))}`);
  };
  return html`<header class="head">
    <a class="skip" href="#content">To the content</a>
    <p class="brand"><a href="/">${NAME}</a></p>
    <form role="search" onSubmit=${search}><input type="search" name="query" aria-label="Search the record" placeholder="Search" maxlength="256" required /></form>
    <p class="account"><${Account} path=${path} /></p>
    <${Menu} path=${path} />
  </header>`;
}

// The heading has the focus after a step to another page, so that a screen reader reads on there.
function useFocus(place, ready) {
  const heading = useRef(null);
  const last = useRef(null);
  useEffect(() => {
    if (!ready || last.current === place.path) return;
    const first = last.current === null;
    last.current = place.path;
    const target = place.hash && document.getElementById(place.hash);
    if (target) {
      target.scrollIntoView();
    } else if (place.scroll) {
      scrollTo(0, place.scroll);
    } else if (!first) {
      heading.current?.focus({preventScroll: true});
      scrollTo(0, 0);
    }
  }, [place, ready]);
  return heading;
}

// Loads the page again after a change, though not before it is loaded: where very much changes, each
// load would end the one before.
function useReloads(shown, reload, session) {
  const timer = useRef(0);
  const now = useRef();
  now.current = {busy: shown.busy, reload};
  const due = () => {
    timer.current = 0;
    if (now.current.busy) later();
    else now.current.reload();
  };
  const later = () => { timer.current ||= setTimeout(due, RELOAD_AFTER); };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!shown.ready || !shown.error) return undefined;
    const again = setTimeout(() => now.current.reload(), RETRY_AFTER);
    return () => clearTimeout(again);
  }, [shown]);
  const {page, params, query} = shown;
  const watched = page?.watches ?? [];
  useWatch(typeof watched === 'function' ? watched({params, query}) : watched, (change) => {
    if (change) forget(change.resource);
    later();
  }, session);
}

// A View that fails is told in its place; the frame stays.
function View({page, data, params, query, reload}) {
  const [failure, again] = useErrorBoundary((error) => console.error(error));
  if (failure) {
    return html`<${Problem} error=${{status: 0, message: `This page can’t be drawn: ${failure.message}`}} retry=${again} />`;
  }
  return html`<${page.View} data=${data} params=${params} query=${query} reload=${reload} />`;
}

function Content({place, session}) {
  const [shown, reload] = usePage(place, session);
  useReloads(shown, reload, session);
  const {page, data, error, params, query} = shown;
  const ready = Boolean(error || page);
  const title = error && !shown.ready ? 'Not shown' : page ? page.title(data, {params, query}) : '';
  useEffect(() => {
    if (title) document.title = title === NAME ? title : `${title} · ${NAME}`;
  }, [title]);
  const heading = useFocus(place, ready);
  return html`<main id="content" tabindex="-1" aria-busy=${String(Boolean(shown.busy))}>
    <h1 ref=${heading} tabindex="-1">${title || '…'}</h1>
    ${error && html`<${Problem} error=${error} retry=${error.status === 404 ? undefined : reload} />`}
    ${shown.ready ? html`<${Loads.Provider} value=${shown.loads}>
        <${View} key=${shown.path} page=${page} data=${data} params=${params} query=${query} reload=${reload} />
      </${Loads.Provider}>`
    : !error && html`<${Loading} />`}
  </main>`;
}

function App() {
  const place = usePlace();
  const [session, setSession] = useState(0);
  useEffect(() => onChange(() => setSession((count) => count + 1)), []);
  return html`<${Head} path=${place.path} />
    <${Content} place=${place} session=${session} />
    <footer><small>What you see is what your sign-in may see. <a href="/docs">Interface for programs</a></small></footer>`;
}

followLinks((path) => Boolean(find(path)));
await begin();
render(html`<${App} />`, document.body);
