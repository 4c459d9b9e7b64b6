import assert from 'node:assert/strict';
import test from 'node:test';

import {mayCall} from './access.js';
import {agendaTree, besideAgenda} from './agenda.js';
import {attendanceCounts, attendanceRequest, attendanceRows, byCapacity} from './attendance.js';
import {mayStillBreak, silenceWindow, takesBreaks, takesReservations, timeLeft, voices} from './silence.js';
import {changedValues, rawOf, readValues} from './formValues.js';
import {Submission} from './submission.js';
import {inputOf, placeViolations} from './violations.js';

const entry = (name, number, parentItem = '') => ({agendaItem: {name, parentItem}, number});

test('parts stand below their item, and those of a hidden item at the top', () => {
  const entries = [entry('a', '1'), entry('a1', '1.1', 'a'), entry('b1', '2.1', 'b')];
  const documents = [{name: 'paper', agendaItem: 'a1'}, {name: 'minutes', agendaItem: ''}];
  const tree = agendaTree(entries, documents);
  assert.deepEqual(tree.map(({number}) => number), ['1', '2.1']);
  assert.equal(tree[0].parts[0].documents[0].name, 'paper');
  assert.deepEqual(besideAgenda(entries, documents).map(({name}) => name), ['minutes']);
});

test('who has no delegation is asked for too', () => {
  const aus = {name: 'd/aus', participant: {member: 'members/aus'}, capacity: 'BODY_MEMBER',
    attendance: 'PRESENT', etag: 'e'};
  const expert = {name: 'd/x', participant: {displayName: 'An expert'}, capacity: 'GUEST'};
  const gap = {missing: [{member: 'members/aus'}, {member: 'members/fji', delegation: ''}]};
  const rows = attendanceRows([aus, expert], gap);
  assert.deepEqual(rows.map(({key}) => key), ['An expert', 'members/aus', 'members/fji']);
  assert.deepEqual(attendanceCounts(rows),
    {PRESENT: 1, REMOTE: 0, APOLOGIES: 0, ABSENT: 0, '': 2});
  assert.deepEqual(byCapacity([expert, aus]).map(([capacity]) => capacity), ['BODY_MEMBER', 'GUEST']);
  assert.deepEqual(attendanceRequest('meetings/m', rows[1], 'ABSENT'), {verb: 'PATCH', path: 'd/aus',
    query: {updateMask: 'attendance'}, body: {attendance: 'ABSENT'}, etag: 'e'});
  assert.deepEqual(attendanceRequest('meetings/m', rows[2], 'PRESENT'), {verb: 'POST',
    path: 'meetings/m/delegations', body: {participant: {member: 'members/fji'}, attendance: 'PRESENT'}});
});

test('the time that is left is told as coarsely as is of use', () => {
  assert.equal(timeLeft(0), 'over');
  assert.equal(timeLeft(59_999), '59 s');
  assert.equal(timeLeft(60_000), '1 min 00 s');
  assert.equal(timeLeft(3_600_000), '1 h 00 min');
  assert.equal(timeLeft(86_400_000), '1 day 0 h');
  assert.equal(timeLeft(3 * 86_400_000 + 4 * 3_600_000), '3 days 4 h');
});

const silence = {
  state: 'SILENCE_OPEN',
  silenceOpenTime: '2026-01-01T00:00:00Z',
  silenceEndTime: '2026-01-03T00:00:00Z',
  eligibleMembers: ['members/aus', 'members/nzl'],
  breaks: [{member: 'members/aus', kind: 'OBJECTION'}],
  reservations: [{member: 'members/tha', text: 'Subject to law'}],
};
const during = Date.parse('2026-01-02T00:00:00Z');
const after = Date.parse('2026-01-03T00:00:00Z');

test('a window, and who may speak in it', () => {
  assert.equal(silenceWindow(silence, during).share, 0.5);
  assert.equal(silenceWindow({state: 'DRAFT'}, during), undefined);
  assert.equal(takesBreaks({...silence, state: 'BROKEN'}, during), true);
  assert.equal(takesBreaks(silence, after), false);
  assert.equal(takesReservations(silence, during), true);
  assert.equal(takesReservations({...silence, state: 'BROKEN'}, during), false);
  assert.equal(takesReservations({...silence, state: 'ADOPTED'}, after), true);
  assert.deepEqual(mayStillBreak(silence), ['members/nzl']);
  assert.deepEqual(mayStillBreak(silence, 'members/aus'), []);
  assert.deepEqual(voices(silence).map(({member, eligible}) => [member, eligible]),
    [['members/aus', true], ['members/tha', false], ['members/nzl', true]]);
});

test('an error stands beside the input it is about, or is told above the form', () => {
  assert.equal(inputOf('meeting.start_date', ['startDate', 'endDate']), 'startDate');
  assert.equal(inputOf('silence_end_time', ['silenceEndTime']), 'silenceEndTime');
  assert.equal(inputOf('meeting.venue.region_code', ['venue', 'venue.regionCode']), 'venue.regionCode');
  assert.equal(inputOf('delegation.participant.member', ['participant']), 'participant');
  assert.equal(inputOf('agenda_item.topics[2]', ['topics']), 'topics');
  const error = {fields: [{field: 'text', description: 'is required'}, {field: 'etag', description: 'is odd'}]};
  assert.deepEqual(placeViolations(error, ['text']),
    {byInput: {text: ['is required']}, others: ['etag: is odd']});
});

test('a member acts for itself, the secretariat for all', () => {
  const rule = {roles: ['MEMBER', 'SECRETARIAT'], own: true};
  const aus = {roles: ['PUBLIC', 'MEMBER'], member: 'members/aus'};
  assert.equal(mayCall(aus, rule, 'members/aus'), true);
  assert.equal(mayCall(aus, rule, 'members/nzl'), false);
  assert.equal(mayCall(aus, rule), false);
  assert.equal(mayCall({roles: ['SECRETARIAT'], member: ''}, rule, 'members/nzl'), true);
  assert.equal(mayCall({roles: ['PUBLIC'], member: ''}, rule), false);
  assert.equal(mayCall(aus, {roles: ['SECRETARIAT']}), false);
});

const failure = (reason, retryAfter = 0) => Object.assign(new Error(reason), {reason, retryAfter});

// A submission whose attempts end as told: a reason, or a reply.
function trial(...outcomes) {
  const sent = [];
  let ids = 0;
  const send = async (request, id) => {
    sent.push([request, id]);
    const outcome = outcomes.shift();
    if (typeof outcome === 'string') throw failure(outcome);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const submission =
    new Submission(send, undefined, {wait: async () => {}, newId: () => `id-${++ids}`});
  return {submission, sent};
}

test('a double click sends once', async () => {
  const {submission, sent} = trial({ok: 1});
  const states = await Promise.all([submission.submit('x'), submission.submit('x')]);
  assert.equal(sent.length, 1);
  assert.equal(states[0].phase, 'done');
});

test('a lost reply is asked for again with the same id', async () => {
  const {submission, sent} = trial('NO_REPLY', {ok: 1});
  assert.equal((await submission.submit('x')).phase, 'done');
  assert.deepEqual(sent, [['x', 'id-1'], ['x', 'id-1']]);
});

test('who is asked to wait for long is told so', async () => {
  const {submission, sent} = trial(failure('RATE_LIMITED', 10), failure('RATE_LIMITED', 11), {ok: 1});
  const {phase, error} = await submission.submit('x');
  assert.deepEqual([phase, error.reason, sent.length], ['refused', 'RATE_LIMITED', 2]);
});

test('as long as the outcome is unknown, the same request is sent with the same id', async () => {
  const {submission, sent} = trial('NO_REPLY', 'NO_REPLY', 'NO_REPLY', 'TOKEN_EXPIRED', {ok: 1}, {ok: 2});
  assert.equal((await submission.submit('x')).phase, 'unknown');
  submission.reset();
  assert.equal((await submission.submit('y')).phase, 'unknown');  // the token says nothing of the request
  assert.equal((await submission.submit('y')).phase, 'done');
  assert.deepEqual(new Set(sent.map(([request, id]) => request + id)), new Set(['xid-1']));
  await submission.submit('y');
  assert.deepEqual(sent.at(-1), ['y', 'id-2']);
});

test('after an answer the next request has an id of its own', async () => {
  const {submission, sent} = trial('INVALID_FIELDS', 'ETAG_MISMATCH', {ok: 1});
  assert.equal((await submission.submit('x')).phase, 'refused');
  assert.equal((await submission.submit('y')).phase, 'conflict');
  assert.equal((await submission.submit('y')).phase, 'done');
  assert.deepEqual(sent.map(([, id]) => id), ['id-1', 'id-2', 'id-3']);
});

const fields = [
  {name: 'displayName', type: 'text', required: true},
  {name: 'startDate', type: 'date'},
  {name: 'venue.city', type: 'text'},
  {name: 'ordinal', type: 'number'},
  {name: 'topics', type: 'lines'},
];

test('a date is read as precisely as it is typed, and no more', () => {
  const read = (startDate) => readValues(fields, {displayName: 'M', startDate}).json.startDate;
  assert.deepEqual(read('2024'), {year: 2024, month: 0, day: 0});
  assert.deepEqual(read('2024-05'), {year: 2024, month: 5, day: 0});
  assert.deepEqual(read('2024-05-02'), {year: 2024, month: 5, day: 2});
  assert.equal(read(''), undefined);
  assert.equal(rawOf(fields, {startDate: {year: 2023, month: 2, day: 0}}).startDate, '2023-02');
});

test('what cannot be read is told of its field, and nothing is sent', () => {
  const {error} = readValues(fields, {startDate: 'in May', ordinal: '1.5'});
  assert.deepEqual(error.fields.map(({field}) => field), ['displayName', 'startDate', 'ordinal']);
});

test('an update has what was changed alone, and clears what was emptied', () => {
  const before = {displayName: 'M', ordinal: 0, venue: {city: 'Bali'}, startDate: {year: 2023, month: 2, day: 0}};
  const raw = {...rawOf(fields, before), displayName: 'N', 'venue.city': '', topics: 'a\n\n b '};
  assert.deepEqual(changedValues(fields, before, raw),
    {body: {displayName: 'N', topics: ['a', 'b']}, updateMask: 'displayName,venue.city,topics', error: undefined});
});

test('what is typed as a moment comes back as it was', () => {
  const field = [{name: 'silenceEndTime', type: 'moment'}];
  const time = readValues(field, {silenceEndTime: '2027-01-15T17:00'}).json;
  assert.equal(rawOf(field, time).silenceEndTime, '2027-01-15T17:00');
});

test('a party is one on record by what it is called, or else a name', () => {
  const field = [{name: 'presenter', type: 'party', options: [{value: 'members/aus', label: 'Australia'}]}];
  assert.deepEqual(readValues(field, {presenter: 'Australia'}).json, {presenter: {member: 'members/aus'}});
  assert.deepEqual(readValues(field, {presenter: 'An expert'}).json, {presenter: {displayName: 'An expert'}});
});
