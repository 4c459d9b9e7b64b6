// What was done in each area of a strategy.

import {html} from '../lib/html.js';
import {historyOf} from '../lib/resources.js';
import {Bars} from './bars.js';
import {Table} from './basic.js';

const ofAll = (done, all) => (all ? `${done} of ${all}` : '0');
const activitiesOf = (entry) => entry.completedActivities + entry.plannedActivities;

const COLUMNS = [
  {head: 'Area', cell: (entry) => html`<a href=${historyOf(entry.area)}>${entry.displayName}</a>`},
  {head: 'Activities done', number: true, cell: (entry) => ofAll(entry.completedActivities, activitiesOf(entry))},
  {head: 'Publications', number: true, cell: (entry) => entry.publications},
  {head: 'Programmes', number: true, cell: (entry) => entry.programmes},
  {head: 'Priorities', number: true, cell: (entry) => entry.priorities},
  {head: 'Plan items done', number: true, cell: (entry) => ofAll(entry.completedWorkPlanItems, entry.workPlanItems)},
];

const barOf = (entry) => ({
  key: entry.area, label: entry.displayName, kind: 'recorded', moreKind: 'planned',
  value: entry.completedActivities, more: entry.plannedActivities,
  text: ofAll(entry.completedActivities, activitiesOf(entry)),
});

// `progress` is a capacity.v1.StrategyProgress.
export function StrategyProgress({strategy, progress}) {
  const label = `Activities done in each area of ${strategy.displayName}; the table below says the same`;
  return html`<h3>${strategy.displayName}</h3>
    <${Bars} label=${label} bars=${progress.entries.map(barOf)} />
    <p class="legend"><span class="key recorded">activities done</span> <span class="key planned">to be done</span></p>
    <${Table} caption=${`Progress by area: ${strategy.displayName}`} columns=${COLUMNS} rows=${progress.entries}
      keyOf=${(entry) => entry.area} />`;
}
