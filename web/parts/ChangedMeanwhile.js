// Somebody else has changed the record since the form was opened: what was and what is, and the
// person's own choice what to do with what they typed.

import {differences, fieldText} from '../lib/differences.js';
import {html, useEffect, useState} from '../lib/html.js';
import {Table} from './basic.js';
import {Value} from './Value.js';

const COLUMNS = [
  {head: 'Field', cell: ({field}) => fieldText(field)},
  {head: 'When you opened it', cell: ({before}) => before !== undefined && html`<${Value} value=${before} />`},
  {head: 'Now', cell: ({after}) => after !== undefined && html`<${Value} value=${after} />`},
];

// `onAgain(etag)` sends what was typed for the record as it is now.
export function ChangedMeanwhile({before, reload, onAgain}) {
  const [now, setNow] = useState();
  const [problem, setProblem] = useState('');
  const look = () => {
    setProblem('');
    reload().then(setNow, (error) => setProblem(error.message));
  };
  useEffect(look, []);
  const rows = now ? differences(before, now) : [];
  return html`<div role="alert" class="error changed">
    <p>Somebody else has changed this record since you opened the form. Nothing of yours was saved.</p>
    ${rows.length > 0 && html`<${Table} caption="What was changed" rows=${rows} columns=${COLUMNS}
      keyOf=${({field}) => field} />`}
    ${problem && html`<p>${problem} <button type="button" onClick=${look}>Look again</button></p>`}
    ${now && html`<button type="button" onClick=${() => onAgain(now.etag)}>Send mine all the same</button>`}
  </div>`;
}
