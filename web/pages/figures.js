// The figures of a body for a period: what is reported beside what the records yield; and what was
// done in each area of a strategy.

import {all, get, serverNow} from '../lib/api.js';
import {countText, countValue, differenceText, numberText, parsePeriod, termQuery} from '../lib/counts.js';
import {isoDate, rangeText} from '../lib/dates.js';
import {html, useState} from '../lib/html.js';
import {know} from '../lib/names.js';
import {words} from '../lib/resources.js';
import {addressWith, go} from '../lib/router.js';
import {dateOf, today} from '../lib/spans.js';
import {DateText, Inline, OutsideLink, RecordLink, Section, Table} from '../parts/basic.js';
import {Bars} from '../parts/bars.js';
import {Endless} from '../parts/Endless.js';
import {StrategyProgress} from '../parts/strategy_progress.js';

const periodText = ({startDate, endDate}) => rangeText(startDate, endDate);

// As an address has it: '2023', or '2022-07/2023-06'.
const periodQuery = ({startDate, endDate}) =>
  [...new Set([isoDate(startDate), isoDate(endDate)])].join('/');

// The periods for which figures are reported, the latest first.
const periodsOf = (reported) => [...new Set(reported.map(({period}) => periodQuery(period)))].sort().reverse();

// A count as a row has it: what isn't told as a number is said apart.
const Told = ({count}) => countValue(count) === null
  ? html`<span class="told-in-words">${countText(count)}</span>` : countText(count);

const Sources = ({figure}) => html`<${Inline} items=${figure.citations}
  of=${(one) => html`<${OutsideLink} uri=${one.uri} text=${one.title} />`} />`;

const COLUMNS = [
  {head: 'Measure', cell: ({entry}) => words(entry.measure)},
  {head: 'Reported', number: true, cell: ({figure}) => (figure ? numberText(figure.value) : html`<span class="unknown">nothing</span>`)},
  {head: 'Recorded', number: true, cell: ({entry}) => html`<${Told} count=${entry.computed} />`},
  {head: 'Difference', number: true, cell: ({difference}) => differenceText(difference)},
  {head: 'Undecided', number: true, cell: ({entry}) => html`<${Told} count=${entry.undecided} />`},
  {head: 'Source', cell: ({figure}) => figure && html`<${Sources} figure=${figure} />`},
];

// A row for each source of a measure, or one without.
function rowsOf(entries) {
  return entries.flatMap((entry) => entry.reported.length
    ? entry.reported.map(({reportedFigure, difference}) => ({entry, figure: reportedFigure, difference}))
    : [{entry}]);
}

function barsOf(entry) {
  const computed = countValue(entry.computed);
  const undecided = countValue(entry.undecided) ?? 0;
  const reported = entry.reported.map(({reportedFigure}) => ({
    key: reportedFigure.name, label: 'Reported', kind: 'reported',
    value: Number(reportedFigure.value), text: numberText(reportedFigure.value),
  }));
  const more = undecided ? ` and perhaps ${countText(entry.undecided)} more` : '';
  return [...reported, {
    key: 'recorded', label: 'Recorded', kind: 'recorded', value: computed,
    more: computed === null ? 0 : undecided, text: countText(entry.computed) + more,
  }];
}

const RECORDS = [
  {head: 'Record', cell: (one) => html`<${RecordLink} name=${one.name} text=${one.displayName} />`},
  {head: 'Counts as', cell: (one) => (one.countsAs === one.name ? 'itself' : html`<${RecordLink} name=${one.countsAs} />`)},
  {head: 'By', cell: (one) => html`<${DateText} date=${one.date} />`},
];

// The records behind a count, asked for when they are opened.
function Records({body, period, measure, undecided}) {
  const [open, setOpen] = useState(false);
  const query = {...termQuery('period', period), measure, undecided: undecided || undefined};
  return html`<details onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${undecided ? 'Records that may or may not belong to the period' : 'Records behind it'}</summary>
    ${open && html`<${Endless} path=${`/v1/${body}:figureRecords`} query=${query}>
      ${(records) => html`<${Table} caption=${`Records: ${words(measure)}`} columns=${RECORDS} rows=${records}
        empty="There are none that you may see." />`}
    </${Endless}>`}
  </details>`;
}

function Measure({entry, body, period}) {
  const {measure} = entry;
  const notes = entry.reported.map(({reportedFigure}) => reportedFigure.note).filter(Boolean);
  const title = words(measure);
  return html`<section aria-labelledby=${measure}><h3 id=${measure}>${title}</h3>
    <${Bars} label=${`${title}, reported and recorded; the table above says the same`} bars=${barsOf(entry)} />
    ${notes.map((note) => html`<p><small>${note}</small></p>`)}
    <${Records} body=${body} period=${period} measure=${measure} />
    ${countValue(entry.undecided) !== 0 && html`<${Records} body=${body} period=${period} measure=${measure} undecided />`}
  </section>`;
}

function Choice({bodies, body, period, periods}) {
  const [problem, setProblem] = useState('');
  const submit = (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.target));
    const fine = parsePeriod(said.period);
    setProblem(fine ? '' : 'A period is a year, a month or a day, or two of them with a slash: 2023, 2022-07/2023-06.');
    if (fine) go(addressWith(said));
  };
  return html`<form class="line" onSubmit=${submit} key=${body + periodQuery(period)}>
    <label>Body <select name="body">${bodies.map(({name, displayName}) => html`
      <option value=${name} selected=${name === body}>${displayName}</option>`)}</select></label>
    <label>Period <input name="period" required maxlength="21" defaultValue=${periodQuery(period)}
      aria-invalid=${problem ? 'true' : undefined} aria-describedby="period-problem" /></label>
    <button type="submit">Show</button>
    <small id="period-problem" aria-live="polite">${problem}</small>
  </form>
  ${periods.length > 0 && html`<p>Figures are reported for <${Inline} items=${periods}
    of=${(one) => html`<a href=${addressWith({body, period: one})}>${one.replace('/', ' to ')}</a>`} />.</p>`}`;
}

function View({data}) {
  const {bodies, body, reported, figures, period, strategies} = data;
  if (!body) return html`<p class="unknown">No bodies are on record.</p>`;
  return html`
    <${Choice} bodies=${bodies} body=${body} period=${period} periods=${periodsOf(reported)} />
    <${Section} title=${`Reported and recorded, ${periodText(period)}`} id="reported">
      <p>What sources report stands beside what the records here yield; one is never added to the other. Undecided
        are records that may or may not belong to the period, since their dates aren’t known to the day.</p>
      <${Table} caption="Reported and recorded" columns=${COLUMNS} rows=${rowsOf(figures.entries)}
        keyOf=${({entry, figure}) => figure?.name ?? entry.measure} />
      ${figures.entries.map((entry) => html`<${Measure} key=${entry.measure} entry=${entry} body=${body} period=${period} />`)}
    </${Section}>
    <${Section} title="Progress by area" id="progress">
      ${strategies.map(({strategy, progress}) => html`<${StrategyProgress} key=${strategy.name} strategy=${strategy} progress=${progress} />`)}
      ${!strategies.length && html`<p class="unknown">No strategy is on record.</p>`}
    </${Section}>`;
}

// The body that the address names, or else the support office, of which most figures are.
const chosenOf = (bodies, asked) => asked || (bodies.find(({kind}) => kind === 'SUPPORT_OFFICE') ?? bodies[0])?.name;

// The strategies that aren't empty, each with its progress.
async function progressOf(signal) {
  const strategies = await all('/v1/strategies', {}, {signal});
  const withProgress = await Promise.all(strategies.map(async (strategy) => (
    {strategy, progress: await get(`/v1/${strategy.name}:progress`, {}, {signal})})));
  return withProgress.filter(({progress}) => progress.entries.length > 0);
}

export default {
  title: () => 'Figures',
  watches: ['ReportedFigure', 'Activity', 'Publication'],

  async load({query, signal}) {
    const [bodies, strategies] = await Promise.all([all('/v1/bodies', {}, {signal}), progressOf(signal)]);
    know(bodies);
    const body = chosenOf(bodies, query.body);
    if (!body) return {bodies};
    const reported = await all('/v1/reportedFigures', {filter: `body = "${body}"`}, {signal});
    const lastYear = String(dateOf(today(serverNow())).year - 1);
    const period = parsePeriod(query.period) ?? parsePeriod(periodsOf(reported)[0]) ?? parsePeriod(lastYear);
    const figures = await get(`/v1/${body}:figures`, termQuery('period', period), {signal});
    return {bodies, body, reported, period, figures, strategies};
  },

  View,
};
