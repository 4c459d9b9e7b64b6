// What can be done with action items.

import {creationOf, methodOf} from './change.js';
import {bodies, members} from './options.js';

const note = {name: 'note', label: 'Note', type: 'long', max: 5000};

export const addProgressNote = (item) => methodOf(item, 'AddProgressNote', 'addProgressNote', {
  about: item.leadMember,
  title: 'Add a progress note',
  fields: [{name: 'text', label: 'What is reported', type: 'long', required: true, max: 5000}],
  done: 'The note is recorded.',
});

export const completeActionItem = (item) => methodOf(item, 'CompleteActionItem', 'complete', {
  title: 'Close as done', fields: [note], done: 'The action item is closed.',
});

export const dropActionItem = (item) => methodOf(item, 'DropActionItem', 'drop', {
  title: 'Close as not to be done', fields: [note], done: 'The action item is dropped.',
});

export const reopenActionItem = (item) => methodOf(item, 'ReopenActionItem', 'reopen', {
  title: 'Open again', fields: [note], done: 'The action item is open again.',
});

// `given`: the body and the meeting that are known where the form stands.
export const createActionItem = (given = {}) => creationOf('actionItems', 'CreateActionItem', 'actionItemId', {
  title: 'Enter an action item',
  button: 'Save',
  initial: given,
  fields: [
    {name: 'body', label: 'Body that agreed on it', type: 'select', required: true, options: bodies},
    {name: 'displayName', label: 'What is to be done', type: 'text', required: true, max: 500},
    {name: 'leadMember', label: 'Lead', type: 'select', options: members},
    {name: 'dueDate', label: 'Due', type: 'date', help: 'As precisely as it was agreed: 2024, 2024-05 or 2024-05-02.'},
    {name: 'description', label: 'In full', type: 'long', max: 20000},
  ],
  request: ({json}) => ({
    verb: 'POST', path: 'actionItems', body: {...json, ...(given.meeting && {meeting: given.meeting})},
  }),
  done: 'The action item is recorded.',
});
