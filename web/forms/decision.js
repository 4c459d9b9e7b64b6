// What can be done with decisions.

import {mayStillBreak} from '../lib/silence.js';
import {creationOf, editOf, idInput, methodOf} from './change.js';
import {bodies, choices, members, optionsAmong} from './options.js';

const KINDS = choices({
  RESOLUTION: 'Resolution', RECOMMENDATION: 'Recommendation', PROPOSAL: 'Proposal',
  ACKNOWLEDGEMENT: 'Acknowledgement', CONCLUSION: 'Conclusion',
});
const PROCEDURES = choices({
  CONSENSUS: 'By consensus in a meeting', SILENCE: 'By silence', NOTED: 'Put on record',
});

// A member that speaks for itself needn't pick: `own` is the member, '' for the secretariat.
const speaker = (own, options) =>
  own ? [] : [{name: 'member', label: 'Member', type: 'select', required: true, options}];

const withOwn = (own, json) => (own ? {...json, member: own} : json);

// Who broke silence isn't bound to a version of the decision: others may break silence meanwhile.
export function breakSilence(decision, own) {
  return {
    id: 'BreakSilence',
    about: own,
    title: 'Break silence',
    intro: 'The text will not be adopted. This can’t be taken back.',
    fields: [
      ...speaker(own, optionsAmong('members', mayStillBreak(decision))),
      {name: 'kind', label: 'How', type: 'choice', required: true, options: choices({
        OBJECTION: 'Objection: the member doesn’t agree',
        AMENDMENT: 'Amendment: the member wants another text',
      })},
      {name: 'text', label: 'Reasons, or the text that the member wants', type: 'long', max: 5000,
        help: 'Needed for an amendment.'},
    ],
    request: ({json}) =>
      ({verb: 'POST', path: `${decision.name}:breakSilence`, body: withOwn(own, json)}),
    done: 'Silence is broken. The text will not be adopted.',
  };
}

export function associateReservation(decision, own) {
  return {
    id: 'AssociateReservation',
    about: own,
    title: 'Have a reservation recorded',
    intro: 'The reservation stands beside the text. The text can still be adopted.',
    fields: [
      ...speaker(own, members),
      {name: 'text', label: 'Reservation', type: 'long', required: true, max: 5000},
    ],
    request: ({json}) =>
      ({verb: 'POST', path: `${decision.name}:associateReservation`, body: withOwn(own, json)}),
    done: 'The reservation is recorded.',
  };
}

export const openSilence = (decision) => methodOf(decision, 'OpenSilence', 'openSilence', {
  title: 'Open silence',
  intro: 'The text is circulated and can’t be changed after this. Who may break silence is set now.',
  fields: [{
    name: 'silenceEndTime', label: 'Silence ends', type: 'moment', required: true,
    help: `On the clock of ${Intl.DateTimeFormat().resolvedOptions().timeZone}, the zone of your machine.`,
  }],
  done: 'Silence is open.',
});

export const adoptDecision = (decision) => methodOf(decision, 'AdoptDecision', 'adopt', {
  title: decision.procedure === 'NOTED' ? 'Put on record' : 'Adopt',
  done: decision.procedure === 'NOTED' ? 'The outcome is on record.' : 'The decision is adopted.',
});

export const withdrawDecision = (decision) => methodOf(decision, 'WithdrawDecision', 'withdraw', {
  title: 'Withdraw', intro: 'The text will not be adopted.', done: 'The decision is withdrawn.',
});

const draft = [
  {name: 'displayName', label: 'What it is called', type: 'text', required: true, max: 500},
  {name: 'text', label: 'Text', type: 'long', rows: 8, required: true, max: 50000},
  {name: 'kind', label: 'Kind', type: 'select', options: KINDS},
];

export const editDecision = (decision) => editOf(decision, 'UpdateDecision', {
  title: 'Edit the draft', button: 'Save', fields: draft, done: 'The draft is saved.',
});

// `given`: the body, meeting and so on that are known where the form stands.
export const createDecision = (given = {}) => creationOf('decisions', 'CreateDecision', 'decisionId', {
  title: 'Draft a decision',
  button: 'Save the draft',
  initial: given,
  fields: [
    {name: 'body', label: 'Body that decides', type: 'select', required: true, options: bodies},
    {name: 'procedure', label: 'How it is taken', type: 'select', required: true, options: PROCEDURES},
    ...draft,
    idInput('decisionId', 'scam-numbers'),
  ],
  request: ({json: {decisionId, ...body}}) => ({
    verb: 'POST',
    path: 'decisions',
    query: decisionId ? {decisionId} : {},
    body: {...body, ...(given.meeting && {meeting: given.meeting})},
  }),
  done: 'The draft is saved.',
});
