// The bodies of the forum as a tree.

import {all} from '../lib/api.js';
import {treeOf} from '../lib/body_tree.js';
import {termText} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {know} from '../lib/names.js';
import {words} from '../lib/resources.js';
import {ResourceLink} from '../parts/basic.js';

const aboutText = (body) =>
  [body.shortName, words(body.kind), termText(body.term)].filter(Boolean).join(', ');

function Tree({nodes}) {
  return html`<ul>${nodes.map(({body, parts}) => html`
    <li key=${body.name}>
      <${ResourceLink} resource=${body} /> <small>${aboutText(body)}</small>
      ${parts.length > 0 && html`<${Tree} nodes=${parts} />`}
    </li>`)}</ul>`;
}

export default {
  title: () => 'Bodies',
  watches: ['Body'],

  async load({signal}) {
    const bodies = await all('/v1/bodies', {}, {signal});
    know(bodies);
    return {bodies};
  },

  View({data}) {
    if (!data.bodies.length) return html`<p class="unknown">No bodies are on record.</p>`;
    return html`<p>The forum and its groups, each below the one that it is part of.</p>
      <${Tree} nodes=${treeOf(data.bodies)} />`;
  },
};
