// A Submission for a part of a page.

import {useEffect, useMemo, useState} from './html.js';
import {Submission} from './submission.js';

// [state, submission]: `send` may be another function at each rendering.
export function useSubmission(send) {
  const [state, setState] = useState({phase: 'idle'});
  const latest = useMemo(() => ({}), []);
  latest.send = send;
  const submission =
    useMemo(() => new Submission((request, id) => latest.send(request, id), setState), []);
  // Who leaves the page now loses the request's id, and might do it twice.
  const open = state.phase === 'sending' || state.phase === 'unknown';
  useEffect(() => {
    if (!open) return undefined;
    const ask = (event) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [open]);
  return [state, submission];
}
