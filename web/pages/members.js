// The members of the forum: as squares, each roughly where it lies, and as a table.

import {all} from '../lib/api.js';
import {html} from '../lib/html.js';
import {know} from '../lib/names.js';
import {words} from '../lib/resources.js';
import {DateText, ResourceLink, Section, Table} from '../parts/basic.js';
import {TileGrid} from '../parts/tile_grid.js';

const byTitle = (a, b) => a.displayName.localeCompare(b.displayName, 'en');

const kindOf = (member) => ({
  kind: member.category === 'FULL_MEMBER' ? 'member' : 'observer',
  text: `${words(member.category)}, ${words(member.kind)}`,
});

const COLUMNS = [
  {head: 'Member', cell: (member) => html`<${ResourceLink} resource=${member} />`},
  {head: 'Acronym', cell: (member) => member.shortName},
  {head: 'Is', cell: (member) => words(member.kind)},
  {head: 'Takes part as', cell: (member) => words(member.category)},
  {head: 'From when until when', cell: (member) => html`<${DateText} term=${member.term ?? {}} none="not on record" />`},
];

function countText(members) {
  const states = members.filter(({kind}) => kind === 'STATE').length;
  const observers = members.filter(({category}) => category === 'OBSERVER').length;
  return `${states} states and ${members.length - states} organisations are on record; ${observers} of them are observers.`;
}

export default {
  title: () => 'Members',
  watches: ['Member'],

  async load({signal}) {
    const members = await all('/v1/members', {}, {signal});
    know(members);
    return {members: members.sort(byTitle)};
  },

  View({data}) {
    const {members} = data;
    return html`<p>${countText(members)}</p>
      <${Section} title="Roughly where they lie" id="tiles">
        <${TileGrid} label="Members" members=${members} kindOf=${kindOf} />
        <p class="legend"><span class="key member">member</span> <span class="key observer">observer</span>
          <span>A square is a member, whatever its size. No borders are drawn.</span></p>
      </${Section}>
      <${Section} title="By name" id="names">
        <${Table} caption="Members by name" columns=${COLUMNS} rows=${members} empty="No members are on record." />
      </${Section}>`;
  },
};
