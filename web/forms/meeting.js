// What can be done with meetings, their agenda and their documents.

import {change} from '../lib/change.js';
import {sha256} from '../lib/sha256.js';
import {isRepeated} from '../lib/submission.js';
import {creationOf, editOf, idInput, methodOf} from './change.js';
import {bodies, choices, parties} from './options.js';

const date = 'As precisely as it is known: 2024, 2024-05 or 2024-05-02. Empty: not known.';

const dates = [
  {name: 'startDate', label: 'First day', type: 'date', help: date},
  {name: 'endDate', label: 'Last day', type: 'date', help: 'Empty: the same as the first.'},
  {name: 'startTime', label: 'Begins', type: 'clock'},
  {name: 'endTime', label: 'Ends', type: 'clock'},
];

const facts = [
  {name: 'displayName', label: 'What it is called', type: 'text', required: true, max: 300},
  {name: 'ordinal', label: 'Number in the body’s series', type: 'number', help: 'Such as 18 for the 18th. Empty: not numbered.'},
  ...dates,
  {name: 'timeZone', label: 'Time zone', type: 'text', help: 'Such as Asia/Kuala_Lumpur. Needed with times.'},
  {name: 'venue.displayName', label: 'Building or room', type: 'text', max: 300},
  {name: 'venue.city', label: 'City', type: 'text', max: 200},
  {name: 'venue.regionCode', label: 'Country or territory', type: 'text', max: 2, help: 'Two letters, such as MY.'},
  {name: 'format', label: 'How', type: 'select', options: choices({
    IN_PERSON: 'All in one place', ONLINE: 'All from afar', HYBRID: 'Some in one place, some from afar'})},
  {name: 'summary', label: 'Summary', type: 'long', max: 20000},
];

// `given`: the body that is known where the form stands.
export const createMeeting = (given = {}) => creationOf('meetings', 'CreateMeeting', 'meetingId', {
  title: 'Enter a meeting',
  button: 'Save',
  initial: given,
  fields: [
    {name: 'body', label: 'Body that meets', type: 'select', required: true, options: bodies},
    ...facts,
    idInput('meetingId', 'sg-19'),
  ],
  done: 'The meeting is entered.',
});

export const editMeeting = (meeting) => editOf(meeting, 'UpdateMeeting', {
  title: 'Edit the meeting', button: 'Save', fields: facts, done: 'The meeting is saved.',
});

const reason = {name: 'reason', label: 'Reason', type: 'long', rows: 2};

const convene = (meeting) => methodOf(meeting, 'ConveneMeeting', 'convene', {
  title: 'Convene', intro: 'Calls the meeting to order.', done: 'The meeting is convened.',
});
const conclude = (meeting) => methodOf(meeting, 'ConcludeMeeting', 'conclude', {
  title: 'Conclude', intro: 'Ends the meeting.', done: 'The meeting is concluded.',
});
const postpone = (meeting) => methodOf(meeting, 'PostponeMeeting', 'postpone', {
  title: 'Postpone', fields: [reason], done: 'The meeting is postponed.',
});
const cancel = (meeting) => methodOf(meeting, 'CancelMeeting', 'cancel', {
  title: 'Cancel', button: 'Cancel the meeting', fields: [reason], done: 'The meeting is cancelled.',
});
const reschedule = (meeting) => methodOf(meeting, 'RescheduleMeeting', 'reschedule', {
  title: 'Reschedule', fields: dates, done: 'The meeting is planned again.',
});
const reopen = (meeting) => methodOf(meeting, 'ReopenMeeting', 'reopen', {
  title: 'Take the state back',
  intro: 'For a state that was recorded by mistake. The history keeps the reason.',
  fields: [{...reason, required: true}],
  done: 'The state is taken back.',
});

const LIFE = {
  PLANNED: [convene, postpone, cancel],
  CONVENED: [conclude, reopen],
  CONCLUDED: [reopen],
  POSTPONED: [reschedule, cancel],
  CANCELLED: [reopen],
};

// What the meeting's state allows.
export const lifeForms = (meeting) => (LIFE[meeting.state] ?? []).map((form) => form(meeting));

const ITEM_KINDS = choices({
  FORMALITY: 'Formality', REPORT: 'Report', DISCUSSION: 'Discussion', DECISION_POINT: 'Decision point',
  PRESENTATION: 'Presentation', OTHER_BUSINESS: 'Other business',
});

const itemOptions = (entries) =>
  entries.map(({agendaItem, number}) => ({value: agendaItem.name, label: `${number} ${agendaItem.displayName}`}));

export const createAgendaItem = (meeting, entries) =>
  creationOf(`${meeting.name}/agendaItems`, 'CreateAgendaItem', 'agendaItemId', {
    title: 'Enter an agenda item',
    button: 'Save',
    fields: [
      {name: 'displayName', label: 'What it is called', type: 'text', required: true, max: 500},
      {name: 'kind', label: 'Kind', type: 'select', options: ITEM_KINDS},
      {name: 'parentItem', label: 'Part of', type: 'select', options: itemOptions(entries)},
      {name: 'presenters', label: 'Presented by', type: 'party', options: parties,
        help: 'Somebody on record by what they are called, or anybody else by name.'},
      {name: 'topics', label: 'Topics', type: 'lines', rows: 3, help: 'One a line.'},
    ],
    request: ({json: {presenters, ...body}}) => ({
      verb: 'POST',
      path: `${meeting.name}/agendaItems`,
      body: {...body, ...(presenters && {presenters: [{presenter: presenters}]})},
    }),
    done: 'The agenda item is entered.',
  });

const file = {name: 'file', label: 'File', type: 'file', help: 'At most 64 MiB.'};

async function upload(name, content) {
  const query = {sizeBytes: content.size, sha256: await sha256(content)};
  return change({verb: 'POST', path: `${name}:upload`, query, file: content});
}

// The record first and then its file. Sent again after a lost reply, the first is done once by its
// request id, and the second by the file's SHA-256.
export const createDocument = (meeting, entries) => ({
  id: 'CreateDocument',
  title: 'Enter a document',
  button: 'Save',
  fields: [
    {name: 'displayName', label: 'What it is called', type: 'text', required: true, max: 500},
    {name: 'kind', label: 'Kind', type: 'select', options: choices({
      AGENDA: 'Agenda', MINUTES: 'Minutes', PUBLIC_STATEMENT: 'Public statement', PAPER: 'Paper',
      SLIDES: 'Slides', PRESS: 'Press', LETTER: 'Letter'})},
    {name: 'agendaItem', label: 'For the agenda item', type: 'select', options: itemOptions(entries)},
    {name: 'uri', label: 'Where it can be read outside', type: 'text', max: 2000},
    {name: 'visibility', label: 'Who may read it', type: 'select', options: choices({
      PUBLIC: 'Everybody', MEMBERS: 'Members and observers', RESTRICTED: 'The secretariat'})},
    file,
  ],
  send: async ({json: {file: content, ...body}}, requestId) => {
    const path = `${meeting.name}/documents`;
    const document = await change({verb: 'POST', path, body}, requestId);
    if (!content) return document;
    try {
      return await upload(document.name, content);
    } catch (error) {
      if (isRepeated(error)) throw error;
      return {...document, refusal: error.message};  // what is entered stays entered
    }
  },
  done: ({refusal}) => (refusal
    ? `The document is entered, but its file was refused: ${refusal}` : 'The document is entered.'),
});

// A newer version of what is kept, or the file of a document that has none yet.
export const uploadDocument = (document) => ({
  id: 'UploadDocument',
  key: document.name,
  title: document.content ? 'Put a newer version' : 'Put a file',
  button: 'Send the file',
  fields: [{...file, required: true}],
  send: ({json}) => upload(document.name, json.file),
  done: 'The file is kept.',
});
