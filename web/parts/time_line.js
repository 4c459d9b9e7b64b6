// Terms on a line of years. What is certain is drawn filled, what is possible with a broken edge, so
// that a date known to the year doesn't look like a day.

import {html} from '../lib/html.js';
import {barOf, placeOf, yearMarks} from '../lib/spans.js';

const percent = (part) => `${(100 * part).toFixed(3)}%`;

function Stretch({of, kind}) {
  if (!of || of.length <= 0) return null;
  return html`<rect class=${kind} x=${percent(of.start)} width=${percent(of.length)} y="3" height="12" rx="2" />`;
}

function Marker({day, bounds}) {
  const place = percent(placeOf(day, bounds));
  return html`<line class="marker" x1=${place} x2=${place} y1="0" y2="18" />`;
}

function Row({row, bounds, day}) {
  const bar = barOf(row.term, bounds);
  return html`
    <div class="drawn-row">
      <span>${row.label}</span>
      <svg width="100%" height="18" aria-hidden="true" focusable="false">
        <line class="axis" x1="0" x2="100%" y1="9" y2="9" />
        ${bar.possible?.length !== bar.certain?.length && html`<${Stretch} of=${bar.possible} kind="possible" />`}
        <${Stretch} of=${bar.certain} kind=${`certain ${row.kind ?? ''}`} />
        ${bar.openStart && bar.possible && html`<text class="open" x="2" y="14">‹</text>`}
        ${day !== undefined && html`<${Marker} day=${day} bounds=${bounds} />`}
      </svg>
    </div>`;
}

function Years({bounds}) {
  return html`
    <div class="drawn-row">
      <span></span>
      <svg width="100%" height="18" aria-hidden="true" focusable="false">
        ${yearMarks(bounds, 5).map(({year, place}) => html`
          <text class="year" key=${year} x=${percent(place)} y="13">${year}</text>`)}
      </svg>
    </div>`;
}

// `rows` are {key, label, term, kind}: `kind` is a class of the bar, such as `chair`. `day` is marked.
// `label` says what is drawn, for who doesn't see it; the table beside says the rest.
export function TimeLine({label, rows, bounds, day}) {
  if (!rows.length) return null;
  return html`
    <figure class="drawing">
      <div role="img" aria-label=${label}>
        ${rows.map((row) => html`<${Row} key=${row.key} row=${row} bounds=${bounds} day=${day} />`)}
        <${Years} bounds=${bounds} />
      </div>
      <figcaption class="legend">
        <span class="key certain">certain</span>
        <span class="key possible">not known to the day</span>
        <span>‹ the start isn't on record</span>
      </figcaption>
    </figure>`;
}
