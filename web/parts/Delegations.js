// Who took part in a meeting, as what, and which members of the body weren't there.

import {credentialForms} from '../forms/delegation.js';
import {byCapacity, inOrder} from '../lib/attendance.js';
import {dateText} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {words} from '../lib/resources.js';
import {Actions} from './Actions.js';
import {PartyText, RecordLink, Table, Tag} from './basic.js';

const HEADINGS = {
  BODY_MEMBER: 'Members of the body', OBSERVER: 'Observers', BODY: 'Bodies of the forum', GUEST: 'Guests',
  UNDETERMINED: 'Not decided by the dates on record', CAPACITY_UNSPECIFIED: 'Capacity not recorded',
};

const recorded = (attendance) => (!attendance || attendance === 'ATTENDANCE_UNSPECIFIED'
  ? html`<span class="unknown">not recorded</span>` : html`<${Tag} value=${attendance} />`);

const below = (name) => name.split('/').slice(2).join('/');

function Credentials({delegation, onDone}) {
  return html`<${Tag} value=${delegation.credentials} />
    ${delegation.credentialsNote && html` <small>${delegation.credentialsNote}</small>`}
    <${Actions} label="Credentials" onDone=${onDone}
      actions=${credentialForms(delegation).map((form) => ({...form, key: `${form.id} ${delegation.name}`}))} />`;
}

const known = (constant) => constant && !constant.endsWith('_UNSPECIFIED');

function Delegate({delegate}) {
  const {name, person, title, role, presence} = delegate;
  const about = [title, known(role) && words(role), known(presence) && words(presence)].filter(Boolean).join(', ');
  return html`<li id=${below(name)}><${PartyText} party=${person} />${about && html` <small>${about}</small>`}</li>`;
}

function Participant({delegation, delegates}) {
  const people = inOrder(delegates.filter(({name}) => name.startsWith(`${delegation.name}/`)));
  return html`<span id=${below(delegation.name)}><${PartyText} party=${delegation.participant} /></span>
    ${people.length > 0 && html`<ul class="people">${people.map((one) => html`<${Delegate} key=${one.name} delegate=${one} />`)}</ul>`}`;
}

function columnsFor(delegations, delegates, onDone) {
  const columns = [
    {head: 'Who', cell: (delegation) => html`<${Participant} delegation=${delegation} delegates=${delegates} />`},
    {head: 'Attendance', cell: ({attendance}) => recorded(attendance)},
  ];
  if (delegations.some(({credentials}) => credentials)) {
    columns.push({head: 'Credentials', cell: (delegation) => html`<${Credentials} delegation=${delegation} onDone=${onDone} />`});
  }
  return columns;
}

// `delegates` are the people of these delegations, as far as the caller sees any.
export function Delegations({delegations, delegates, onDone}) {
  if (delegations.length === 0) return html`<p class="unknown">No delegations are on record.</p>`;
  return byCapacity(delegations).map(([capacity, group]) => html`<div key=${capacity}>
    <${Table} caption=${`${HEADINGS[capacity]} (${group.length})`} rows=${group} columns=${columnsFor(group, delegates, onDone)} />
  </div>`);
}

const BELONGED = {YES: 'a member then', UNKNOWN: 'may have been a member then'};

// Of a meeting that took place, if anything is on record of who came.
export function AttendanceGap({gap}) {
  const columns = [
    {head: 'Missing', cell: ({member, displayName}) => html`<${RecordLink} name=${member} text=${displayName} />`},
    {head: 'Belonged', cell: ({belonged}) => BELONGED[belonged] ?? words(belonged)},
    {head: 'Attendance', cell: ({attendance}) => recorded(attendance)},
  ];
  return html`<p>Of the members of the body as of ${dateText(gap.asOf)}, ${gap.presentCount} were there
      and ${gap.missing.length} ${gap.missing.length === 1 ? 'was' : 'were'} missing.</p>
    ${gap.missing.length > 0 && html`<${Table} caption="Members of the body that were missing" rows=${gap.missing}
      columns=${columns} keyOf=${({member}) => member} />`}`;
}
