// Decisions and action items, by state and body.

import {createActionItem} from '../forms/actionItem.js';
import {createDecision} from '../forms/decision.js';
import {all} from '../lib/api.js';
import {html} from '../lib/html.js';
import {addressOf, words} from '../lib/resources.js';
import {addressWith, go, setQuery} from '../lib/router.js';
import {Actions} from '../parts/Actions.js';
import {Section} from '../parts/basic.js';
import {Endless} from '../parts/Endless.js';
import {ActionItemTable, DecisionTable} from '../parts/outcomes.js';

const STATES = ['SILENCE_OPEN', 'DRAFT', 'ADOPTED', 'ON_RECORD', 'BROKEN', 'WITHDRAWN'];
const ITEM_STATES = ['OPEN', 'COMPLETED', 'DROPPED'];

const filterOf = (state, body) =>
  [state && `state = ${state}`, body && `body = "${body}"`].filter(Boolean).join(' AND ');

function States({states, chosen, parameter, label}) {
  const link = (state, text) => html`<li key=${state}><a href=${addressWith({[parameter]: state})}
    aria-current=${chosen === state ? 'true' : undefined}>${text}</a></li>`;
  return html`<nav aria-label=${label} class="states"><ul>${link('', 'all')}${states.map((state) => link(state, words(state)))}</ul></nav>`;
}

function Body({bodies, chosen}) {
  return html`<label class="pick">Body <select value=${chosen} onChange=${(event) => setQuery({body: event.target.value})}>
    <option value="">all bodies</option>
    ${bodies.map((body) => html`<option key=${body.name} value=${body.name} selected=${body.name === chosen}>${body.displayName}</option>`)}
  </select></label>`;
}

function View({data, query}) {
  const state = STATES.includes(query.state) ? query.state : '';
  const items = ITEM_STATES.includes(query.items) ? query.items : '';
  const body = data.bodies.some(({name}) => name === query.body) ? query.body : '';
  const open = (resource) => go(addressOf(resource.name));
  return html`<${Body} bodies=${data.bodies} chosen=${body} />
    <${Section} title="Decisions" id="decisions">
      <${States} states=${STATES} chosen=${state} parameter="state" label="States of decisions" />
      <${Endless} path="/v1/decisions" query=${{filter: filterOf(state, body), orderBy: 'update_time desc'}}>${(decisions) =>
        html`<${DecisionTable} decisions=${decisions} caption=${`Decisions: ${state ? words(state) : 'all'}`} />`}</${Endless}>
      <${Actions} label="Decisions" actions=${[createDecision({body})]} onDone=${open} />
    </${Section}>
    <${Section} title="Action items" id="action-items">
      <${States} states=${ITEM_STATES} chosen=${items} parameter="items" label="States of action items" />
      <${Endless} path="/v1/actionItems" query=${{filter: filterOf(items, body), orderBy: 'due_date'}}>${(found) =>
        html`<${ActionItemTable} items=${found} caption=${`Action items: ${items ? words(items) : 'all'}`} />`}</${Endless}>
      <${Actions} label="Action items" actions=${[createActionItem({body})]} onDone=${open} />
    </${Section}>`;
}

export default {
  title: () => 'Decisions and actions',
  watches: ['Decision', 'ActionItem'],
  load: async ({signal}) => ({bodies: await all('/v1/bodies', {}, {signal})}),
  View,
};
