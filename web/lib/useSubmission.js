// A Submission for a part of a page.

import {useMemo, useState} from './html.js';
import {Submission} from './submission.js';

// [state, submission]: `send` may be another function at each rendering.
export function useSubmission(send) {
  const [state, setState] = useState({phase: 'idle'});
  const latest = useMemo(() => ({}), []);
  latest.send = send;
  const submission =
    useMemo(() => new Submission((request, id) => latest.send(request, id), setState), []);
  return [state, submission];
}
