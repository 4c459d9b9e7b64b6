// A member's delegations beside the meetings that they were sent to.

import {all} from './api.js';
import {earliest} from './dates.js';
import {parentOf} from './resources.js';

const MOST = 2000;  // delegations that are looked at
const IN_A_FILTER = 50;  // names, since an address has to stay short
const AT_ONCE = 4;  // lists

function* pieces(list, length) {
  for (let at = 0; at < list.length; at += length) yield list.slice(at, at + length);
}

// The meetings of these names, as far as the caller sees them, by name.
async function meetingsOf(names, signal) {
  const meetings = new Map();
  for (const several of pieces([...pieces(names, IN_A_FILTER)], AT_ONCE)) {
    const lists = several.map((some) => all('/v1/meetings', {filter: some.map((name) => `name = "${name}"`).join(' OR ')}, {signal}));
    for (const meeting of (await Promise.all(lists)).flat()) meetings.set(meeting.name, meeting);
  }
  return meetings;
}

const dayOf = ({meeting}) => earliest(meeting?.startDate) ?? -Infinity;

// {rows: [{delegation, meeting}], complete}: the latest first, those without a date last. `meeting` is
// undefined where the caller may not see the meeting; `complete` says whether there are no more.
export async function delegationsOf(member, signal) {
  const found = await all('/v1/meetings/-/delegations', {filter: `participant.member = "${member}"`}, {signal, most: MOST});
  const delegations = found.slice(0, MOST);
  const meetings = await meetingsOf(delegations.map(({name}) => parentOf(name)), signal);
  const rows = delegations.map((delegation) => ({delegation, meeting: meetings.get(parentOf(delegation.name))}));
  return {rows: rows.sort(latestFirst), complete: found.length < MOST};
}

// Days that aren't known are equal, and then the name decides.
function latestFirst(a, b) {
  const [dayA, dayB] = [dayOf(a), dayOf(b)];
  return dayA === dayB ? a.delegation.name.localeCompare(b.delegation.name) : dayB - dayA;
}

const ATTENDANCES = ['PRESENT', 'REMOTE', 'APOLOGIES', 'ABSENT', 'ATTENDANCE_UNSPECIFIED'];

// How many delegations there are of each attendance: [[attendance, count]], without those of none.
export function countsOf(delegations) {
  return ATTENDANCES.map((one) => [one, delegations.filter(({attendance}) => attendance === one).length])
    .filter(([, count]) => count > 0);
}
