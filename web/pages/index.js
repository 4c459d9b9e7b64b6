// Every page: where it is, and which module has it. A module's default export is
//
//   {title(data, place): text for the tab and for the heading,
//    load({params, query, signal}): what the page shows, by the JSON door,
//    View({data, params, query, reload}): how, with html`…`; the heading stands above it,
//    watches: ['Meeting', …]: types whose changes have the page loaded again, or a function of the
//    place that says which}
//
// `load`, `watches` may be left out. An ApiError that `load` throws is shown in the page's place.

export const PAGES = [
  ['/', () => import('./now.js')],
  ['/now', () => import('./now.js')],
  ['/bodies', () => import('./bodies.js')],
  ['/bodies/{body}', () => import('./body.js')],
  ['/members', () => import('./members.js')],
  ['/members/{member}', () => import('./member.js')],
  ['/meetings', () => import('./meetings.js')],
  ['/meetings/{meeting}', () => import('./meeting.js')],
  ['/calendar', () => import('./calendar.js')],
  ['/decisions', () => import('./decisions.js')],
  ['/decisions/{decision}', () => import('./decision.js')],
  ['/actionItems/{actionItem}', () => import('./actionItem.js')],
  ['/figures', () => import('./figures.js')],
  ['/unknown', () => import('./unknown.js')],
  ['/search', () => import('./search.js')],
  ['/history/{name...}', () => import('./history.js')],
  ['/sign-in', () => import('./sign_in.js')],
];

// What stands in the head of every page: [address, text].
export const MENU = [
  ['/now', 'Now'],
  ['/bodies', 'Bodies'],
  ['/members', 'Members'],
  ['/meetings', 'Meetings'],
  ['/calendar', 'Calendar'],
  ['/decisions', 'Decisions and actions'],
  ['/figures', 'Figures'],
  ['/unknown', 'What we don’t know'],
];
