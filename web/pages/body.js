// A body: what it is for, who belonged to it when, who held its posts, its meetings and decisions.

import {all, get, orElse, serverNow} from '../lib/api.js';
import {parseDate, termText} from '../lib/dates.js';
import {html, useState} from '../lib/html.js';
import {titlesOf} from '../lib/names.js';
import {historyOf, idOf, parentOf, words} from '../lib/resources.js';
import {ordinalText, seriesOf} from '../lib/series.js';
import {boundsOf, daysOf, today} from '../lib/spans.js';
import {Citations, DateText, Facts, Prose, RecordLink, ResourceLink, Section, Table, Tag}
  from '../parts/basic.js';
import {Basis} from '../parts/basis.js';
import {Composition} from '../parts/composition.js';
import {Endless} from '../parts/Endless.js';
import {TimeLine} from '../parts/time_line.js';

const endsOf = (records) => records.flatMap(({term}) => [term?.startDate, term?.endDate]);

const ofBody = (name) => `body = "${name}"`;

// Where a link to a seat or a liaison leads: to its row.
const Place = ({name, children}) => html`<span id=${name.split('/').slice(2).join('/')}>${children}</span>`;

const TERM = {head: 'From when until when', cell: ({term}) => html`<${DateText} term=${term ?? {}} none="not on record" />`};

const SEATS = [
  {head: 'Member', cell: (seat) => html`<${Place} name=${seat.name}><${RecordLink} name=${seat.member} /></${Place}>`},
  {head: 'Seat', cell: (seat) => html`<a href=${historyOf(seat.name)}>${words(seat.role)}</a>`},
  TERM,
  {head: 'Came about by', cell: (seat) => html`<${Basis} text=${seat.basis} />`},
];

const POSTS = [
  {head: 'Who', cell: (one) => html`<${RecordLink} name=${one.member ?? parentOf(one.name)} />`},
  {head: 'Post', cell: (one) => html`<a href=${historyOf(one.name)}>${one.title || words(one.post ?? one.role)}</a>`},
  {head: 'On behalf of', cell: (one) => html`<${RecordLink} name=${one.onBehalfOf} />`},
  TERM,
];

const MEETINGS = [
  {head: 'Number', cell: ({meeting, missing}) => (missing ? missingText(missing) : meeting.ordinal ? ordinalText(meeting.ordinal) : 'not numbered')},
  {head: 'Meeting', cell: ({meeting}) => meeting && html`<${ResourceLink} resource=${meeting} />`},
  {head: 'When', cell: ({meeting}) => meeting && html`<${DateText} start=${meeting.startDate} end=${meeting.endDate} />`},
  {head: 'Where', cell: ({meeting}) => meeting && [meeting.venue?.city, meeting.venue?.regionCode].filter(Boolean).join(', ')},
  {head: 'State', cell: ({meeting}) => meeting && html`<${Tag} value=${meeting.state} />`},
];

const DECISIONS = [
  {head: 'Decision', cell: (one) => html`<${ResourceLink} resource=${one} />`},
  {head: 'Kind', cell: (one) => words(one.kind)},
  {head: 'State', cell: (one) => html`<${Tag} value=${one.state} />`},
  {head: 'Meeting', cell: (one) => html`<${RecordLink} name=${one.meeting} />`},
];

const LIAISONS = [
  {head: 'With', cell: (one) => html`<${Place} name=${one.name}><${RecordLink} name=${one.externalForum} /></${Place}>`},
  {head: 'For', cell: (one) => one.purpose},
  TERM,
];

function missingText({first, last}) {
  const numbers = first === last ? ordinalText(first) : `${ordinalText(first)} to ${ordinalText(last)}`;
  return html`<span class="unknown">${numbers}: not on record</span>`;
}

const RANK = {CHAIR: 0, PARTICIPANT: 1, BODY_OBSERVER: 2};
const start = ({term}) => daysOf(term?.startDate)?.first ?? -Infinity;

// Chairs first, then by member; the earlier seats of a member first.
function inOrder(seats, titles) {
  const title = (seat) => titles.get(seat.member) || seat.member;
  return [...seats].sort((a, b) => RANK[a.role] - RANK[b.role] ||
    title(a).localeCompare(title(b), 'en') || start(a) - start(b));
}

function rulesText(rules) {
  if (!rules) return '';
  return [rules.consensus && 'by consensus', rules.silenceProcedure && 'by silence'].filter(Boolean).join(', ');
}

function About({body, parts}) {
  return html`<${Facts} facts=${[
    ['Kind', words(body.kind)],
    ['Acronym', body.shortName],
    ['Also called', body.otherNames.map(({text}) => text).join('; ')],
    ['Part of', body.parentBody && html`<${RecordLink} name=${body.parentBody} />`],
    ['Life', termText(body.term)],
    ['Decides', rulesText(body.decisionRules)],
    ['Parts', parts.length > 0 && parts.map((part, index) => html`${index > 0 && ', '}<${ResourceLink} resource=${part} />`)],
    ['Record', html`<a href=${historyOf(body.name)}>fields and history</a>`],
    ['Figures', html`<a href=${`/figures?body=${body.name}`}>reported and recorded</a>`],
    ['Calendar', html`<a href=${`/calendar?body=${body.name}`}>by month</a>`],
  ]} />
  <${Prose} text=${body.mandate} />`;
}

function Seats({seats, titles, bounds, day, name}) {
  const rows = seats.map((seat) => ({
    key: seat.name,
    term: seat.term,
    kind: seat.role.toLowerCase(),
    label: `${titles.get(seat.member) || seat.member}, ${words(seat.role)}`,
  }));
  return html`<${TimeLine} label=${`Seats of ${name} over time; the table below says the same`} rows=${rows} bounds=${bounds} day=${day} />
    <${Table} caption="Seats and their terms" columns=${SEATS} rows=${seats} empty="No seats are on record." />`;
}

function Posts({posts, titles, bounds, day, name}) {
  const who = (one) => one.member ?? parentOf(one.name);
  const rows = posts.map((one) => ({
    key: one.name,
    term: one.term,
    kind: 'chair',
    label: `${titles.get(who(one)) || who(one)}, ${one.title || words(one.post ?? one.role)}`,
  }));
  return html`<${TimeLine} label=${`Chairs and posts of ${name} over time; the table below says the same`} rows=${rows} bounds=${bounds} day=${day} />
    <${Table} caption="Chairs and posts and their terms" columns=${POSTS} rows=${posts} empty="No chairs or posts are on record." />`;
}

function View({data, query}) {
  const {body, seats, posts, liaisons, parts, titles, dates, day: now} = data;
  const asOf = parseDate(query.as_of);
  const [day, setDay] = useState(asOf ? daysOf(asOf).first : now);
  const bounds = boundsOf([...dates, asOf], now);
  return html`
    <${About} body=${body} parts=${parts} />
    <${Section} title="Who belonged to it" id="composition">
      <${Composition} key=${body.name} body=${body} seats=${seats} titles=${titles} dates=${dates} today=${now} asOf=${asOf} onDay=${setDay} />
      <${Seats} seats=${seats} titles=${titles} bounds=${bounds} day=${day} name=${body.displayName} />
    </${Section}>
    <${Section} title="Chairs and posts" id="posts">
      <${Posts} posts=${posts} titles=${titles} bounds=${bounds} day=${day} name=${body.displayName} />
    </${Section}>
    <${Section} title="Meetings" id="meetings">
      <${Endless} path="/v1/meetings" query=${{filter: ofBody(body.name), orderBy: 'ordinal desc'}}>
        ${(meetings, complete) => html`<${Table} caption="Meetings by their numbers, the latest first" columns=${MEETINGS}
          rows=${seriesOf(meetings, complete)} keyOf=${({meeting, missing}) => meeting?.name ?? missing.first} empty="No meetings are on record." />`}
      </${Endless}>
    </${Section}>
    <${Section} title="Decisions" id="decisions">
      <${Endless} path="/v1/decisions" query=${{filter: ofBody(body.name), orderBy: 'create_time desc'}}>
        ${(decisions) => html`<${Table} caption="Decisions, the latest first" columns=${DECISIONS} rows=${decisions} empty="No decisions are on record." />`}
      </${Endless}>
    </${Section}>
    <${Section} title="Liaisons" id="liaisons">
      <${Table} caption="Outside forums that the body works with" columns=${LIAISONS} rows=${liaisons} empty="No liaisons are on record." />
    </${Section}>
    <${Citations} citations=${body.citations} />`;
}

export default {
  title: (data) => data.body.displayName,
  watches: ['Body', 'Seat', 'Appointment', 'Liaison', 'Meeting', 'Decision'],

  async load({params, signal}) {
    const name = `bodies/${params.body}`;
    const [body, seats, liaisons, appointments, parts, meetings] = await Promise.all([
      get(`/v1/${name}`, {}, {signal}),
      all(`/v1/${name}/seats`, {}, {signal}),
      all(`/v1/${name}/liaisons`, {}, {signal}),
      all('/v1/officials/-/appointments', {filter: ofBody(name)}, {signal}),
      all('/v1/bodies', {filter: `parent_body = "${name}"`}, {signal}),
      get('/v1/meetings', {filter: `${ofBody(name)} AND start_date:*`, orderBy: 'start_date', pageSize: 1}, {signal}),
    ]);
    const chairs = seats.filter(({role}) => role === 'CHAIR');
    const titles = await titlesOf([...new Set([
      ...seats.map(({member}) => member), ...appointments.map((one) => parentOf(one.name))])]);
    const dates = [...endsOf([body, ...seats, ...appointments]), meetings.meetings[0]?.startDate];
    return {
      body, liaisons, parts, titles, dates,
      seats: inOrder(seats, titles),
      posts: [...inOrder(chairs, titles), ...appointments],
      day: today(serverNow()),
    };
  },

  View,
};
