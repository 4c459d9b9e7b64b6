// A decision: its text, and of a silence its window, who may break it, and who spoke.

import {adoptDecision, associateReservation, breakSilence, editDecision, openSilence, withdrawDecision}
  from '../forms/decision.js';
import {get} from '../lib/api.js';
import {html} from '../lib/html.js';
import {historyOf} from '../lib/resources.js';
import {caller} from '../lib/session.js';
import {mayStillBreak, silenceWindow, takesBreaks, takesReservations, timeLeft, voices} from '../lib/silence.js';
import {Actions} from '../parts/Actions.js';
import {Citations, DateText, Facts, Moment, Prose, RecordLink, Section, Table, Tag} from '../parts/basic.js';
import {useServerNow} from '../parts/Countdown.js';

function formsOf(decision, now) {
  const {member, roles} = caller();
  // Who is of the secretariat speaks for any member, others for their own.
  const own = roles.includes('SECRETARIAT') ? '' : member;
  const spoke = (list) => own && list.some((said) => said.member === own);
  const silent = decision.procedure === 'SILENCE';
  return [
    takesBreaks(decision, now) && mayStillBreak(decision, own).length > 0 && breakSilence(decision, own),
    takesReservations(decision, now) && !spoke(decision.reservations) && associateReservation(decision, own),
    decision.state === 'DRAFT' && editDecision(decision),
    decision.state === 'DRAFT' && (silent ? openSilence(decision) : adoptDecision(decision)),
    ['DRAFT', 'SILENCE_OPEN'].includes(decision.state) && withdrawDecision(decision),
  ];
}

function Window({decision, now}) {
  const {left, share} = silenceWindow(decision, now);
  const open = decision.state === 'SILENCE_OPEN';
  return html`<p>From <${Moment} time=${decision.silenceOpenTime} zone=${decision.timeZone} />${' to '}
      <${Moment} time=${decision.silenceEndTime} zone=${decision.timeZone} />.
      ${open && html` <strong>Time left: <span role="timer" class="countdown">${timeLeft(left)}</span></strong>`}</p>
    ${open && html`<progress value=${share} max="1" aria-label="How much of the time has passed"></progress>`}`;
}

const VOICES = [
  {head: 'Member', cell: ({member}) => html`<${RecordLink} name=${member} />`},
  {head: 'May break silence', cell: ({eligible}) => (eligible ? 'yes' : 'no')},
  {head: 'Broke silence', cell: ({break: said}) => said && html`<${Tag} value=${said.kind} />${' '}
    <small><${Moment} time=${said.breakTime} /></small> <${Prose} text=${said.text} />`},
  {head: 'Reservation', cell: ({reservation: said}) => said && html`<small><${Moment} time=${said.reserveTime} /></small>
    <${Prose} text=${said.text} />`},
];

function Silence({decision, now}) {
  return html`<${Section} title="Silence" id="silence">
    <${Window} decision=${decision} now=${now} />
    <${Table} caption="Members, and what they said" rows=${voices(decision)} columns=${VOICES} keyOf=${({member}) => member} />
  </${Section}>`;
}

function Reservations({reservations}) {
  if (reservations.length === 0) return null;
  return html`<${Section} title="Reservations" id="reservations"><ul>${reservations.map((said) => html`<li key=${said.member}>
    <${RecordLink} name=${said.member} /> (<${Moment} time=${said.reserveTime} />) <${Prose} text=${said.text} /></li>`)}</ul></${Section}>`;
}

function Corrigenda({corrigenda}) {
  if (!corrigenda?.length) return null;
  return html`<${Section} title="Corrections" id="corrections"><ol>${corrigenda.map((one) => html`<li key=${one.correctTime}>
    <${Moment} time=${one.correctTime} />: ${one.reason}<details><summary>The text before</summary><${Prose} text=${one.formerText} /></details></li>`)}</ol></${Section}>`;
}

function View({data: decision, reload}) {
  const now = useServerNow();
  const lay = Boolean(decision.silenceOpenTime);
  return html`<${Facts} facts=${[
      ['Body', html`<${RecordLink} name=${decision.body} />`],
      ['State', html`<${Tag} value=${decision.state} />`],
      ['Procedure', html`<${Tag} value=${decision.procedure} />`],
      ['Kind', decision.kind !== 'KIND_UNSPECIFIED' && html`<${Tag} value=${decision.kind} />`],
      ['Number', decision.number || ''],
      ['Adopted', decision.adoptDate?.year && html`<${DateText} date=${decision.adoptDate} />`],
      ['Meeting', decision.meeting && html`<${RecordLink} name=${decision.meeting} />`],
      ['Agenda item', decision.agendaItem && html`<${RecordLink} name=${decision.agendaItem} />`],
      ['Takes up', decision.follows && html`<${RecordLink} name=${decision.follows} />`],
      ['History', html`<a href=${historyOf(decision.name)}>who changed what</a>`],
    ]} />
    <${Section} title="Text" id="text"><${Prose} text=${decision.text} /></${Section}>
    <${Actions} actions=${formsOf(decision, now)} onDone=${reload} />
    ${lay ? html`<${Silence} decision=${decision} now=${now} />` : html`<${Reservations} reservations=${decision.reservations} />`}
    <${Corrigenda} corrigenda=${decision.corrigenda} />
    <${Citations} citations=${decision.citations} />`;
}

export default {
  title: ({displayName}) => displayName,
  load: ({params, signal}) => get(`/v1/decisions/${params.decision}`, {}, {signal}),
  View,
  watches: ['Decision'],
};
