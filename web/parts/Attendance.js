// Attendance, recorded with one tap for each participant.

import {attendanceCounts, attendanceRequest, ATTENDANCES} from '../lib/attendance.js';
import {change, read} from '../lib/change.js';
import {html, useState} from '../lib/html.js';
import {useTitle} from '../lib/names.js';
import {partyOf} from '../lib/party.js';
import {words} from '../lib/resources.js';
import {useSubmission} from '../lib/useSubmission.js';

const newer = (one, other) =>
  Date.parse(other?.updateTime ?? 0) >= Date.parse(one?.updateTime ?? 0) ? other ?? one : one;

const remark = ({phase, error}, meanwhile) => {
  if (phase === 'sending') return 'Saving…';
  if (phase === 'done') return 'Saved';
  if (phase === 'unknown') return 'No answer came. Tap again: it is recorded once.';
  if (phase === 'conflict') return `Somebody else recorded this meanwhile: ${meanwhile || '…'}. Tap again to change it.`;
  return error?.message ?? '';
};

function Row({meeting, row}) {
  const [own, setOwn] = useState();  // as the last answer has it, which the page may not have yet
  const [state, submission] = useSubmission(change);
  const delegation = newer(own, row.delegation);
  const title = useTitle(row.key.includes('/') ? row.key : '');
  const party = partyOf(row.participant);
  const who = party?.kind === 'displayName' ? party.value : title || row.key;
  const tap = async (attendance) => {
    if (state.phase !== 'unknown' && delegation?.attendance === attendance) return;
    const after = await submission.submit(attendanceRequest(meeting, {...row, delegation}, attendance));
    if (after.phase === 'done') setOwn(after.reply);
    if (after.phase === 'conflict') setOwn(await read(delegation.name));
  };
  const failed = ['refused', 'unknown', 'conflict'].includes(state.phase);
  return html`<li data-participant=${row.key}>
    <span id=${`attendance-${row.key}`}>${who}</span>
    <div role="group" aria-labelledby=${`attendance-${row.key}`} class="taps">
      ${ATTENDANCES.map((attendance) => html`<button type="button" key=${attendance}
        aria-pressed=${String(delegation?.attendance === attendance)} disabled=${state.phase === 'sending'}
        onClick=${() => tap(attendance)}>${words(attendance)}</button>`)}
    </div>
    <small role="status" class=${failed ? 'error' : ''}>${remark(state, words(delegation?.attendance))}</small>
  </li>`;
}

// `rows` as of lib/attendance.js.
export function Attendance({meeting, rows}) {
  const counts = attendanceCounts(rows);
  const told = ATTENDANCES.filter((one) => counts[one]).map((one) => `${counts[one]} ${words(one)}`);
  return html`<details class="action" data-action="attendance">
    <summary>Record attendance</summary>
    <p>One tap for each. ${told.join(', ')}${told.length > 0 && '; '}${counts['']} not recorded.</p>
    <ul class="attendance">${rows.map((row) => html`<${Row} key=${row.key} meeting=${meeting} row=${row} />`)}</ul>
  </details>`;
}
