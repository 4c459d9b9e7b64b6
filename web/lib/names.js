// What resources are called, for links to them: asked for together, one list per kind, and kept. A
// resource that the caller may not see has no title here, and its name is shown.

import {all} from './api.js';
import {useEffect, useState} from './html.js';
import {useLoads} from './live.js';
import {kindOf, listPath, titleOf} from './resources.js';
import {onChange} from './session.js';

const MOST = 100;  // names in one filter
const SMALL = new Set(['members', 'bodies']);  // nearly every page needs several: all at once

let titles = new Map();  // by name; '' where there is none
let asked = new Map();   // by name, promises of those that are on their way
let batch = null;        // {names, done} of those that are asked for in this turn

onChange(() => {
  titles = new Map();
  asked = new Map();
});

async function ask(kind, names, into) {
  const filter = SMALL.has(kind.collection)
    ? undefined : names.map((name) => `name = "${name}"`).join(' OR ');
  for (const resource of await all(listPath(kind), {filter})) {
    into.set(resource.name, titleOf(resource));
  }
}

async function askAll(names, into) {
  const byKind = new Map();
  for (const name of names) {
    const kind = kindOf(name);
    if (kind) byKind.set(kind, [...(byKind.get(kind) ?? []), name]);
  }
  const calls = [];
  for (const [kind, those] of byKind) {
    for (let at = 0; at < those.length; at += MOST) {
      calls.push(ask(kind, those.slice(at, at + MOST), into));
    }
  }
  await Promise.allSettled(calls);  // a link without a title is still a link
  for (const name of names) if (!into.has(name)) into.set(name, '');
}

// Those of one turn go together.
function want(name) {
  if (!batch) {
    const mine = {names: new Set(), into: titles};
    mine.done = Promise.resolve().then(() => {
      batch = null;
      return askAll([...mine.names], mine.into);
    });
    batch = mine;
  }
  batch.names.add(name);
  asked.set(name, batch.done);
}

// Tells what a page has read anyway.
export function know(resources) {
  for (const resource of resources) titles.set(resource.name, titleOf(resource));
}

// A record that has changed may be called otherwise: it is asked for again where it is shown.
export function forget(name) {
  titles.delete(name);
  asked.delete(name);
}

// A map of the titles of these names, '' where there is none.
export async function titlesOf(names) {
  for (const name of names) if (!titles.has(name) && !asked.has(name)) want(name);
  const known = titles;
  await Promise.all(names.map((name) => asked.get(name)));
  return new Map(names.map((name) => [name, known.get(name) ?? '']));
}

// In a View: the title once it is known, '' until then.
export function useTitle(name) {
  const [known, setKnown] = useState({name, title: titles.get(name) ?? ''});
  const loads = useLoads();
  useEffect(() => {
    let current = true;
    titlesOf([name]).then((map) => current && setKnown({name, title: map.get(name)}));
    return () => { current = false; };
  }, [name, loads]);
  return known.name === name ? known.title : titles.get(name) ?? '';
}
