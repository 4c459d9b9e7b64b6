// Search over all services: one list of each, since each ranks its own.

import {ApiError, get} from '../lib/api.js';
import {html} from '../lib/html.js';
import {go} from '../lib/router.js';
import {kindOf, kindOfType, kinds, SERVICES} from '../lib/resources.js';
import {Problem, RecordLink, Section} from '../parts/basic.js';

const TITLES = {membership: 'Members and bodies', meetings: 'Meetings and decisions', capacity: 'Capacity-building'};
const PAGE = 50;

const queryOf = ({query, type, below}, service) => ({
  query, parent: below, pageSize: PAGE,
  types: type && kindOfType(type)?.service === service ? `baliprocess.net/${type}` : undefined,
});

// A type or a parent belongs to one service: the others aren't asked.
const isAsked = ({type, below}, service) =>
  (!type || kindOfType(type)?.service === service) && (!below || kindOf(below)?.service === service);

async function searchIn(service, query, signal) {
  if (!isAsked(query, service)) return {service, results: []};
  try {
    return {service, ...await get(`/v1/${service}:search`, queryOf(query, service), {signal})};
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return {service, results: [], error};
  }
}

// The words of the query stand out in a text. Nothing but text is made of it.
export function marked(text, query) {
  const found = query.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (!found.length) return text;
  const pieces = text.split(new RegExp(`(${found.join('|')})`, 'giu'));
  return pieces.map((piece, index) => (index % 2 ? html`<mark>${piece}</mark>` : piece));
}

const Hit = ({hit, query}) => html`<li>
  <${RecordLink} name=${hit.name} text=${hit.title} /> <small class="kind">${kindOf(hit.name)?.label}</small>
  ${hit.snippet && html`<br /><small>${marked(hit.snippet, query)}</small>`}</li>`;

const Hits = ({found, query}) => found.error
  ? html`<${Section} id=${found.service} title=${TITLES[found.service]}><${Problem} error=${found.error} /></${Section}>`
  : found.results.length ? html`<${Section} id=${found.service} title=${TITLES[found.service]}>
      <ul>${found.results.map((hit) => html`<${Hit} key=${hit.name} hit=${hit} query=${query} />`)}</ul>
      ${found.nextPageToken && html`<p class="unknown">There is more: say more words, or a type.</p>`}</${Section}>` : null;

function Narrow({query}) {
  const submit = (event) => {
    event.preventDefault();
    const said = [...new FormData(event.target)].filter(([, value]) => value);
    go(`/search?${new URLSearchParams(said)}`);
  };
  return html`<form onSubmit=${submit} key=${JSON.stringify(query)}>
    <label for="words">Words</label>
    <input id="words" type="search" name="query" maxlength="256" value=${query.query ?? ''} required />
    <label for="type">Type</label>
    <select id="type" name="type">
      <option value="">all</option>
      ${kinds().map(({type, label}) => html`<option value=${type} selected=${type === query.type}>${label}</option>`)}
    </select>
    <button type="submit">Search</button></form>`;
}

export default {
  title: (data, {query}) => (query.query ? `Search: ${query.query}` : 'Search'),

  load: async ({query, signal}) => (query.query?.trim()
    ? Promise.all(SERVICES.map((service) => searchIn(service, query, signal))) : []),

  View({data, query}) {
    const none = query.query && data.every((one) => !one.error && !one.results.length);
    return html`<${Narrow} query=${query} />
      <div role="status">${none && html`<p class="unknown">Nothing that you may see has all of these words.</p>`}</div>
      ${data.map((one) => html`<${Hits} key=${one.service} found=${one} query=${query.query} />`)}`;
  },
};
