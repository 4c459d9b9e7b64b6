// A part of a page that is asked for once the page stands, since asking takes longer than the rest.

import {html, useEffect, useState} from '../lib/html.js';
import {useLoads} from '../lib/live.js';
import {Loading, Problem} from './basic.js';

// `ask(signal)` is a promise of the reply, which the child draws: (reply) => …. It is asked again
// with each load of the page; what was there stays until the new reply comes. `waiting` is drawn before
// the first.
export function Later({ask, waiting = html`<${Loading} />`, children}) {
  const [state, setState] = useState({});
  const loads = useLoads();
  useEffect(() => {
    const end = new AbortController();
    const run = async () => {
      try {
        const reply = await ask(end.signal);
        if (!end.signal.aborted) setState({reply});
      } catch (error) {
        if (error.name !== 'AbortError') setState({error});
      }
    };
    run();
    return () => end.abort();
  }, [loads]);
  if (state.error) return html`<${Problem} error=${state.error} />`;
  return state.reply === undefined ? waiting : children(state.reply);
}
