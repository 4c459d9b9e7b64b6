"""This release and the next one, which has another schema (next/), take each other's place on the
stores of all three services, forwards and backwards, under callers and watchers of the gateway.

On PostgreSQL both run side by side, and the older program starts on what the newer one has made of
the store: no call fails, but for uploads, which go on where they were. A SQLite file belongs to one
process, so there one release follows the other, and calls in between are made again. All calls are
answered in the end, nothing acknowledged is lost, no change is missed or comes twice. Prints the
counts. BALI_FAULT_SECONDS is ten times as long as each pair of programs runs: a little by default,
for ordinary runs.
"""

import collections
import os
import sys
import time
import unittest

import contract
import mutators
import process
import suite
from history import type_of
from loads import AGAIN, Loads
from operators import Operators
from postgres import Stores
from trio import NAMES

SECONDS = max(0.3, float(os.environ.get('BALI_FAULT_SECONDS', '1')) / 10)
THIS, NEXT = '', 'next_'  # what the names of programs begin with
# A process that ends breaks off uploads. gRPC's servers say CANCELLED of what comes just then, and
# the gateway makes a call again only if it has kept it whole.
CUT_OFF = {'UploadDocument'}
PAUSE = 0.004  # of each caller between changes: what a run checks grows with their number
AT_ONCE = 50  # resources that one filter asks for


class Releases:
    """Processes of all services behind a gateway, `count` of each, which are all of this release
    at first."""

    def __init__(self, count, stores):
        self.suite = suite.Suite(replicas=count, doubles=count > 1, **stores,
                                 gateway_flags=('--admin_listen', '127.0.0.1:0')).start()
        self.sets = [[self.suite.membership, self.suite.meetings, self.suite.capacity]]
        if count > 1:
            self.sets.append([self.suite.replicas[1], *self.suite.doubles])
        self.answered = collections.Counter()  # calls, by release
        self.of = NAMES
        mutators.set_up(self)

    def client(self, _):
        """Of the gateway, whatever the service."""
        return self.suite.client('SECRETARIAT')

    def replace(self, test, number, release):
        """The processes of one set end, and those of a release begin in their place."""
        self.stop(test, number)
        for name, one in zip(NAMES, self.sets[number]):
            one.name = release + name
            one.start(wait=False)
        for one in self.sets[number]:
            one.wait_until_listening()
        Operators(self.suite.gateway).await_in_use(one.address for one in self.suite.services())

    def stop(self, test, number):
        for one in self.sets[number]:
            one.terminate()
        for name, one in zip(NAMES, self.sets[number]):
            test.assertEqual(one.wait(), 0, one.label)
            self.answered[one.name.removesuffix(name)] += calls_of(one)

    def await_calls(self):
        """Until all processes have answered some."""
        process.wait_for(lambda: all(map(calls_of, self.suite.services())), 'all are called')


def calls_of(service):
    """How many calls a process has answered."""
    return service.log().count('"component":"access"')


def unfilled(client, service):
    """The resources of a service that a filter by their etags doesn't find, and how many were asked
    for. Only the next release has such filters."""
    last = {change.resource: contract.unpack(change.after).etag
            for change in client.changes(service)}
    wanted = collections.defaultdict(list)
    for name in last:
        wanted[type_of(name), name.rpartition('/')[0].rpartition('/')[0]].append(name)
    missing = []
    for (kind, parent), names in wanted.items():
        for at in range(0, len(names), AT_ONCE):
            some = names[at:at + AT_ONCE]
            missing += set(some) - found_by_etag(client, kind, parent, map(last.get, some))
    return missing, len(last)


def found_by_etag(client, kind, parent, etags):
    """The names of the resources of a type that have one of these etags."""
    plural = contract.option(
        next(one for one in contract.messages() if one.name == kind), 'google.api.resource').plural
    field = ''.join('_' + letter.lower() if letter.isupper() else letter for letter in plural)
    fields = {'parent': parent} if parent else {}
    return {one.name for one in client.all(
        'List' + plural[0].upper() + plural[1:], field, page_size=AT_ONCE, show_deleted=True,
        filter=' OR '.join('etag = "{}"'.format(etag) for etag in etags), **fields)}


class Versions:
    COUNT = None  # processes of each service

    @classmethod
    def stores(cls):
        """Arguments of a Suite."""
        return {}

    def setUp(self):
        self.releases = Releases(self.COUNT, self.stores())
        self.addCleanup(self.releases.suite.close)

    def under_load(self, *steps):
        """Replaces one set after the other, as (number, release) say, while callers make calls
        again until they are answered. The errors of those that were, without uploads."""
        with Loads(self.releases, callers=2, patience=1, pause=PAUSE) as loads:
            began = time.monotonic()
            for number, release in steps:
                time.sleep(SECONDS)
                self.releases.replace(self, number, release)
                self.releases.await_calls()
                loads.await_writes()
            time.sleep(SECONDS)
            gap = loads.longest_gap(began, time.monotonic())
        for number in range(self.COUNT):
            self.releases.replace(self, number, NEXT)
        answered, given_up = self.releases.answered, loads.given_up()
        errors = [error for error in loads.errors() if error.method not in CUT_OFF]
        loads.settle(self, self.id().rpartition('.')[2],
                     'of uploads {}'.format(len(loads.errors()) - len(errors)),
                     'calls answered by this release {}'.format(answered[THIS]),
                     'by the next {}'.format(answered[NEXT]), 'never {}'.format(len(given_up)),
                     'without an acknowledgement for {:.2f} s at most'.format(gap),
                     again=AGAIN | {'CANCELLED'})
        self.assertEqual(given_up, [])
        self.check_columns()
        return errors

    def check_columns(self):
        """The next release has filled in what this one doesn't know."""
        for service in NAMES:
            missing, count = unfilled(self.releases.client(service), service)
            print('{}: of {} resources {} are not as the next release keeps them'.format(
                service, count, len(missing)), file=sys.stderr)
            self.assertEqual(missing[:5], [])


class SideBySide(Stores, Versions, unittest.TestCase):
    COUNT = 2

    def test_side_by_side(self):
        errors = self.under_load((1, NEXT), (0, NEXT), (0, THIS), (1, THIS))
        self.assertEqual(errors, [])


class InTurn(Versions, unittest.TestCase):
    COUNT = 1

    def test_one_after_the_other(self):
        self.under_load((0, NEXT), (0, THIS))


if __name__ == '__main__':
    suite.main()
