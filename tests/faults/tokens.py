"""What becomes of a watcher's tokens when a store has lost some of its newest changes, and goes on:
each either gets every change that came behind it, or HISTORY_COMPACTED; never a silent gap.

    tokens = Tokens(replicas)
    tokens.write(10)
    ...                     # the store is copied
    tokens.write(10)
    ...                     # the copy is made the store
    tokens.diverge(10, 20)
    tokens.judge(test, 'what happened')
"""

import queue
import sys
import time

import client
import process

COMPACTED = 'HISTORY_COMPACTED'
_PATIENCE = 10


class Tokens:
    """Writes to one replica of membership, and keeps a watch's token of behind each change."""

    def __init__(self, replicas):
        self._client = replicas.client('membership')
        self._count = 0
        self.watch = self._client.watch(timeout=600)
        self.tokens = [self.watch.token]  # the n-th: n changes were made before
        self.names = []  # of the resources, in the order of their changes
        self.lost = 0
        self._kept = 0

    def write(self, count):
        """So many changes, each of which the watch sees."""
        for _ in range(count):
            self._write()
            change, = self.watch.changes(1)
            if change.resource != self.names[-1]:
                raise AssertionError('{} was seen, {} was made'.format(change.resource,
                                                                       self.names[-1]))
            self.tokens.append(self.watch.token)

    def _write(self):
        self._count += 1
        name = 'h{}'.format(self._count)

        def done():
            try:
                self._client.call('CreateExternalForum', external_forum_id=name, timeout=3,
                                  request_id='00000000-0000-4000-8000-{:012}'.format(self._count),
                                  external_forum={'display_name': name})
                return True
            except client.CallError as error:
                if error.code not in ('UNAVAILABLE', 'DEADLINE_EXCEEDED'):
                    raise
                return False

        process.wait_for(done, 'a change is acknowledged', _PATIENCE)
        self.names.append('externalForums/' + name)

    def diverge(self, lost, written):
        """The last `lost` changes are gone; so many others are made instead."""
        self.lost = lost
        self._kept = len(self.names) - lost
        del self.names[self._kept:]
        for _ in range(written):
            self._write()

    def _resume(self, token):
        """The resources of the changes behind a token, or COMPACTED."""
        found = []
        watch = None
        end = time.monotonic() + _PATIENCE
        try:
            watch = self._client.watch(timeout=60, resume_token=token)
            while time.monotonic() < end and found[-1:] != self.names[-1:]:
                try:
                    found += [change.resource for change in watch.next(0.1).changes]
                except queue.Empty:
                    pass
        except client.CallError as error:
            if error.reason != COMPACTED:
                raise
            return COMPACTED
        finally:
            if watch is not None:
                watch.cancel()
        return found

    def judge(self, test, name):
        outcomes = [self._resume(token) for token in self.tokens]
        lost = outcomes[self._kept + 1:]
        kept = outcomes[:self._kept + 1]
        gaps = sum(found not in (COMPACTED, self.names[at:]) for at, found in enumerate(kept))
        print('{}: {} changes lost; of {} tokens before them {} go on and {} are refused; of {} '
              'behind one of them {} are refused; silent gaps {}'.format(
                  name, self.lost, len(kept), len(kept) - kept.count(COMPACTED) - gaps,
                  kept.count(COMPACTED), len(lost), lost.count(COMPACTED),
                  gaps + len(lost) - lost.count(COMPACTED)), file=sys.stderr)
        test.assertEqual(gaps + len(lost) - lost.count(COMPACTED), 0)

    def judge_standing(self, test):
        """Of the watch that stood all the time."""
        found, error = self.watch.end(_PATIENCE)
        test.assertEqual(([change.resource for change in found], error.reason), ([], COMPACTED))
