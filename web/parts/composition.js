// Who belonged to a body on a day, with a slider over its life. The service says who did; the seats
// say when somebody came or went.

import {get} from '../lib/api.js';
import {dateQuery} from '../lib/counts.js';
import {dateText, isoDate, parseDate} from '../lib/dates.js';
import {html, useEffect, useState} from '../lib/html.js';
import {useLoads} from '../lib/live.js';
import {words} from '../lib/resources.js';
import {addressWith} from '../lib/router.js';
import {boundsOf, changesOf, dateOf, dayOfChange, daysOf} from '../lib/spans.js';
import {standingOf, summaryOf} from '../lib/standing.js';
import {Loading, Problem, RecordLink, Table} from './basic.js';
import {TileGrid} from './tile_grid.js';

const PAUSE = 150;  // milliseconds that the slider rests before the service is asked

// {composition, error} as of a date. What was there stays until the reply comes.
function useComposition(body, asOf) {
  const [state, setState] = useState({});
  const loads = useLoads();
  useEffect(() => {
    const end = new AbortController();
    const ask = async () => {
      try {
        const composition = await get(`/v1/${body}:composition`, dateQuery('asOf', asOf), {signal: end.signal});
        setState({composition});
      } catch (error) {
        if (error.name !== 'AbortError') setState({error});
      }
    };
    const timer = setTimeout(ask, PAUSE);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [body, isoDate(asOf), loads]);
  return state;
}

const changeText = ({kind, date, seat}, titles) =>
  `${titles.get(seat.member) || seat.member} ${kind} ${date.day ? 'on' : 'in'} ${dateText(date)}`;

// To the change before or after the day: who came and who went.
function Step({event, text, titles, go}) {
  if (!event) return html`<button type="button" class="secondary" disabled>${text}: none on record</button>`;
  return html`<button type="button" class="secondary" onClick=${() => go(dateOf(dayOfChange(event)))}>
    ${text}: ${changeText(event, titles)}</button>`;
}

function Steps({seats, day, titles, go}) {
  const events = changesOf(seats);
  return html`<p class="steps">
    <${Step} event=${events.filter((event) => dayOfChange(event) < day).at(-1)} text="Change before" titles=${titles} go=${go} />
    <${Step} event=${events.find((event) => dayOfChange(event) > day)} text="Change after" titles=${titles} go=${go} />
  </p>`;
}

function DateForm({asOf, go}) {
  const [problem, setProblem] = useState('');
  const submit = (event) => {
    event.preventDefault();
    const date = parseDate(new FormData(event.target).get('as_of'));
    setProblem(date ? '' : 'A date is a day, a month or a year: 2024-05-02, 2024-05 or 2024.');
    if (date) go(date);
  };
  return html`<form class="line" onSubmit=${submit}>
    <label>As of <input name="as_of" key=${isoDate(asOf)} defaultValue=${isoDate(asOf)} maxlength="10"
      aria-invalid=${problem ? 'true' : undefined} aria-describedby="as-of-problem" /></label>
    <button type="submit">Show</button>
    <small id="as-of-problem" aria-live="polite">${problem}</small>
  </form>`;
}

const COLUMNS = [
  {head: 'Member', cell: (entry) => html`<${RecordLink} name=${entry.member} text=${entry.displayName} />`},
  {head: 'Was', cell: (entry) => html`<span class=${standingOf(entry).kind === 'unknown' && 'unknown'}>${standingOf(entry).text}</span>`},
];

const OFFICERS = [
  {head: 'Official', cell: (one) => html`<${RecordLink} name=${one.official} text=${one.displayName} />`},
  {head: 'Post', cell: (one) => `${one.inPost === 'UNKNOWN' ? 'perhaps ' : ''}${one.title || words(one.post)}`},
  {head: 'On behalf of', cell: (one) => html`<${RecordLink} name=${one.onBehalfOf} />`},
];

function existenceText(composition) {
  if (composition.inExistence === 'NO') return 'The body didn\u2019t exist then. ';
  return composition.inExistence === 'UNKNOWN' ? 'Whether the body existed then isn\u2019t known. ' : '';
}

// What the squares that are there mean.
function Legend({entries}) {
  const kinds = new Map(entries.map(standingOf).map(({kind, text}) => [kind, text]));
  return html`<p class="legend">${[...kinds].map(([kind, text]) => html`<span key=${kind} class=${`key ${kind}`}>${text}</span>`)}</p>`;
}

function Answer({composition}) {
  const {entries, officers, asOf} = composition;
  const date = dateText(asOf);
  const tiles = entries.map((entry) => ({...entry, name: entry.member}));
  return html`
    <p role="status">${existenceText(composition)}${date}: ${summaryOf(entries)}.</p>
    <${TileGrid} label=${`Members as of ${date}`} members=${tiles} kindOf=${standingOf} />
    <${Legend} entries=${entries} />
    <${Table} caption=${`What members were, as of ${date}`} columns=${COLUMNS} rows=${entries}
      keyOf=${(entry) => entry.member} empty="No seats are on record." />
    ${officers.length > 0 && html`<${Table} caption=${`Officials in post, as of ${date}`} columns=${OFFICERS}
      rows=${officers} keyOf=${(one) => one.appointment} />`}`;
}

// `dates` are those of the body's life; the slider goes over all of them and `today`. `asOf` is the
// date to begin with. `onDay` is told the day that is shown.
export function Composition({body, seats, titles, dates, today, asOf: first, onDay}) {
  const [asOf, setAsOf] = useState(first ?? dateOf(today));
  const {composition, error} = useComposition(body.name, asOf);
  const bounds = boundsOf([...dates, asOf], today);
  const day = daysOf(asOf).first;
  const go = (date) => {
    setAsOf(date);
    onDay(daysOf(date).first);
    history.replaceState(history.state, '', addressWith({as_of: isoDate(date)}));
  };
  return html`
    <${DateForm} asOf=${asOf} go=${go} />
    <input type="range" aria-label="Day" aria-valuetext=${dateText(asOf)} min=${bounds.first} max=${bounds.last}
      value=${day} onInput=${(event) => go(dateOf(Number(event.target.value)))} />
    <${Steps} seats=${seats} day=${day} titles=${titles} go=${go} />
    ${error && html`<${Problem} error=${error} />`}
    ${composition ? html`<${Answer} composition=${composition} />` : !error && html`<${Loading} />`}`;
}
