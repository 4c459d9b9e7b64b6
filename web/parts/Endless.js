// Lists that go on when the reader comes to their end: of a service's pages, read anew when the page is, or
// of what is there already.

import {page} from '../lib/api.js';
import {html, useEffect, useRef, useState} from '../lib/html.js';
import {useLoads} from '../lib/live.js';
import {Loading, Problem} from './basic.js';

const PAGE = 100;
// Of a list no longer than this, what is shown is read anew by itself. Behind it, rows would move under
// the eyes of who reads there, and each change would cost many pages: the reader says when.
const MOST_ANEW = 900;

const NEW = {items: [], next: undefined};

// What has come of the list: [{items, next, error, changed}, goOn(), readAnew()]. `next` is undefined
// before the first page and '' behind the last.
function useList(path, query) {
  const key = JSON.stringify([path, query]);
  const [state, setState] = useState({key, ...NEW});
  const current = state.key === key ? state : {key, ...NEW};
  // Numbers of requests: what an older one brings behind a newer one is late.
  const latest = useRef({asked: 0, shown: 0, anew: 0, mark: ''}).current;
  const ask = async (pageSize, pageToken, before) => {
    latest.asked += 1;
    const number = latest.asked;
    let next;
    try {
      const got = await page(path, {...query, pageSize}, {pageToken});
      next = {items: [...before, ...got.items], next: got.next, changed: before.length > 0 && current.changed};
    } catch (error) {
      next = {...current, error};
    }
    if (number < latest.shown) return;
    latest.shown = number;
    setState({...next, key});
  };
  const goOn = async () => {
    const mark = `${key} ${current.next}`;
    if (current.next === '' || latest.anew || latest.mark === mark) return;
    latest.mark = mark;
    await ask(PAGE, current.next, current.items);
    latest.mark = '';
  };
  const readAnew = async (size) => {
    latest.anew += 1;
    await ask(size, undefined, []);
    latest.anew -= 1;
  };
  const loads = useLoads();
  useEffect(() => {
    if (current.next === undefined) goOn();
    else if (current.items.length > MOST_ANEW) setState({...current, changed: true});
    else readAnew(current.items.length + PAGE);
  }, [key, loads]);
  return [current, goOn, () => readAnew(PAGE)];
}

const Changed = ({readAnew}) => html`<p role="status" class="unknown">Something has changed since.${' '}
  <button type="button" class="secondary small" onClick=${readAnew}>Read the list anew</button></p>`;

// What stands behind a list: `goOn` is called when the reader comes near. It is looked for anew whenever
// `drawn` is something else.
function useEnd(goOn, more, drawn) {
  const end = useRef(null);
  useEffect(() => {
    if (!end.current || !more) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some((one) => one.isIntersecting) && goOn(), {rootMargin: '600px'});
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [more, drawn]);
  return html`<p ref=${end}>${more ? html`<button type="button" class="secondary" onClick=${goOn}>More</button>` : null}</p>`;
}

// All of `items` is there, and is drawn by and by: (items) => …. Thousands of rows at once would keep the
// reader waiting.
export function ByAndBy({items, children}) {
  const [count, setCount] = useState(PAGE);
  const end = useEnd(() => setCount((before) => before + PAGE), count < items.length, count);
  return html`${children(items.slice(0, count))}${end}`;
}

// `children` draws all that has come: (items, ended) => …, where `ended` says that nothing follows; `path`
// and `query` are those of the list.
export function Endless({path, query = {}, children}) {
  const [list, goOn, readAnew] = useList(path, query);
  const end = useEnd(goOn, list.next, list.items);
  return html`${list.changed && html`<${Changed} readAnew=${readAnew} />`}
    ${list.next === undefined && !list.error ? html`<${Loading} />` : children(list.items, list.next === '')}
    ${list.error && html`<${Problem} error=${list.error} retry=${goOn} />`}
    ${end}`;
}
