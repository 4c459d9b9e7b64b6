// What the caller can do here: forms of those methods that the caller may call, and what became of
// the last one. The sentence stays when the form that led to it is gone, and has the focus.

import {mayCall} from '../lib/access.js';
import {html, useRef, useState} from '../lib/html.js';
import {caller} from '../lib/session.js';
import {RULES} from '../forms/rules.js';
import {ActionForm} from './ActionForm.js';

// `actions` as in ActionForm.js, with `about`, the member that an action is for; what isn't one, such
// as false, is passed over. `onDone` is told the reply.
export function Actions({actions, label = 'What you can do', onDone}) {
  const [told, setTold] = useState('');
  const status = useRef();
  const finish = (reply, sentence = 'Done.') => {
    setTold(sentence);
    status.current?.focus({preventScroll: true});
    onDone?.(reply);
  };
  const offered = actions.filter((action) => action && mayCall(caller(), RULES[action.rule ?? action.id], action.about));
  if (offered.length === 0 && !told) return null;
  return html`<div class="actions" role="group" aria-label=${label}>
    ${offered.map((action) => html`<${ActionForm} key=${action.key ?? action.id} action=${action} onDone=${finish} />`)}
    <p role="status" tabindex="-1" ref=${status}>${told}</p>
  </div>`;
}
