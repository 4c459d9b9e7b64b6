// A meeting with all that belongs to it, as far as the caller sees it.

import {createActionItem} from '../forms/actionItem.js';
import {createDecision} from '../forms/decision.js';
import {createDelegation, enterOwnDelegation, sendApologies} from '../forms/delegation.js';
import {createAgendaItem, createDocument, editMeeting, lifeForms} from '../forms/meeting.js';
import {mayCall} from '../lib/access.js';
import {agendaTree, besideAgenda} from '../lib/agenda.js';
import {all, get, orElse} from '../lib/api.js';
import {attendanceRows} from '../lib/attendance.js';
import {isPartial, rangeText} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {historyOf} from '../lib/resources.js';
import {caller} from '../lib/session.js';
import {Actions} from '../parts/Actions.js';
import {AgendaItems} from '../parts/Agenda.js';
import {Attendance} from '../parts/Attendance.js';
import {Citations, DateText, Facts, Inline, OutsideLink, Prose, RecordLink, Section, Tag} from '../parts/basic.js';
import {AttendanceGap, Delegations} from '../parts/Delegations.js';
import {DocumentList} from '../parts/Documents.js';
import {Download} from '../parts/Download.js';
import {ActionItemTable, DecisionTable} from '../parts/outcomes.js';
import {StatementLine} from '../parts/Statements.js';

async function load({params, signal}) {
  const name = `meetings/${params.meeting}`;
  const own = (part) => orElse(all(`/v1/${name}/${part}`, {}, {signal}), []);
  const here = {filter: `meeting = "${name}"`};
  const [meeting, delegations, delegates, gap, agenda, statements, documents, decisions, actionItems, others] =
    await Promise.all([
      get(`/v1/${name}`, {}, {signal}),
      own('delegations'),
      own('delegations/-/delegates'),
      orElse(get(`/v1/${name}:attendanceGap`, {}, {signal}), undefined),
      orElse(get(`/v1/${name}:agenda`, {}, {signal}), {entries: [], openActionItems: []}),
      own('statements'),
      own('documents'),
      orElse(all('/v1/decisions', here, {signal}), []),
      orElse(all('/v1/actionItems', here, {signal}), []),
      orElse(all('/v1/meetings', {filter: `colocated_with : "${name}"`}, {signal}), []),
    ]);
  // Being held together may be recorded on the other meeting alone.
  const together = [...new Set([...meeting.colocatedWith, ...others.map((other) => other.name)])];
  return {meeting, delegations, delegates, gap, agenda, statements, documents, decisions, actionItems, together};
}

const clock = (time) =>
  time && `${String(time.hours ?? 0).padStart(2, '0')}:${String(time.minutes ?? 0).padStart(2, '0')}`;

function When({meeting}) {
  const {startDate, endDate, startTime, endTime, timeZone} = meeting;
  const times = [clock(startTime), clock(endTime)].filter(Boolean).join(' to ');
  return html`<${DateText} start=${startDate} end=${endDate} none="no date known" />
    ${times && `, ${times} (${timeZone})`}
    ${!startDate?.year ? '' : isPartial(startDate) && html` <small class="unknown">the day isn’t known</small>`}`;
}

function Place({venue}) {
  const parts = [venue?.displayName, venue?.address, venue?.city, venue?.regionCode].filter(Boolean);
  if (parts.length === 0 && !venue?.uri) return html`<span class="unknown">no place known</span>`;
  return html`${parts.join(', ')} ${venue.uri && html`<${OutsideLink} uri=${venue.uri} text="Join from afar" />`}`;
}

function Chairs({chairs}) {
  if (!chairs.length) return html`<span class="unknown">not recorded</span>`;
  const one = ({official, onBehalfOf}) => html`<${RecordLink} name=${official || onBehalfOf} />
    ${official && onBehalfOf && html` (for <${RecordLink} name=${onBehalfOf} />)`}`;
  return html`<${Inline} items=${chairs} of=${one} />`;
}

function CalendarLink({meeting}) {
  if (!meeting.startDate?.day) return html`<span class="unknown">in no calendar as long as its day isn’t known</span>`;
  return html`<${Download} path="/v1/meetings:calendar" query=${{filter: `name = "${meeting.name}"`}}
    fileName=${`${meeting.name.slice(9)}.ics`}>Put it in a calendar</${Download}>`;
}

const known = (constant) => constant && !constant.endsWith('_UNSPECIFIED');

function Head({meeting, together}) {
  const numberings = meeting.otherNumberings.map(({ordinal, note}) => `${ordinal} (${note})`).join(', ');
  return html`<${Facts} facts=${[
    ['Body', html`<${RecordLink} name=${meeting.body} />`],
    ['Number in the series', meeting.ordinal || ''],
    ['Also numbered', numberings],
    ['Date', html`<${When} meeting=${meeting} />`],
    ['Place', html`<${Place} venue=${meeting.venue} />`],
    ['How', known(meeting.format) && html`<${Tag} value=${meeting.format} />`],
    ['State', html`<${Tag} value=${meeting.state} />${meeting.stateReason && ` ${meeting.stateReason}`}`],
    ['Chairs', html`<${Chairs} chairs=${meeting.chairs} />`],
    ['Held together with', together.length > 0 && html`<${Inline} items=${together} of=${(name) => html`<${RecordLink} name=${name} />`} />`],
    ['Looked back to', meeting.reviewSince && html`<${RecordLink} name=${meeting.reviewSince} />`],
    ['Looked back on', meeting.reviewPeriod && rangeText(meeting.reviewPeriod.startDate, meeting.reviewPeriod.endDate)],
    ['Calendar', html`<${CalendarLink} meeting=${meeting} />`],
    ['History', html`<a href=${historyOf(meeting.name)}>who changed what</a>`],
  ]} />
  ${meeting.confidential && html`<p class="notice">Confidential: what belongs to it is there for the members consulted alone.</p>`}
  <${Prose} text=${meeting.summary} />`;
}

function Participants({data, reload}) {
  const {meeting, delegations, delegates, gap} = data;
  const {member, roles} = caller();
  const tookPlace = ['CONVENED', 'CONCLUDED'].includes(meeting.state);
  const records = mayCall({roles, member}, {roles: ['SECRETARIAT']});
  return html`<${Section} title="Delegations" id="delegations-of">
    <${Delegations} delegations=${delegations} delegates=${delegates} onDone=${reload} />
    ${tookPlace && gap && delegations.length > 0 && html`<${AttendanceGap} gap=${gap} />`}
    ${records && html`<${Attendance} meeting=${meeting.name} rows=${attendanceRows(delegations, gap)} />`}
    <${Actions} label="Participants" onDone=${reload} actions=${[
      records ? createDelegation(meeting) : member && isOpen(meeting) && ownForm(meeting, delegations, member),
    ]} />
  </${Section}>`;
}

// As long as a meeting isn't over, members say of themselves whether they come.
const isOpen = ({state}) => !['CONCLUDED', 'CANCELLED'].includes(state);

function ownForm(meeting, delegations, member) {
  const own = delegations.find(({participant}) => participant?.member === member);
  if (!own) return enterOwnDelegation(meeting, member);
  return own.attendance !== 'APOLOGIES' && sendApologies(own);
}

function AgendaSection({data, reload}) {
  const {meeting, agenda, documents, statements} = data;
  const tree = agendaTree(agenda.entries, documents, statements);
  return html`<${Section} title="Agenda" id="agenda">
    ${tree.length > 0 ? html`<${AgendaItems} nodes=${tree} />` : html`<p class="unknown">No agenda is on record.</p>`}
    <${Actions} label="Agenda" onDone=${reload} actions=${[createAgendaItem(meeting, agenda.entries)]} />
  </${Section}>`;
}

function Outcomes({data, reload}) {
  const {meeting, decisions, actionItems, agenda} = data;
  const given = {body: meeting.body, meeting: meeting.name};
  const carried = agenda.openActionItems.filter(({name}) => !actionItems.some((item) => item.name === name));
  return html`<${Section} title="Decisions" id="decisions-of">
    <${DecisionTable} decisions=${decisions} caption="Decisions of this meeting" />
    <${Actions} label="Decisions" onDone=${reload} actions=${[createDecision(given)]} />
  </${Section}>
  <${Section} title="Action items" id="action-items">
    <${ActionItemTable} items=${actionItems} caption="Action items agreed here" />
    ${carried.length > 0 && html`<${ActionItemTable} items=${carried} caption="Open action items of the body, to be taken up" />`}
    <${Actions} label="Action items" onDone=${reload} actions=${[createActionItem(given)]} />
  </${Section}>`;
}

function View({data, reload}) {
  const {meeting, agenda, statements, documents} = data;
  const besides = besideAgenda(agenda.entries, statements);
  return html`<${Head} meeting=${meeting} together=${data.together} />
    <${Actions} onDone=${reload} actions=${[...lifeForms(meeting), editMeeting(meeting)]} />
    <${AgendaSection} data=${data} reload=${reload} />
    <${Participants} data=${data} reload=${reload} />
    ${besides.length > 0 && html`<${Section} title="Statements" id="statements-of">
      <ul class="statements">${besides.map((statement) => html`<li key=${statement.name}
        id=${statement.name.split('/').slice(2).join('/')}><${StatementLine} statement=${statement} /></li>`)}</ul></${Section}>`}
    <${Outcomes} data=${data} reload=${reload} />
    <${Section} title="Documents" id="documents-of">
      ${documents.length > 0 ? html`<${DocumentList} documents=${documents} onDone=${reload} />`
        : html`<p class="unknown">No documents are on record.</p>`}
      <${Actions} label="Documents" onDone=${reload} actions=${[createDocument(meeting, agenda.entries)]} />
    </${Section}>
    <${Citations} citations=${meeting.citations} />`;
}

export default {
  title: ({meeting}) => meeting.displayName,
  load,
  View,
  watches: ['Meeting', 'Delegation', 'Delegate', 'AgendaItem', 'Document', 'Statement', 'Decision', 'ActionItem'],
};
