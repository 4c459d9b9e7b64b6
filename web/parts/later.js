// A part of a page that is asked for once the page stands, since asking takes longer than the rest.

import {html, useEffect, useState} from '../lib/html.js';
import {Loading, Problem} from './basic.js';

// `ask(signal)` is a promise of the reply, which the child draws: (reply) => …. It is asked again
// when `of` changes; what was there stays until the new reply comes.
export function Later({ask, of, children}) {
  const [state, setState] = useState({});
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
  }, [of]);
  if (state.error) return html`<${Problem} error=${state.error} />`;
  return state.reply === undefined ? html`<${Loading} />` : children(state.reply);
}
