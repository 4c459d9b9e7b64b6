// All meetings, the latest first; those without a date come last, and say so.

import {createMeeting} from '../forms/meeting.js';
import {html} from '../lib/html.js';
import {addressOf} from '../lib/resources.js';
import {go} from '../lib/router.js';
import {Actions} from '../parts/Actions.js';
import {DateText, RecordLink, ResourceLink, Table, Tag} from '../parts/basic.js';
import {Endless} from '../parts/Endless.js';

const COLUMNS = [
  {head: 'Meeting', cell: (meeting) => html`<${ResourceLink} resource=${meeting} />`},
  {head: 'Body', cell: ({body}) => html`<${RecordLink} name=${body} />`},
  {head: 'Date', cell: ({startDate, endDate}) => html`<${DateText} start=${startDate} end=${endDate} />`},
  {head: 'Place', cell: ({venue}) => venue?.city ?? ''},
  {head: 'State', cell: ({state}) => html`<${Tag} value=${state} />`},
];

const View = () => html`
  <${Actions} actions=${[createMeeting()]} onDone=${(meeting) => go(addressOf(meeting.name))} />
  <${Endless} path="/v1/meetings" query=${{orderBy: 'start_date desc'}}>${(meetings) =>
    html`<${Table} caption="Meetings" columns=${COLUMNS} rows=${meetings} />`}</${Endless}>`;

export default {title: () => 'Meetings', watches: ['Meeting'], View};
