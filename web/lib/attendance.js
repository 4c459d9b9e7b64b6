// Who is to be asked for at a meeting, and what is recorded of each.

import {partyOf} from './party.js';

export const ATTENDANCES = ['PRESENT', 'REMOTE', 'APOLOGIES', 'ABSENT'];

export const CAPACITIES =
  ['BODY_MEMBER', 'OBSERVER', 'BODY', 'GUEST', 'UNDETERMINED', 'CAPACITY_UNSPECIFIED'];

// Rows {key, participant, capacity, delegation} of those with a delegation and of members of the body
// that have none: `delegation` is undefined there. A row keeps its place when a delegation comes.
export function attendanceRows(delegations, gap) {
  const rows = delegations.map((delegation) => ({
    key: partyOf(delegation.participant)?.value ?? delegation.name,
    participant: delegation.participant,
    capacity: delegation.capacity,
    delegation,
  }));
  const known = new Set(rows.map(({key}) => key));
  for (const {member} of gap?.missing ?? []) {
    if (known.has(member)) continue;
    rows.push({key: member, participant: {member}, capacity: 'BODY_MEMBER', delegation: undefined});
  }
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
}

// Pairs [capacity, delegations] in the order of protocol; a capacity that nobody has isn't there.
export function byCapacity(delegations) {
  const groups = new Map(CAPACITIES.map((capacity) => [capacity, []]));
  for (const delegation of delegations) {
    (groups.get(delegation.capacity) ?? groups.get('CAPACITY_UNSPECIFIED')).push(delegation);
  }
  return [...groups].filter(([, members]) => members.length > 0);
}

const ROLES = ['HEAD', 'ALTERNATE_HEAD', 'DELEGATE', 'ADVISER', 'SUPPORT', 'ROLE_UNSPECIFIED'];

// The people of a delegation as its list has them: the head first.
export const inOrder = (delegates) =>
  [...delegates].sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));

// How many of the rows have each attendance: {PRESENT: 3, …, '': 2}; '' counts what isn't recorded.
export function attendanceCounts(rows) {
  const counts = Object.fromEntries([...ATTENDANCES, ''].map((attendance) => [attendance, 0]));
  for (const {delegation} of rows) {
    counts[ATTENDANCES.includes(delegation?.attendance) ? delegation.attendance : ''] += 1;
  }
  return counts;
}

// The one request that records the attendance of a row.
export function attendanceRequest(meeting, row, attendance) {
  if (!row.delegation) {
    return {
      verb: 'POST',
      path: `${meeting}/delegations`,
      body: {participant: row.participant, attendance},
    };
  }
  return {
    verb: 'PATCH',
    path: row.delegation.name,
    query: {updateMask: 'attendance'},
    body: {attendance},
    etag: row.delegation.etag,
  };
}
