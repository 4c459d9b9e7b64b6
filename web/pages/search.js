// Search over all services: one list of each, since each ranks its own.

import {all, ApiError, get} from '../lib/api.js';
import {html} from '../lib/html.js';
import {narrow} from '../lib/narrow.js';
import {go} from '../lib/router.js';
import {kindOf, kindOfType, kinds, SERVICES, titleOf} from '../lib/resources.js';
import {Problem, RecordLink, Section} from '../parts/basic.js';

const TITLES = {membership: 'Members and bodies', meetings: 'Meetings and decisions', capacity: 'Capacity-building'};
const PAGE = 100;

async function searchIn(service, {query, type, body, year}, signal) {
  // A type is of one service: the others aren't asked.
  if (type && kindOfType(type)?.service !== service) return {service, results: []};
  try {
    const types = type && `baliprocess.net/${type}`;
    const found = await get(`/v1/${service}:search`, {query, types, pageSize: PAGE}, {signal});
    return {service, ...found, results: await narrow(found.results, {body, year}, signal)};
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

const Choice = ({id, label, value, choices}) => html`<div><label for=${id}>${label}</label>
  <select id=${id} name=${id}><option value="">all</option>
    ${choices.map(([one, text]) => html`<option value=${one} selected=${one === value}>${text}</option>`)}
  </select></div>`;

function Narrow({query, bodies}) {
  const submit = (event) => {
    event.preventDefault();
    const said = [...new FormData(event.target)].filter(([, value]) => value);
    go(`/search?${new URLSearchParams(said)}`);
  };
  return html`<form onSubmit=${submit} key=${JSON.stringify(query)} class="narrow">
    <div><label for="words">Words</label>
      <input id="words" type="search" name="query" maxlength="256" value=${query.query ?? ''} required /></div>
    <${Choice} id="type" label="Type" value=${query.type} choices=${kinds().map(({type, label}) => [type, label])} />
    <${Choice} id="body" label="Body" value=${query.body} choices=${bodies.map((one) => [one.name, titleOf(one)])} />
    <div><label for="year">Year</label>
      <input id="year" type="number" name="year" min="1900" max="2200" value=${query.year ?? ''} /></div>
    <button type="submit">Search</button></form>`;
}

export default {
  title: (data, {query}) => (query.query ? `Search: ${query.query}` : 'Search'),

  async load({query, signal}) {
    const asked = query.query?.trim() ? SERVICES : [];
    const [bodies, ...found] = await Promise.all(
      [all('/v1/bodies', {}, {signal}), ...asked.map((service) => searchIn(service, query, signal))]);
    return {bodies, found};
  },

  View({data, query}) {
    const none = query.query && data.found.every((one) => !one.error && !one.results.length);
    return html`<${Narrow} query=${query} bodies=${data.bodies} />
      <div role="status">${none && html`<p class="unknown">Nothing that you may see has all of these words.</p>`}</div>
      ${data.found.map((one) => html`<${Hits} key=${one.service} found=${one} query=${query.query} />`)}`;
  },
};
