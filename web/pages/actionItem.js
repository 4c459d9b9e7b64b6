// An action item: who leads, until when, and what was reported.

import {addProgressNote, completeActionItem, dropActionItem, reopenActionItem} from '../forms/actionItem.js';
import {get} from '../lib/api.js';
import {html} from '../lib/html.js';
import {historyOf} from '../lib/resources.js';
import {Actions} from '../parts/Actions.js';
import {Citations, DateText, Facts, Inline, Moment, Prose, RecordLink, Section, Tag} from '../parts/basic.js';
import {dueState} from '../parts/outcomes.js';

const formsOf = (item) => (item.state === 'OPEN'
  ? [addProgressNote(item), completeActionItem(item), dropActionItem(item)] : [reopenActionItem(item)]);

function Notes({notes}) {
  if (notes.length === 0) return html`<p class="unknown">Nothing was reported yet.</p>`;
  return html`<ol class="notes">${notes.map((note) => html`<li key=${note.noteTime}>
    <p><${Moment} time=${note.noteTime} />, ${note.member ? html`<${RecordLink} name=${note.member} />` : 'the secretariat'}</p>
    <${Prose} text=${note.text} /></li>`)}</ol>`;
}

function View({data: item, reload}) {
  const helpers = item.supportingMembers;
  return html`<${Facts} facts=${[
      ['Body', html`<${RecordLink} name=${item.body} />`],
      ['State', html`<${Tag} value=${item.state} /> <${Tag} value=${dueState(item)} />`],
      ['Lead', (item.leadMember || item.leadBody) && html`<${RecordLink} name=${item.leadMember || item.leadBody} />`],
      ['Helped by', helpers.length > 0 && html`<${Inline} items=${helpers} of=${(name) => html`<${RecordLink} name=${name} />`} />`],
      ['Due', html`<${DateText} date=${item.dueDate} />`],
      ['Closed', item.closeDate?.year && html`<${DateText} date=${item.closeDate} />`],
      ['Meeting', item.meeting && html`<${RecordLink} name=${item.meeting} />`],
      ['Decision', item.decision && html`<${RecordLink} name=${item.decision} />`],
      ['History', html`<a href=${historyOf(item.name)}>who changed what</a>`],
    ]} />
    <${Prose} text=${item.description} />
    <${Section} title="Progress" id="progress"><${Notes} notes=${item.progressNotes} /></${Section}>
    <${Actions} actions=${formsOf(item)} onDone=${reload} />
    <${Citations} citations=${item.citations} />`;
}

export default {
  title: ({displayName}) => displayName,
  load: ({params, signal}) => get(`/v1/actionItems/${params.actionItem}`, {}, {signal}),
  View,
  watches: ['ActionItem'],
};
