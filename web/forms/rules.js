// Who may call the methods that forms call, as the contract says. A test compares this with the
// `x-roles` of /openapi.json. `own` tells that a member acts for itself alone.

const SECRETARIAT = {roles: ['SECRETARIAT']};
const OWN = {roles: ['MEMBER', 'SECRETARIAT'], own: true};

export const RULES = {
  AcceptCredentials: SECRETARIAT,
  AddProgressNote: OWN,
  AdoptDecision: SECRETARIAT,
  AssociateReservation: OWN,
  BreakSilence: OWN,
  CancelMeeting: SECRETARIAT,
  CompleteActionItem: SECRETARIAT,
  ConcludeMeeting: SECRETARIAT,
  ConveneMeeting: SECRETARIAT,
  CreateActionItem: SECRETARIAT,
  CreateAgendaItem: SECRETARIAT,
  CreateDecision: SECRETARIAT,
  CreateDelegation: OWN,
  CreateDocument: SECRETARIAT,
  CreateMeeting: SECRETARIAT,
  DropActionItem: SECRETARIAT,
  OpenSilence: SECRETARIAT,
  PostponeMeeting: SECRETARIAT,
  ReopenActionItem: SECRETARIAT,
  ReopenMeeting: SECRETARIAT,
  RescheduleMeeting: SECRETARIAT,
  ReturnCredentials: SECRETARIAT,
  SubmitCredentials: OWN,
  UpdateDecision: SECRETARIAT,
  UpdateDelegation: OWN,
  UpdateMeeting: SECRETARIAT,
  UploadDocument: SECRETARIAT,
  WithdrawDecision: SECRETARIAT,
};
