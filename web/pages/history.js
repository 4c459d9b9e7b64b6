// Any record by its name: its fields as they are, and who changed what when.

import {ApiError, get, orElse} from '../lib/api.js';
import {differences, fieldText, leavesOf} from '../lib/differences.js';
import {html} from '../lib/html.js';
import {addressOf, historyOf, kindOf, parentOf, titleOf, words} from '../lib/resources.js';
import {caller} from '../lib/session.js';
import {Citations, Facts, Moment, RecordLink, Section, Table} from '../parts/basic.js';
import {Endless} from '../parts/Endless.js';
import {Value} from '../parts/Value.js';

const mayRead = () => caller().roles.some((role) => role === 'SECRETARIAT' || role === 'OPERATOR');

const CHANGED = [
  {head: 'Field', cell: (one) => fieldText(one.field)},
  {head: 'Before', cell: (one) => one.before !== undefined && html`<del><${Value} value=${one.before} /></del>`},
  {head: 'After', cell: (one) => one.after !== undefined && html`<ins><${Value} value=${one.after} /></ins>`},
];

// The method's own name, in words: 'UpdateMeeting' -> 'update meeting'.
const methodText = (method) =>
  method.slice(method.lastIndexOf('.') + 1).replace(/(?<!^)([A-Z])/g, ' $1').toLowerCase();

function Change({change}) {
  const {kind, changeTime, actor, method, reason, before, after} = change;
  return html`<article>
    <header><strong>${words(kind)}</strong> <${Moment} time=${changeTime} />${` by ${actor || 'time alone'}${method && ` (${methodText(method)})`}${reason && `: ${reason}`}`}</header>
    <${Table} caption=${`What was ${words(kind)}`} rows=${differences(before, after)} columns=${CHANGED}
      keyOf=${(one) => one.field} empty="No field that you may see." /></article>`;
}

function Changes({name, service}) {
  if (!mayRead()) return html`<p>Who changed it is for the secretariat and operators to see.</p>`;
  return html`<${Endless} path=${`/v1/${service}:listChanges`} query=${{filter: `resource = "${name}"`, newestFirst: true}}>
    ${(changes) => changes.map((one) => html`<${Change} key=${one.resumeToken} change=${one} />`)}</${Endless}>`;
}

export default {
  title: (data, {params}) => `${data.kind.label}: ${titleOf(data.resource) || params.name}`,

  watches: ({params}) => [kindOf(params.name)?.type].filter(Boolean),

  // A record that was removed for good has a history still.
  async load({params, signal}) {
    const kind = kindOf(params.name);
    if (!kind) throw new ApiError({status: 404, message: `${params.name} isn’t the name of a record.`});
    const resource = get(`/v1/${params.name}`, {}, {signal});
    return {kind, resource: mayRead() ? await orElse(resource, null) : await resource};
  },

  View({data, params}) {
    const {kind, resource} = data;
    const {name} = params;
    const own = addressOf(name);
    const fields = resource ? [...leavesOf(resource)].filter(([field]) => field !== 'citations') : [];
    return html`
      <p><code>${name}</code>${own !== historyOf(name) && html` · <a href=${own}>its page</a>`}
        ${parentOf(name) && html` · of <${RecordLink} name=${parentOf(name)} />`}</p>
      ${resource ? html`<${Facts} facts=${[
        ...fields.map(([field, value]) => [fieldText(field), html`<${Value} value=${value} />`]),
        ['recorded', html`<${Moment} time=${resource.createTime} />`],
        ['last changed', html`<${Moment} time=${resource.updateTime} />`]]} />
        <${Citations} citations=${resource.citations} />`
      : html`<p class="unknown">It isn’t there any more.</p>`}
      <${Section} id="changes" title="History"><${Changes} name=${name} service=${kind.service} /></${Section}>`;
  },
};
