// A member: its seats over time, the meetings that it was at, and whom it sent to be trained.

import {all, get, serverNow} from '../lib/api.js';
import {countText, termQuery} from '../lib/counts.js';
import {html} from '../lib/html.js';
import {countsOf, delegationsOf} from '../lib/member_delegations.js';
import {titlesOf} from '../lib/names.js';
import {historyOf, parentOf, words} from '../lib/resources.js';
import {boundsOf, dateOf, daysOf, today} from '../lib/spans.js';
import {Citations, DateText, Facts, Inline, RecordLink, Section, Table, Tag} from '../parts/basic.js';
import {Basis} from '../parts/basis.js';
import {ByAndBy} from '../parts/Endless.js';
import {Later} from '../parts/later.js';
import {Squares} from '../parts/squares.js';
import {TimeLine} from '../parts/time_line.js';

const YEARS = 5;  // of which the trained are told

const TERM = {head: 'From when until when', cell: ({term}) => html`<${DateText} term=${term ?? {}} none="not on record" />`};

const SEATS = [
  {head: 'Body', cell: (seat) => html`<${RecordLink} name=${parentOf(seat.name)} />`},
  {head: 'Seat', cell: (seat) => html`<a href=${historyOf(seat.name)}>${words(seat.role)}</a>`},
  TERM,
  {head: 'Came about by', cell: (seat) => html`<${Basis} text=${seat.basis} />`},
];

const POSTS = [
  {head: 'Official', cell: (one) => html`<${RecordLink} name=${parentOf(one.name)} />`},
  {head: 'Post', cell: (one) => one.title || words(one.post)},
  {head: 'In', cell: (one) => html`<${RecordLink} name=${one.body} />`},
  TERM,
];

export const attendanceText = (attendance) =>
  attendance === 'ATTENDANCE_UNSPECIFIED' ? 'not recorded' : words(attendance);

const MEETINGS = [
  {head: 'Meeting', cell: ({meeting, delegation}) => html`<${RecordLink} name=${parentOf(delegation.name)} text=${meeting?.displayName} />`},
  {head: 'When', cell: ({meeting}) => html`<${DateText} start=${meeting?.startDate} end=${meeting?.endDate} />`},
  {head: 'Took part as', cell: ({delegation}) => words(delegation.capacity)},
  {head: 'Attendance', cell: ({delegation}) => html`<${Tag} value=${delegation.attendance} />
    ${delegation.attendance === 'ATTENDANCE_UNSPECIFIED' && html`<span class="unknown">not recorded</span>`}`},
];

const TRAINED = [
  {head: 'Year', cell: ({year}) => html`<a href=${`/figures?period=${year}`}>${year}</a>`},
  {head: 'Practitioners', number: true, cell: ({numbers}) => toldText(numbers?.practitioners)},
  {head: 'Attendances', number: true, cell: ({numbers}) => toldText(numbers?.attendances)},
];

const toldText = (count) => (count ? countText(count) : 'none on record');

// What is told of the practitioners whom the member sent, a row for each of the last years.
async function trainedOf(name, lastYear, signal) {
  const years = Array.from({length: YEARS}, (_, back) => lastYear - back);
  return Promise.all(years.map(async (year) => {
    const period = {startDate: {year}, endDate: {year}};
    const counts = await get('/v1/practitioners:count', {...termQuery('period', period), groupBy: 'MEMBER'}, {signal});
    return {year, numbers: counts.groups.find(({key}) => key === name)?.numbers};
  }));
}

function About({member}) {
  return html`<${Facts} facts=${[
    ['Is', words(member.kind)],
    ['Takes part as', words(member.category)],
    ['Formal name', member.formalName],
    ['Acronym', member.shortName],
    ['Also called', member.otherNames.map(({text}) => text).join('; ')],
    ['From when until when', html`<${DateText} term=${member.term ?? {}} none="not on record" />`],
    ['Came by', member.admissionBasis && html`<${Basis} text=${member.admissionBasis} />`],
    ['Left by', member.withdrawalBasis && html`<${Basis} text=${member.withdrawalBasis} />`],
    ['Before', member.earlierStandings.length > 0 && html`<${Inline} items=${member.earlierStandings}
      of=${({category, term}) => html`${words(category)} <${DateText} term=${term} />`} />`],
    ['Record', html`<a href=${historyOf(member.name)}>fields and history</a>`],
  ]} />`;
}

// What it was to the forum, the earliest first.
const standingsOf = (member) => [...member.earlierStandings, member].map(({category, term}) => ({
  key: category + JSON.stringify(term ?? {}),
  term,
  kind: category === 'FULL_MEMBER' ? 'participant' : 'body_observer',
  label: `The forum, ${words(category)}`,
}));

function Seats({member, seats, titles, day}) {
  const standings = standingsOf(member);
  const rows = seats.map((seat) => ({
    key: seat.name,
    term: seat.term,
    kind: seat.role.toLowerCase(),
    label: `${titles.get(parentOf(seat.name)) || parentOf(seat.name)}, ${words(seat.role)}`,
  }));
  const all = [...standings, ...rows];
  const bounds = boundsOf(all.flatMap(({term}) => [term?.startDate, term?.endDate]), day);
  return html`<${Section} title="Standing and seats" id="seats">
    <${TimeLine} label=${`Seats of ${member.displayName} over time; the tables say the same`} rows=${all} bounds=${bounds} day=${day} />
    <${Table} caption="Seats and their terms" columns=${SEATS} rows=${seats} empty="No seats are on record." />
  </${Section}>`;
}

function Attendances({rows, complete}) {
  const counts = countsOf(rows.map(({delegation}) => delegation));
  const said = counts.map(([attendance, count]) => `${attendanceText(attendance)} ${count}`).join(', ');
  const squares = [...rows].reverse().map(({delegation, meeting}) => ({
    key: delegation.name,
    kind: delegation.attendance.toLowerCase(),
    text: `${meeting?.displayName ?? delegation.name}: ${attendanceText(delegation.attendance)}`,
  }));
  return html`
    ${!complete && html`<p>There are more delegations than are looked at here: these are the first ${rows.length}.</p>`}
    ${rows.length > 0 && html`<p>Of ${rows.length} meetings with a delegation: ${said}.</p>
      <${Squares} label="Attendance, a square for each meeting, the earliest first; the table below says the same" squares=${squares}
        legend=${counts.map(([attendance]) => [attendance.toLowerCase(), attendanceText(attendance)])} />`}
    <${ByAndBy} items=${rows}>${(some) => html`
      <${Table} caption="Delegations, the latest first" columns=${MEETINGS} rows=${some} keyOf=${({delegation}) => delegation.name}
        empty="No delegations are on record." />`}</${ByAndBy}>`;
}

export default {
  title: (data) => data.member.displayName,
  watches: ['Member', 'Seat', 'Delegation', 'Appointment', 'Meeting'],

  async load({params, signal}) {
    const name = `members/${params.member}`;
    const day = today(serverNow());
    const [member, seats, posts] = await Promise.all([
      get(`/v1/${name}`, {}, {signal}),
      all('/v1/bodies/-/seats', {filter: `member = "${name}"`}, {signal}),
      all('/v1/officials/-/appointments', {filter: `on_behalf_of = "${name}"`}, {signal}),
    ]);
    const start = ({term}) => daysOf(term?.startDate)?.first ?? 0;
    const titles = await titlesOf([...new Set(seats.map((seat) => parentOf(seat.name)))]);
    return {member, posts, titles, day, seats: seats.sort((a, b) => start(a) - start(b))};
  },

  View({data}) {
    const {member, seats, posts, titles, day} = data;
    return html`
      <${About} member=${member} />
      <${Seats} member=${member} seats=${seats} titles=${titles} day=${day} />
      ${posts.length > 0 && html`<${Section} title="Posts" id="posts">
        <${Table} caption="Officials in posts on its behalf" columns=${POSTS} rows=${posts} /></${Section}>`}
      <${Section} title="Meetings" id="meetings">
        <${Later} ask=${(signal) => delegationsOf(member.name, signal)}>
          ${({rows, complete}) => html`<${Attendances} rows=${rows} complete=${complete} />`}
        </${Later}>
      </${Section}>
      <${Section} title="Practitioners trained" id="trained">
        <p>Persons whom the member sent to workshops and trainings, as far as they are told.</p>
        <${Later} ask=${(signal) => trainedOf(member.name, dateOf(day).year, signal)}>
          ${(trained) => html`<${Table} caption="Practitioners trained, by year" columns=${TRAINED} rows=${trained} keyOf=${({year}) => year} />`}
        </${Later}>
      </${Section}>
      <${Citations} citations=${member.citations} />`;
  },
};
