// Tables of what came of meetings: decisions and action items.

import {earliest, latest} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {serverNow} from '../lib/api.js';
import {DateText, Moment, RecordLink, ResourceLink, Table, Tag} from './basic.js';
import {Countdown} from './Countdown.js';

// When a decision was adopted, or how long it still lies in silence.
export function Standing({decision}) {
  if (decision.state === 'SILENCE_OPEN') {
    return html`ends in <${Countdown} time=${decision.silenceEndTime} />
      ${' '}(<${Moment} time=${decision.silenceEndTime} zone=${decision.timeZone} />)`;
  }
  return decision.adoptDate?.year ? html`<${DateText} date=${decision.adoptDate} />` : null;
}

export const DecisionTable = ({decisions, caption, empty}) => html`<${Table} caption=${caption} empty=${empty} rows=${decisions} columns=${[
  {head: 'Decision', cell: (decision) => html`<${ResourceLink} resource=${decision} />`},
  {head: 'Body', cell: ({body}) => html`<${RecordLink} name=${body} />`},
  {head: 'Kind', cell: ({kind}) => html`<${Tag} value=${kind} />`},
  {head: 'State', cell: ({state}) => html`<${Tag} value=${state} />`},
  {head: 'Number', number: true, cell: ({number}) => number || ''},
  {head: 'When', cell: (decision) => html`<${Standing} decision=${decision} />`},
]} />`;

// 'overdue' when every day that the date may stand for is over, 'due' when one of them may be.
export function dueState(item, now = serverNow()) {
  if (item.state !== 'OPEN' || !item.dueDate?.year) return '';
  if (latest(item.dueDate) + 86_400_000 <= now) return 'overdue';
  return earliest(item.dueDate) <= now ? 'due' : '';
}

export const ActionItemTable = ({items, caption, empty}) => html`<${Table} caption=${caption} empty=${empty} rows=${items} columns=${[
  {head: 'Action item', cell: (item) => html`<${ResourceLink} resource=${item} />`},
  {head: 'Body', cell: ({body}) => html`<${RecordLink} name=${body} />`},
  {head: 'Lead', cell: ({leadMember, leadBody}) => html`<${RecordLink} name=${leadMember || leadBody} />`},
  {head: 'Due', cell: (item) => html`<${DateText} date=${item.dueDate} none="no date" /> <${Tag} value=${dueState(item)} />`},
  {head: 'State', cell: ({state}) => html`<${Tag} value=${state} />`},
]} />`;
