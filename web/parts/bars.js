// Numbers as bars of one scale. A count that isn't told as a number has no bar: it is said in words.

import {html} from '../lib/html.js';
import {lengthsOf} from '../lib/counts.js';

const percent = (part) => `${(100 * part).toFixed(3)}%`;

function Bar({bar, length, more}) {
  return html`
    <div class="drawn-row">
      <span>${bar.label}</span>
      <span class="measured">
        <svg width="100%" height="18" aria-hidden="true" focusable="false">
          <line class="axis" x1="0" x2="0" y1="0" y2="18" />
          ${length !== null && html`
            <rect class=${bar.kind} x="0" width=${percent(length)} y="2" height="14" />`}
          ${more > 0 && html`
            <rect class=${bar.moreKind ?? 'possible'} x=${percent(length)} width=${percent(more)} y="2" height="14" />`}
        </svg>
        <span class=${bar.value === null ? 'told-in-words' : ''}>${bar.text}</span>
      </span>
    </div>`;
}

// `bars` are {key, label, kind, value, more, text}: `value` is a number, or null if it isn't told,
// `more` what comes on top, drawn as `moreKind`, and `text` what stands beside the bar.
export function Bars({label, bars}) {
  const ends = bars.map(({value, more}) => (value === null ? null : value + (more ?? 0)));
  const longest = Math.max(1, ...ends.filter((end) => end !== null));
  const lengths = lengthsOf([...bars.map((bar) => bar.value), longest]);
  return html`
    <div class="drawing" role="img" aria-label=${label}>
      ${bars.map((bar, index) => html`
        <${Bar} key=${bar.key} bar=${bar} length=${lengths[index]} more=${(bar.more ?? 0) / longest} />`)}
    </div>`;
}
