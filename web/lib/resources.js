// The types of resources: which service has them, what people call them, and on which page they are.

// By the collections in their names, such as `bodies/seats` of `bodies/{body}/seats/{seat}`.
const KINDS = Object.fromEntries([
  ['members', 'membership', 'Member', 'member'],
  ['bodies', 'membership', 'Body', 'body'],
  ['bodies/seats', 'membership', 'Seat', 'seat'],
  ['bodies/liaisons', 'membership', 'Liaison', 'liaison'],
  ['officials', 'membership', 'Official', 'official'],
  ['officials/appointments', 'membership', 'Appointment', 'appointment'],
  ['externalForums', 'membership', 'ExternalForum', 'outside forum'],
  ['meetings', 'meetings', 'Meeting', 'meeting'],
  ['meetings/agendaItems', 'meetings', 'AgendaItem', 'agenda item'],
  ['meetings/delegations', 'meetings', 'Delegation', 'delegation'],
  ['meetings/delegations/delegates', 'meetings', 'Delegate', 'delegate'],
  ['meetings/documents', 'meetings', 'Document', 'document'],
  ['meetings/statements', 'meetings', 'Statement', 'statement'],
  ['decisions', 'meetings', 'Decision', 'decision'],
  ['actionItems', 'meetings', 'ActionItem', 'action item'],
  ['calendarLinks', 'meetings', 'CalendarLink', 'calendar link'],
  ['strategies', 'capacity', 'Strategy', 'strategy'],
  ['strategies/areas', 'capacity', 'StrategyArea', 'strategy area'],
  ['priorities', 'capacity', 'Priority', 'priority'],
  ['programmes', 'capacity', 'Programme', 'programme'],
  ['partnerships', 'capacity', 'Partnership', 'partnership'],
  ['publications', 'capacity', 'Publication', 'publication'],
  ['workPlans', 'capacity', 'WorkPlan', 'work plan'],
  ['workPlans/items', 'capacity', 'WorkPlanItem', 'work plan item'],
  ['workPlans/progressReports', 'capacity', 'ProgressReport', 'progress report'],
  ['activities', 'capacity', 'Activity', 'activity'],
  ['activities/participations', 'capacity', 'Participation', 'participation'],
  ['practitioners', 'capacity', 'Practitioner', 'practitioner'],
  ['secondments', 'capacity', 'Secondment', 'secondment'],
  ['commitments', 'capacity', 'Commitment', 'commitment'],
  ['commitments/disbursements', 'capacity', 'Disbursement', 'disbursement'],
  ['reportedFigures', 'capacity', 'ReportedFigure', 'reported figure'],
].map(([collection, service, type, label]) => [collection, {collection, service, type, label}]));

export const SERVICES = ['membership', 'meetings', 'capacity'];

// {collection, service, type, label}; undefined for what isn't a resource's name.
export function kindOf(name) {
  const parts = String(name ?? '').split('/');
  if (parts.length < 2 || parts.length % 2 || parts.some((part) => !part)) return undefined;
  return KINDS[parts.filter((_, index) => index % 2 === 0).join('/')];
}

export const kindOfType = (type) =>
  Object.values(KINDS).find((kind) => kind.type === String(type).replace('baliprocess.net/', ''));

export const kinds = () => Object.values(KINDS);

// `meetings/-/agendaItems`: the list of all of a kind.
export const listPath = (kind) => `/v1/${kind.collection.replaceAll('/', '/-/')}`;

// The name of what a resource is below: `bodies/sg` of `bodies/sg/seats/aus`; '' for the others.
export const parentOf = (name) => name.split('/').slice(0, -2).join('/');

// What the last part of a name says.
export const idOf = (name) => name.slice(name.lastIndexOf('/') + 1);

const OWN_PAGES = new Set(['members', 'bodies', 'meetings', 'decisions', 'actionItems']);

// Where a resource is shown: on its page, at its place on the page of what it is below, or else with
// its fields and its history.
export function addressOf(name) {
  const [collection, id, ...below] = name.split('/');
  if (!kindOf(name)) return undefined;
  if (!OWN_PAGES.has(collection)) return historyOf(name);
  return `/${collection}/${id}${below.length ? `#${below.join('/')}` : ''}`;
}

export const historyOf = (name) => `/history/${name}`;

// What a resource is called, by its own fields; '' for one that has no name of its own.
export const titleOf = (resource) =>
  resource?.displayName || resource?.title || resource?.shortName || words(resource?.measure);

// 'BODY_MEMBER' in words.
export const words = (constant) => String(constant ?? '').toLowerCase().replaceAll('_', ' ');
