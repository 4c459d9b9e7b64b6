// What the record doesn't know: each kind of gap counted, and listed with links.

import {all, get, orElse} from '../lib/api.js';
import {partialDates, periodQuery, reportedPeriods, withoutRecords} from '../lib/gaps.js';
import {html} from '../lib/html.js';
import {SERVICES, words} from '../lib/resources.js';
import {caller} from '../lib/session.js';
import {DateText, RecordLink, ResourceLink, Section, Table} from '../parts/basic.js';

// The lists of resources that have dates of their own.
const DATED = ['members', 'bodies', 'bodies/-/seats', 'bodies/-/liaisons', 'officials/-/appointments',
  'meetings', 'decisions', 'actionItems', 'strategies', 'priorities', 'programmes', 'partnerships',
  'publications', 'activities', 'workPlans', 'workPlans/-/items', 'workPlans/-/progressReports',
  'commitments', 'commitments/-/disbursements'];

// References to other services that aren't there, for who may ask: null for others. A page may be
// empty and yet not the last.
async function danglingReferences(signal) {
  if (!caller().roles.includes('SECRETARIAT')) return null;
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

const Gap = ({id, title, rows, columns, keyOf}) => html`
  <${Section} id=${id} title=${`${title}: ${rows.length}`}>
    <${Table} caption=${title} rows=${rows} columns=${columns} keyOf=${keyOf} empty="None." /></${Section}>`;

export default {
  title: () => 'What we don’t know',

  async load({signal}) {
    const lists = DATED.map((list) => orElse(all(`/v1/${list}`, {}, {signal}), []));
    const [figures, references, ...dated] = await Promise.all(
      [figuresWithoutRecords(signal), danglingReferences(signal), ...lists]);
    const of = (list) => dated[DATED.indexOf(list)];
    return {
      figures, references,
      dates: dated.flat().flatMap(partialDates),
      meetings: of('meetings').filter((one) => !one.startDate),
      commitments: of('commitments').filter((one) => !one.amount),
    };
  },

  View({data}) {
    const {dates, meetings, commitments, figures, references} = data;
    return html`
      <p>No gap of the record is filled by a guess. What isn’t known is left open, and counted here as far as you may
        see it.</p>
      <${Gap} id="undated" title="Meetings without a date" rows=${meetings} columns=${MEETINGS} />
      <${Gap} id="partial" title="Dates known to the month or the year" rows=${dates} columns=${PARTIAL}
        keyOf=${(one) => one.resource.name + one.field} />
      <${Gap} id="figures" title="Reported figures without a record behind them" rows=${figures} columns=${FIGURES} />
      <${Gap} id="amounts" title="Commitments without an amount" rows=${commitments} columns=${[LINK]} />
      ${references && html`<${Gap} id="dangling" title="References that lead nowhere" rows=${references}
        columns=${REFERENCES} keyOf=${(one) => one.resource + one.target} />`}`;
  },
};
