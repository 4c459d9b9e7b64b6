// What the record doesn't know: each kind of gap counted, and listed with links.

import {all, get, orElse} from '../lib/api.js';
import {partialDates, periodQuery, reportedPeriods, withoutRecords} from '../lib/gaps.js';
import {html} from '../lib/html.js';
import {undatedFilter} from '../lib/months.js';
import {SERVICES, words} from '../lib/resources.js';
import {caller} from '../lib/session.js';
import {DateText, Loading, RecordLink, ResourceLink, Section, Table} from '../parts/basic.js';
import {ByAndBy} from '../parts/Endless.js';
import {Later} from '../parts/later.js';

// The lists of resources that have dates of their own.
const DATED = ['members', 'bodies', 'bodies/-/seats', 'bodies/-/liaisons', 'officials/-/appointments',
  'meetings', 'decisions', 'actionItems', 'strategies', 'priorities', 'programmes', 'partnerships',
  'publications', 'activities', 'workPlans', 'workPlans/-/items', 'workPlans/-/progressReports',
  'commitments', 'commitments/-/disbursements'];

// References to other services that aren't there. A page may be empty and yet not the last.
async function danglingReferences(signal) {
  const found = await Promise.all(SERVICES.map(async (service) => {
    const references = [];
    let pageToken;
    do {
      const reply = await get(`/v1/${service}:listDanglingReferences`, {pageSize: 1000, pageToken}, {signal});
      references.push(...reply.references);
      pageToken = reply.nextPageToken;
    } while (pageToken);
    return references;
  }));
  return found.flat();
}

async function figuresWithoutRecords(signal) {
  const reported = await all('/v1/reportedFigures', {}, {signal});
  const replies = await Promise.all(reportedPeriods(reported).map(({body, period}) =>
    orElse(get(`/v1/${body}:figures`, periodQuery(period), {signal}), {entries: []})));
  return replies.flatMap(withoutRecords);
}

async function datesKnownInPart(signal) {
  const lists = await Promise.all(DATED.map((list) => orElse(all(`/v1/${list}`, {}, {signal}), [])));
  return lists.flat().flatMap(partialDates);
}

async function commitmentsWithoutAmount(signal) {
  const commitments = await orElse(all('/v1/commitments', {}, {signal}), []);
  return commitments.filter((one) => !one.amount);
}

const LINK = {head: 'Record', cell: (one) => html`<${ResourceLink} resource=${one} />`};
const OF = {head: 'Of', cell: (one) => html`<${RecordLink} name=${one.body} />`};

const PARTIAL = [
  {head: 'Record', cell: (one) => html`<${ResourceLink} resource=${one.resource} />`},
  {head: 'Which date', cell: (one) => one.field},
  {head: 'As far as it is known', cell: (one) => html`<${DateText} date=${one.date} />`},
];
const FIGURES = [
  {head: 'Figure', cell: (one) => html`<${RecordLink} name=${one.name} text=${words(one.measure)} />`},
  OF,
  {head: 'Period', cell: (one) => html`<${DateText} term=${one.period} />`},
  {head: 'Reported', number: true, cell: (one) => one.value},
];
const MEETINGS = [LINK, OF, {head: 'State', cell: (one) => words(one.state)}];
const REFERENCES = [
  {head: 'Record', cell: (one) => html`<${RecordLink} name=${one.resource} />`},
  {head: 'Refers to', cell: (one) => one.target},
];

// Each kind of gap, and what finds it. The ones that take longest don't keep the others.
const GAPS = [
  {id: 'undated', title: 'Meetings without a date', columns: MEETINGS,
    find: (signal) => all('/v1/meetings', {filter: undatedFilter()}, {signal})},
  {id: 'partial', title: 'Dates known to the month or the year', columns: PARTIAL, find: datesKnownInPart,
    keyOf: (one) => one.resource.name + one.field},
  {id: 'figures', title: 'Reported figures without a record behind them', columns: FIGURES,
    find: figuresWithoutRecords},
  {id: 'amounts', title: 'Commitments without an amount', columns: [LINK], find: commitmentsWithoutAmount},
  {id: 'dangling', title: 'References that lead nowhere', columns: REFERENCES, find: danglingReferences,
    keyOf: (one) => one.resource + one.target, isFor: () => caller().roles.includes('SECRETARIAT')},
];

const Rows = ({gap, rows}) => html`<${ByAndBy} items=${rows}>${(some) =>
  html`<${Table} caption=${gap.title} rows=${some} columns=${gap.columns} keyOf=${gap.keyOf} empty="None." />`}</${ByAndBy}>`;

function Gap({gap}) {
  const {id, title, find} = gap;
  const waiting = html`<${Section} id=${id} title=${title}><${Loading} /></${Section}>`;
  return html`<${Later} ask=${find} waiting=${waiting}>${(rows) =>
    html`<${Section} id=${id} title=${`${title}: ${rows.length}`}><${Rows} gap=${gap} rows=${rows} /></${Section}>`}</${Later}>`;
}

export default {
  title: () => 'What we don’t know',

  View: () => html`
    <p>No gap of the record is filled by a guess. What isn’t known is left open, and counted here as far as you may
      see it.</p>
    ${GAPS.filter(({isFor}) => !isFor || isFor()).map((gap) => html`<${Gap} key=${gap.id} gap=${gap} />`)}`,
};
