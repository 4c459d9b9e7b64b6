// A member's delegations beside their meetings.

import {all} from './api.js';
import {earliest} from './dates.js';

const TOGETHER = 50;  // names in one filter, whose address has to stay short

// The meetings of these names, as far as the caller sees them, by name.
async function meetingsOf(names, signal) {
  const lists = [];
  for (let at = 0; at < names.length; at += TOGETHER) {
    const filter = names.slice(at, at + TOGETHER).map((name) => `name = "${name}"`).join(' OR ');
    lists.push(all('/v1/meetings', {filter}, {signal}));
  }
  return new Map((await Promise.all(lists)).flat().map((meeting) => [meeting.name, meeting]));
}

// {delegation, meeting} of a member, the latest first, those without a date last. `meeting` is
// undefined where the caller may not see it.
export async function attendancesOf(member, signal) {
  const delegations = await all('/v1/meetings/-/delegations', {filter: `participant.member = "${member}"`}, {signal});
  const meetingOf = (delegation) => delegation.name.split('/').slice(0, 2).join('/');
  const meetings = await meetingsOf(delegations.map(meetingOf), signal);
  const rows = delegations.map((delegation) => ({delegation, meeting: meetings.get(meetingOf(delegation))}));
  return rows.sort((a, b) => dayOf(b) - dayOf(a) || a.delegation.name.localeCompare(b.delegation.name));
}

const dayOf = ({meeting}) => earliest(meeting?.startDate) ?? -1e15;

const ATTENDANCES = ['PRESENT', 'REMOTE', 'APOLOGIES', 'ABSENT', 'ATTENDANCE_UNSPECIFIED'];

// How many delegations there are of each attendance: [[attendance, count]], without those of none.
export function countsOf(delegations) {
  return ATTENDANCES.map((one) => [one, delegations.filter(({attendance}) => attendance === one).length])
    .filter(([, count]) => count > 0);
}
