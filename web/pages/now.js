// What comes and what runs: meetings, silences, action items; and what changed lately.

import {all, get, listed, orElse} from '../lib/api.js';
import {earliest} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {SERVICES, words} from '../lib/resources.js';
import {caller} from '../lib/session.js';
import {DateText, Moment, RecordLink, ResourceLink, Section, Table, Tag} from '../parts/basic.js';
import {Endless} from '../parts/Endless.js';
import {Later} from '../parts/later.js';
import {ActionItemTable, DecisionTable} from '../parts/outcomes.js';

const RECENT = 10;
const TYPES = ['Meeting', 'Decision', 'ActionItem', 'Document', 'Statement', 'ProgressReport', 'Seat'];

// By date, those without one last.
const byDate = (field) => (a, b) => (earliest(a[field]) ?? Infinity) - (earliest(b[field]) ?? Infinity) || 0;

const COMING = '(state = PLANNED OR state = CONVENED OR state = POSTPONED)';

// The newest changes of all services, for who may read their logs; what was changed last, for others.
async function changesLately(signal) {
  const {roles} = caller();
  if (roles.includes('SECRETARIAT') || roles.includes('OPERATOR')) {
    const logs = await Promise.all(SERVICES.map((log) => orElse(
      get(`/v1/${log}:listChanges`, {newestFirst: true, pageSize: RECENT}, {signal}), {changes: []})));
    return logs.flatMap((log) => log.changes)
      .map(({resource, kind, changeTime, actor}) => ({name: resource, kind, time: changeTime, actor}))
      .sort((a, b) => b.time.localeCompare(a.time)).slice(0, RECENT);
  }
  const lists = await Promise.all(['bodies', 'meetings', 'decisions', 'actionItems', 'reportedFigures'].map(
    (list) => orElse(get(`/v1/${list}`, {orderBy: 'update_time desc', pageSize: RECENT}, {signal}), {})));
  return lists.flatMap(listed)
    .map((one) => ({name: one.name, resource: one, kind: one.createTime === one.updateTime ? 'CREATED' : 'UPDATED', time: one.updateTime}))
    .sort((a, b) => b.time.localeCompare(a.time)).slice(0, RECENT);
}

const MEETINGS = [
  {head: 'Meeting', cell: (one) => html`<${ResourceLink} resource=${one} />`},
  {head: 'When', cell: (one) => html`<${DateText} start=${one.startDate} end=${one.endDate} />`},
  {head: 'Where', cell: (one) => [one.venue?.city, one.venue?.regionCode].filter(Boolean).join(', ')},
  {head: 'Of', cell: (one) => html`<${RecordLink} name=${one.body} />`},
  {head: 'State', cell: (one) => html`<${Tag} value=${one.state} />`},
];

const CHANGES = [
  {head: 'What', cell: (one) => html`<${RecordLink} name=${one.name} />`},
  {head: 'Change', cell: (one) => words(one.kind)},
  {head: 'When', cell: (one) => html`<${Moment} time=${one.time} />`},
];

export default {
  title: () => 'Now',
  watches: TYPES,

  async load({signal}) {
    const [undated, decisions, items] = await Promise.all([
      all('/v1/meetings', {filter: `${COMING} AND NOT start_date:*`}, {signal}),
      orElse(all('/v1/decisions', {filter: 'state = SILENCE_OPEN', orderBy: 'silence_end_time'}, {signal}), []),
      orElse(all('/v1/actionItems', {filter: 'state = OPEN'}, {signal}), []),
    ]);
    return {undated, decisions, items: [...items].sort(byDate('dueDate'))};
  },

  View({data}) {
    const {undated, decisions, items} = data;
    const signedIn = caller().signedIn;
    const none = (what) => signedIn ? `No ${what}.` : `No ${what} that the public may see.`;
    return html`
      <${Section} title="Meetings that come or run" id="meetings">
        <${Endless} path="/v1/meetings" query=${{filter: `${COMING} AND start_date:*`, orderBy: 'start_date'}}>${(dated, ended) => html`
          <${Table} caption="Planned, convened and postponed meetings, those without a date last" columns=${MEETINGS}
            rows=${ended ? [...dated, ...undated] : dated} empty=${none('meeting is planned')} />`}</${Endless}></${Section}>
      <${Section} title="Silences that run" id="silences">
        <${DecisionTable} caption="Texts that lie in silence" decisions=${decisions} empty=${none('text lies in silence')} /></${Section}>
      <${Section} title="Action items" id="items">
        <${ActionItemTable} caption="Open action items, the first due first" items=${items} empty=${none('action item is open')} /></${Section}>
      <${Section} title="Changed lately" id="changes">
        <${Later} ask=${changesLately}>${(changes) => html`
          <${Table} caption="The newest changes" columns=${CHANGES} rows=${changes} keyOf=${(one) => one.name + one.time} />`}</${Later}></${Section}>`;
  },
};
