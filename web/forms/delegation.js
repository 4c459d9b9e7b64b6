// What can be done with delegations: credentials, and who takes part.

import {creationOf, methodOf} from './change.js';
import {parties} from './options.js';

const note = {name: 'note', label: 'Note', type: 'long', rows: 3};

export const submitCredentials = (delegation) =>
  methodOf(delegation, 'SubmitCredentials', 'submitCredentials', {
    about: delegation.participant?.member,
    title: 'Submit credentials', fields: [note], done: 'The credentials are submitted.',
  });

export const acceptCredentials = (delegation) =>
  methodOf(delegation, 'AcceptCredentials', 'acceptCredentials', {
    title: 'Accept credentials', fields: [note], done: 'The credentials are accepted.',
  });

export const returnCredentials = (delegation) =>
  methodOf(delegation, 'ReturnCredentials', 'returnCredentials', {
    title: 'Return credentials', fields: [note], done: 'The credentials are returned.',
  });

// What its credentials allow.
export function credentialForms(delegation) {
  switch (delegation.credentials) {
    case 'NOT_SUBMITTED':
    case 'RETURNED':
      return [submitCredentials(delegation)];
    case 'SUBMITTED':
      return [acceptCredentials(delegation), returnCredentials(delegation)];
    case 'ACCEPTED':
      return [returnCredentials(delegation)];
    default:
      return [];  // the caller doesn't see how far they have come
  }
}

export const createDelegation = (meeting) =>
  creationOf(`${meeting.name}/delegations`, 'CreateDelegation', 'delegationId', {
    title: 'Enter a participant',
    button: 'Save',
    fields: [{
      name: 'participant', label: 'Who takes part', type: 'party', required: true, options: parties,
      help: 'A member or a body by what it is called, or anybody else by name.',
    }],
    done: 'The participant is entered.',
  });

// What a member says of its own attendance. Who it is for says the request, or it is refused.
export const sendApologies = (delegation) => methodOf(delegation, 'UpdateDelegation', '', {
  about: delegation.participant?.member,
  title: 'Send apologies',
  request: ({etag}) => ({verb: 'PATCH', path: delegation.name, query: {updateMask: 'attendance'},
    body: {participant: delegation.participant, attendance: 'APOLOGIES'}, etag}),
  done: 'The apologies are recorded.',
});

// A member enters itself.
export const enterOwnDelegation = (meeting, member) => ({
  id: 'CreateDelegation',
  about: member,
  title: 'Enter our delegation',
  request: () => ({verb: 'POST', path: `${meeting.name}/delegations`, body: {participant: {member}}}),
  done: 'The delegation is entered.',
});
