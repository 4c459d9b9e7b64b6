// A decision that lies in silence: its window and who may speak.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// `3 days 4 h`, `4 h 05 min`, `5 min 09 s`, `over`: as coarse as is still of use.
export function timeLeft(ms) {
  if (!(ms > 0)) return 'over';
  const pair = (value, unit, smaller) =>
    [Math.floor(value / unit), Math.floor((value % unit) / smaller)];
  const padded = (number) => String(number).padStart(2, '0');
  if (ms >= DAY) {
    const [days, hours] = pair(ms, DAY, HOUR);
    return `${days} ${days === 1 ? 'day' : 'days'} ${hours} h`;
  }
  if (ms >= HOUR) {
    const [hours, minutes] = pair(ms, HOUR, MINUTE);
    return `${hours} h ${padded(minutes)} min`;
  }
  const [minutes, seconds] = pair(ms, MINUTE, SECOND);
  return minutes > 0 ? `${minutes} min ${padded(seconds)} s` : `${seconds} s`;
}

// The window at `now` (ms of the server's clock): {opens, ends, left, share}, `share` from 0 to 1 of
// the window that is over. Undefined of a decision that never lay in silence.
export function silenceWindow(decision, now) {
  const opens = Date.parse(decision.silenceOpenTime);
  const ends = Date.parse(decision.silenceEndTime);
  if (Number.isNaN(opens) || Number.isNaN(ends)) return undefined;
  const share = ends > opens ? (now - opens) / (ends - opens) : 1;
  return {opens, ends, left: Math.max(0, ends - now), share: Math.min(1, Math.max(0, share))};
}

// Whether something can still be said: breaks come in time alone, and to a text that another
// member broke too. A reservation may be recorded beside an adopted text as well.
export function takesBreaks(decision, now) {
  if (!['SILENCE_OPEN', 'BROKEN'].includes(decision.state)) return false;
  return (silenceWindow(decision, now)?.left ?? 0) > 0;
}

export function takesReservations(decision, now) {
  if (decision.state === 'ADOPTED') return true;
  return decision.state === 'SILENCE_OPEN' && (silenceWindow(decision, now)?.left ?? 0) > 0;
}

// What each member said: rows {member, eligible, break, reservation}, first those that spoke.
export function voices(decision) {
  const eligible = decision.eligibleMembers ?? [];
  const spoke = [...(decision.breaks ?? []), ...(decision.reservations ?? [])];
  const members = [...new Set([...spoke.map(({member}) => member), ...eligible])];
  return members.map((member) => ({
    member,
    eligible: eligible.includes(member),
    break: decision.breaks?.find((said) => said.member === member),
    reservation: decision.reservations?.find((said) => said.member === member),
  }));
}

// Members that a break, or a reservation, may still come from. `own` narrows them to the caller's.
export function mayStillBreak(decision, own = '') {
  return voices(decision)
    .filter((row) => row.eligible && !row.break && (!own || row.member === own))
    .map(({member}) => member);
}
