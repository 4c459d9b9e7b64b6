"""What must be in a store that was set back to a moment, while there were callers (load.Load)."""

import linearizability as lin
import load
import power_cut_runs
from history import History
from history_faults import refused


def log_of(client, service):
    """The keys of all changes."""
    return [load.key_of(change) for change in client.changes(service)]


def acknowledged_by(one, moment):
    """The mutations that a Load was acknowledged by a moment of its mark."""
    return [each for each in load.acknowledged_of(one.history.operations())
            if each.mark <= moment]


def problems(one, moment, client, log):
    """What is wrong with a restored service that a Load was at: that it is no prefix of the `log`
    of before, lacks what was acknowledged by the moment, isn't what callers were told by then, or
    takes on who has seen what it lacks."""
    found = log_of(client, one.service)
    if found != log[:len(found)]:
        yield 'no prefix of what was'
    there = {(resource, etag) for resource, _, etag in found}
    for each in acknowledged_by(one, moment):
        if (each.resource, each.new_etag) not in there:
            yield 'lost: {}'.format(each)
    before = one.history.until(moment)
    after = History()
    for name in {each.resource for each in before}:
        load.read(after, client, name)
    verdict = lin.check(before + after.operations(), one.before)
    yield from verdict.wrong + verdict.undecided
    yield from power_cut_runs.passed_over(one.watchers, moment, client, one.service, found)
    if len(found) == len(log):
        return
    for watcher in one.watchers:
        watch = client.receive(one.service + '/WatchChanges', resume_token=watcher.token)
        if refused(lambda: next(watch)) != 'HISTORY_COMPACTED':
            yield 'a token of what is lost was taken'
