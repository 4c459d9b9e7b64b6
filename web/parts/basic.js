// The parts that nearly every page is made of.

import {dateText, momentText, rangeText, termText} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {useTitle} from '../lib/names.js';
import {addressOf, titleOf, words} from '../lib/resources.js';
import {caller} from '../lib/session.js';

// A link to a resource by its name. Its title is looked up unless the page has it: `text`. An official
// whom the caller may not see is one without a name: the address would lead nowhere.
export function RecordLink({name, text}) {
  const title = useTitle(text ? '' : name);
  if (!name) return null;
  if (name.startsWith('officials/') && !text && !title) return 'an official';
  const address = addressOf(name);
  const shown = text || title || name;
  return address ? html`<a href=${address}>${shown}</a>` : shown;
}

// A resource that the page has read.
export const ResourceLink = ({resource}) =>
  html`<${RecordLink} name=${resource.name} text=${titleOf(resource) || resource.name} />`;

// A date as it is known: `date`, or from `start` to `end`, or a `term`.
export function DateText({date, start, end, term, none = 'no date'}) {
  const text = term ? termText(term) : date ? dateText(date) : rangeText(start, end);
  return text ? html`<span class="date">${text}</span>` : html`<span class="unknown">${none}</span>`;
}

// A moment, with its zone.
export const Moment = ({time, zone}) =>
  time ? html`<time datetime=${time}>${momentText(time, zone)}</time>` : null;

// Who it is of a Party: {member} or {body} or {official} or {externalForum} or {displayName}.
export function PartyText({party}) {
  if (!party) return null;
  if (party.displayName) return party.displayName;
  const name = party.member || party.body || party.official || party.externalForum;
  return name ? html`<${RecordLink} name=${name} />` : null;
}

// Several things in one line: `of(item)` draws one.
export const Inline = ({items, of = (item) => item}) =>
  (items ?? []).map((item, index) => html`${index ? ', ' : ''}${of(item)}`);

// A state or another constant, in words.
export const Tag = ({value}) =>
  value && !String(value).endsWith('_UNSPECIFIED')
    ? html`<span class=${`tag ${String(value).toLowerCase()}`}>${words(value)}</span>` : null;

// Text of the record, with its lines.
export const Prose = ({text}) => text ? html`<p class="prose">${text}</p>` : null;

// A link to somewhere else, if the record has one that leads to the web.
export function OutsideLink({uri, text}) {
  const safe = /^https?:\/\//i.test(uri ?? '');
  return safe ? html`<a href=${uri} rel="noreferrer noopener">${text || uri}</a>` : text || uri || '';
}

// Where a record comes from.
export function Citations({citations}) {
  if (!citations?.length) return null;
  return html`<${Section} title="Sources" id="sources"><ul>${citations.map((one) => html`
    <li><${OutsideLink} uri=${one.uri} text=${one.title} />${one.date && html`, <${DateText} date=${one.date} />`}
      ${one.note && html`<br /><small>${one.note}</small>`}</li>`)}</ul></${Section}>`;
}

// A part of a page with its heading; left out when there is nothing in it and nothing to say of that.
export const Section = ({title, id, children}) =>
  html`<section id=${id} aria-labelledby=${`${id}-title`}><h2 id=${`${id}-title`}>${title}</h2>${children}</section>`;

// Facts of one thing: [[term, what it is]]. What is empty is left out.
export function Facts({facts}) {
  const there = facts.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false);
  return there.length ? html`<dl class="facts">${there.map(([term, value]) =>
    html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>` : null;
}

// A table. `columns` are [{head, cell(row), number}], the first one heads its row; `caption` says of
// what it is a table. Wide ones are scrolled within themselves, by keyboard too.
export function Table({caption, columns, rows, keyOf = (row, index) => row.name ?? index, empty = 'None on record.'}) {
  if (!rows.length) return html`<p class="unknown">${empty}</p>`;
  const cell = (column, row, index) => index
    ? html`<td class=${column.number && 'number'}>${column.cell(row)}</td>`
    : html`<th scope="row">${column.cell(row)}</th>`;
  return html`<div class="scrolled" role="region" aria-label=${caption} tabindex="0"><table>
    <caption>${caption}</caption>
    <thead><tr>${columns.map((one) => html`<th scope="col" class=${one.number && 'number'}>${one.head}</th>`)}</tr></thead>
    <tbody>${rows.map((row, at) => html`<tr key=${keyOf(row, at)}>${columns.map((one, index) => cell(one, row, index))}</tr>`)}</tbody>
  </table></div>`;
}

export const Loading = () => html`<p aria-busy="true" class="loading">Loading</p>`;

// What went wrong, and what the reader can do.
export function Problem({error, retry}) {
  const signedIn = caller().signedIn;
  const here = location.pathname + location.search;
  const advice = {
    404: signedIn ? 'It isn’t there, or not for you to see.' : 'It isn’t there, or only for those who sign in.',
    401: 'Your sign-in has ended, or this is for those who sign in.',
    403: 'This isn’t open to your role.',
    429: 'Too much was asked at once. Wait a moment.',
  }[error.status];
  return html`<div role="alert" class="problem"><p><strong>${advice ?? error.message}</strong></p>
    ${advice && error.message && html`<p><small>${error.message}</small></p>`}
    ${(error.status === 401 || (!signedIn && [403, 404].includes(error.status))) && html`<p><a href=${`/sign-in?to=${encodeURIComponent(here)}`}>Sign in</a></p>`}
    ${retry && html`<p><button type="button" onClick=${retry}>Try again</button></p>`}</div>`;
}
