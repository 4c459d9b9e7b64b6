// Meetings by month, those whose day isn't known beside them, and addresses for calendar programs.

import {all, serverNow} from '../lib/api.js';
import {monthName} from '../lib/dates.js';
import {html, useEffect, useState} from '../lib/html.js';
import {know} from '../lib/names.js';
import {undatedFilter, yearFilter, yearOf} from '../lib/months.js';
import {addressWith, go} from '../lib/router.js';
import {dateOf, today} from '../lib/spans.js';
import {DateText, RecordLink, ResourceLink, Section, Table, Tag} from '../parts/basic.js';
import {Endless} from '../parts/Endless.js';
import {Subscription} from '../parts/subscription.js';

const DAYS = ['M', 'T', 'W', 'T', 'F', 'S', 'S'];
const MOST_YEAR = 9999;
const FIRST = 3;  // months that are drawn at once

const COLUMNS = [
  {head: 'Meeting', cell: (one) => html`<${ResourceLink} resource=${one} />`},
  {head: 'When', cell: (one) => html`<${DateText} start=${one.startDate} end=${one.endDate} />`},
  {head: 'Where', cell: (one) => [one.venue?.city, one.venue?.regionCode].filter(Boolean).join(', ')},
  {head: 'Of', cell: (one) => html`<${RecordLink} name=${one.body} />`},
  {head: 'State', cell: (one) => html`<${Tag} value=${one.state} />`},
];

// The days of a month as a drawing: those with a meeting are marked.
function Days({weeks, label}) {
  const cells = weeks.flat();
  return html`<div class="days" role="img" aria-label=${label}>
    ${DAYS.map((day, index) => html`<span key=${index} class="weekday">${day}</span>`)}
    ${cells.map((cell, index) => html`<span key=${`day ${index}`} class=${cell?.meetings.length ? 'met' : ''}
      title=${cell?.meetings.map(({displayName}) => displayName).join('; ') || undefined}>${cell?.date ?? ''}</span>`)}
  </div>`;
}

function Month({year, month, weeks, ofTheMonth}) {
  const cells = weeks.flat().filter((cell) => cell?.meetings.length);
  const meetings = [...new Set([...cells.flatMap((cell) => cell.meetings), ...ofTheMonth])];
  if (!meetings.length) return null;
  const title = `${monthName(month)} ${year}`;
  const label = cells.length ? `${title}: meetings on ${cells.map(({date}) => date).join(', ')}` : `${title}: no day is on record`;
  return html`<${Section} title=${title} id=${`month-${month}`}>
    <div class="month">
      <${Days} weeks=${weeks} label=${label} />
      <${Table} caption=${`Meetings in ${title}`} columns=${COLUMNS} rows=${meetings} />
    </div>
  </${Section}>`;
}

function Choice({bodies, body, year}) {
  const choose = (event) => {
    event.preventDefault();
    go(addressWith({body: new FormData(event.target).get('body'), year: String(year)}));
  };
  const to = (other) => addressWith({year: String(other)});
  return html`<form class="line" onSubmit=${choose} key=${body}>
      <label>Meetings of <select name="body">
        <option value="" selected=${!body}>all bodies</option>
        ${bodies.map(({name, displayName}) => html`<option value=${name} selected=${name === body}>${displayName}</option>`)}
      </select></label>
      <button type="submit">Show</button>
    </form>
    <nav aria-label="Years"><ul>
      ${year > 1 && html`<li><a href=${to(year - 1)} rel="prev">${year - 1}</a></li>`}
      <li><strong aria-current="date">${year}</strong></li>
      ${year < MOST_YEAR && html`<li><a href=${to(year + 1)} rel="next">${year + 1}</a></li>`}
    </ul></nav>`;
}

// Whether the first of the page has been painted, so that the reader doesn't wait for the rest.
function useIsPainted() {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTimeout(() => setPainted(true)));
    return () => cancelAnimationFrame(frame);
  }, []);
  return painted;
}

function View({data}) {
  const {year, body, bodies, meetings} = data;
  const {months, ofTheYear} = yearOf(year, meetings);
  const painted = useIsPainted();
  return html`
    <${Choice} bodies=${bodies} body=${body} year=${year} />
    ${!meetings.length && html`<p class="unknown">No meeting of ${year} is on record.</p>`}
    ${(painted ? months : months.slice(0, FIRST)).map((month) => html`<${Month} key=${month.month} year=${year} ...${month} />`)}
    ${ofTheYear.length > 0 && html`<${Section} title=${`In ${year}, the month isn’t known`} id="of-the-year">
      <${Table} caption=${`Meetings in ${year} of which no month is on record`} columns=${COLUMNS} rows=${ofTheYear} />
    </${Section}>`}
    <${Section} title="Without a date" id="undated">
      <${Endless} path="/v1/meetings" query=${{filter: undatedFilter(body)}}>
        ${(undated) => html`<${Table} caption="Meetings of which no date is on record" columns=${COLUMNS} rows=${undated} empty="All meetings have a date." />`}
      </${Endless}>
    </${Section}>
    <${Subscription} body=${body} />`;
}

// The year that the address names; this one for what is none.
function yearAsked(text) {
  const year = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
  return year || dateOf(today(serverNow())).year;
}

export default {
  title: (data) => `Calendar ${data?.year ?? ''}`.trim(),
  watches: ['Meeting'],

  async load({query, signal}) {
    const year = yearAsked(query.year);
    const [bodies, meetings] = await Promise.all([
      all('/v1/bodies', {}, {signal}),
      all('/v1/meetings', {filter: yearFilter(year, query.body), orderBy: 'start_date'}, {signal}),
    ]);
    know(bodies);
    return {year, body: query.body, bodies, meetings};
  },

  View,
};
