// Addresses of pages: with history, links that lead within the pages, and the place's query.

import {useEffect, useState} from './html.js';

const listeners = new Set();

// Where the reader is: {path, query (an object of texts), hash, scroll, key}. The key changes with each
// step; `scroll` is how far down the reader was who comes back.
let step = 0;

// What isn't well-formed stays as it is: then there is no such page.
function decoded(text, decode = decodeURI) {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

const read = () => ({
  path: decoded(location.pathname),
  query: Object.fromEntries(new URLSearchParams(location.search)),
  hash: decoded(location.hash.slice(1), decodeURIComponent),
  key: step,
});
let place = read();
export const placeNow = () => place;

function tell(scroll = 0) {
  step += 1;
  place = {...read(), scroll};
  for (const listener of listeners) listener(place);
}

export function usePlace() {
  const [now, setNow] = useState(place);
  useEffect(() => {
    listeners.add(setNow);
    return () => listeners.delete(setNow);
  }, []);
  return now;
}

export function go(address, {scroll} = {}) {
  history.pushState(null, '', address);
  tell(scroll);
}

// An address with a changed query; what is undefined or '' is left out.
export function addressWith(changes, {path = place.path, query = place.query} = {}) {
  const said = new URLSearchParams();
  for (const [key, value] of Object.entries({...query, ...changes})) {
    if (value !== undefined && value !== '') said.set(key, value);
  }
  return said.size ? `${path}?${said}` : path;
}

// Changes the query in place: a slider or a choice isn't a step that "back" takes back.
export function setQuery(changes) {
  history.replaceState(history.state, '', addressWith(changes));
  tell();
}

// The values of `{name}` in a pattern such as `/bodies/{body}`; `{name...}` takes all that follows.
// null when the path is another one.
export function match(pattern, path) {
  const values = {};
  const [want, have] = [pattern.split('/'), path.replace(/(.)\/$/, '$1').split('/')];
  for (const [index, part] of want.entries()) {
    const name = /^\{(\w+)(\.\.\.)?\}$/.exec(part);
    if (!name) {
      if (part !== have[index]) return null;
    } else if (name[2]) {
      values[name[1]] = have.slice(index).join('/');
      return values[name[1]] ? values : null;
    } else if (!have[index]) {
      return null;
    } else {
      values[name[1]] = have[index];
    }
  }
  return want.length === have.length ? values : null;
}

// Has links within the pages followed without loading anew. `isPage` says of a path whether it is one.
export function followLinks(isPage) {
  addEventListener('popstate', () => tell());
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    if (!isPage(decoded(link.pathname))) return;
    event.preventDefault();
    go(link.href);
  });
}
