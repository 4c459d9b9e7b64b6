// A row of squares, one for each of many things that are of a few kinds.

import {html} from '../lib/html.js';

// `squares` are {key, kind, text}; `legend` says what the kinds mean: [[kind, text]].
export function Squares({label, squares, legend}) {
  return html`<figure class="drawing">
    <div class="squares" role="img" aria-label=${label}>
      ${squares.map(({key, kind, text}) => html`<span key=${key} class=${`square ${kind}`} title=${text}></span>`)}
    </div>
    <figcaption class="legend">${legend.map(([kind, text]) => html`
      <span key=${kind} class="key-line"><span class=${`square ${kind}`}></span> ${text}</span>`)}</figcaption>
  </figure>`;
}
