// Members as equal squares, each roughly where it lies. No border is drawn, and none is implied.

import {html} from '../lib/html.js';
import {addressOf} from '../lib/resources.js';
import {tilesOf} from '../lib/tiles.js';

function Tile({member, kindOf, place}) {
  const {kind, text} = kindOf(member);
  const code = member.name.split('/')[1].toUpperCase();
  const style = place && {gridRow: place.row + 1, gridColumn: place.column + 1};
  const said = `${code}, ${member.displayName}: ${text}`;
  return html`
    <li style=${style}>
      <a class=${kind} href=${addressOf(member.name)} aria-label=${said} title=${said}>${code}</a>
    </li>`;
}

// `members` are {name, displayName, kind}; `kindOf` gives {kind, text} of one: a class of its tile and
// what that class means. The table beside says the same.
export function TileGrid({label, members, kindOf}) {
  const {placed, apart} = tilesOf(members);
  const tile = (member, place) => html`
    <${Tile} key=${member.name} member=${member} kindOf=${kindOf} place=${place} />`;
  return html`
    <div class="tile-grid">
      ${placed.length > 0 && html`
        <ul class="tiles" aria-label=${label}>${placed.map(({member, ...place}) => tile(member, place))}</ul>`}
      ${apart.length > 0 && html`
        <ul class="tiles apart" aria-label=${`${label}, apart`}>${apart.map((member) => tile(member))}</ul>`}
    </div>`;
}
