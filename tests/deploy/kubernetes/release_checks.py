"""What holds for a release of the chart, with whichever profile."""

import os
import re
import signal
import tempfile
import time

import every_fact
import image
import release
from chart import PROGRAMS
from cluster import kubectl, objects
from daemon import CommandError, wait_for
from installation import inspect
from release import NAME, NAMESPACE, Release, helm, pods

# Seconds that a new replica may take until it has its share of the calls.
_SHARE_DEADLINE = 30


def _in_short(failures):
    """How many of each code there were."""
    codes = [re.search(r': ([A-Z_]+)', failure) for failure in failures]
    names = [code.group(1) if code else 'OTHER' for code in codes]
    return ', '.join('{} {}'.format(names.count(name), name) for name in sorted(set(names)))


class Checks:
    """The profile and how it is prepared is said by who inherits it."""

    profile = ''
    settings = ()
    counts = {}
    # Whether services may be replaced without a call that fails.
    seamless = False

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.addClassCleanup(kubectl, 'delete', 'namespace', NAMESPACE, '--ignore-not-found')
        release.make_secrets('Secrets', directory.name)
        cls.prepare(directory.name)
        cls.release = Release(directory.name, cls.profile, (
            'load.enabled=true', 'load.token.existingSecret=bali-token',
            'tests.token.existingSecret=bali-token', *cls.settings))
        begun = time.monotonic()
        try:
            cls.release.install()
        except CommandError:
            cls.show()
            raise
        print('installed, record loaded: {:.0f} s'.format(time.monotonic() - begun), flush=True)

    @staticmethod
    def prepare(directory):
        """Makes what the profile needs besides."""

    @staticmethod
    def show():
        """What may tell why it isn't ready."""
        for what in (('get', 'pods', '-o', 'wide'), ('get', 'events', '--sort-by=.lastTimestamp'),
                     ('logs', '--selector=app.kubernetes.io/instance=' + NAME, '--tail=5',
                      '--prefix')):
            print(kubectl('-n', NAMESPACE, *what, check=False).stdout[-6000:], flush=True)

    def check_facts(self):
        every_fact.check(self, self.release.new_client())

    def measure(self, what, action, may_fail=False):
        """Does something while clients call. Calls may fail where it says so."""
        begun = time.monotonic()
        with self.release.new_callers() as callers:
            action()
        print('{} in {:.0f} s: {} of {} calls failed{}'.format(
            what, time.monotonic() - begun, len(callers.failures),
            callers.made + len(callers.failures),
            ': ' + _in_short(callers.failures) if callers.failures else ''), flush=True)
        if not may_fail:
            self.assertEqual(callers.failures, [])

    def check_replaced(self, before, name):
        after = {release.name_of(pod): pod['metadata']['uid'] for pod in pods(name)}
        self.assertEqual(len(after), self.counts[name])
        self.assertFalse(set(after.values()) & {pod['metadata']['uid'] for pod in before}, name)

    def test_1_every_fact_is_there(self):
        self.check_facts()

    def test_2_the_tests_of_the_chart_succeed(self):
        told = helm('test', NAME, '--logs').stdout
        self.assertIn('Succeeded', told)
        self.assertIn('UNAUTHENTICATED', told)

    def test_3_each_component_is_updated(self):
        for name in PROGRAMS:
            before = pods(name)
            self.measure(name + ' updated',
                         lambda: self.release.upgrade(name + '.pod.annotations.note=another'),
                         may_fail=not self.seamless and name != 'gateway')
            self.check_replaced(before, name)
        self.check_facts()

    def test_4_all_are_updated_to_another_image(self):
        before = {name: pods(name) for name in PROGRAMS}
        image.build_another()
        image.tag('another')
        self.measure('all updated', lambda: self.release.upgrade('image.tag=another'),
                     may_fail=not self.seamless)
        for name in PROGRAMS:
            self.check_replaced(before[name], name)
        self.check_facts()

    def scale(self, name, metric):
        """Calls go to a new replica of a component within a time."""
        more = self.counts[name] + 1
        known = {release.name_of(pod) for pod in pods(name)}

        def new_pod():
            return next((pod for pod in pods(name) if release.name_of(pod) not in known and
                         release.is_ready(pod)), None)

        def counts():
            return {release.name_of(pod): release.count(pod, metric) for pod in pods(name)}

        def scale():
            self.release.upgrade('{}.replicas={}'.format(name, more), wait=False)
            new = release.name_of(wait_for(new_pod, name + ' has a new replica', 120))
            begun = time.monotonic()

            def has_its_share():
                """Of the calls of three seconds: half of what it would have by an even spread."""
                before = counts()
                time.sleep(3)
                came = {pod: counted - before[pod] for pod, counted in counts().items()}
                return came if came[new] * 2 * more >= sum(came.values()) > 0 else None

            came = wait_for(has_its_share, 'it has its share', _SHARE_DEADLINE)
            print('{}: {:.0f} of {:.0f} at the new one of {}, {:.0f} s after it was ready'.format(
                name, came[new], sum(came.values()), more, time.monotonic() - begun), flush=True)

        self.measure(name + ' scaled to {}'.format(more), scale)
        self.release.upgrade('{}.replicas={}'.format(name, more))
        self.assertEqual(len(pods(name)), more)
        self.measure(name + ' scaled back', lambda: self.release.upgrade(
            '{}.replicas={}'.format(name, self.counts[name])))

    def test_5_a_new_gateway_has_its_share(self):
        # Connections that stand stay where they are.
        self.scale('gateway', 'gateway_connections_accepted_total')

    def test_6_a_killed_program_comes_back(self):
        for name in PROGRAMS:
            pod = pods(name)[0]

            def came_back():
                now = next(one for one in pods(name)
                           if release.name_of(one) == release.name_of(pod))
                return release.restarts(now) > release.restarts(pod) and release.is_ready(now)

            def kill():
                container = pod['status']['containerStatuses'][0]['containerID'].split('//')[1]
                os.kill(int(inspect(container, '.State.Pid')), signal.SIGKILL)
                wait_for(came_back, name + ' was started again', 120, 0.5)

            # Calls in progress there end with it.
            self.measure(name + ' killed', kill, may_fail=True)
        self.check_facts()

    def test_7_a_pod_that_is_deleted_is_replaced(self):
        for name in PROGRAMS:
            before = pods(name)
            self.measure(
                'pod of {} deleted'.format(name),
                lambda: (kubectl('-n', NAMESPACE, 'delete', 'pod', release.name_of(before[0])),
                         wait_for(lambda: self.are_ready(name), name + ' is ready', 120, 0.5)),
                may_fail=not self.seamless and name != 'gateway')
        self.check_facts()

    def are_ready(self, name):
        found = pods(name)
        return len(found) == self.counts[name] and all(map(release.is_ready, found))

    def test_8_a_broken_release_is_taken_back(self):
        for what, setting in (('an image that nobody has', 'image.tag=nowhere'),
                              ('a program that ends', 'membership.extraArgs={--no_such_flag}')):
            def break_and_take_back():
                failed = self.release.upgrade(setting, check=False, deadline='30s')
                self.assertNotEqual(failed.returncode, 0)
                begun = time.monotonic()
                helm('rollback', NAME, '--wait', '--timeout', '5m')
                print('{}: taken back in {:.0f} s'.format(what, time.monotonic() - begun),
                      flush=True)

            self.measure(what, break_and_take_back, may_fail=not self.seamless)
            for name in PROGRAMS:
                self.assertTrue(self.are_ready(name), name)
            self.check_facts()

    def test_9_it_is_removed(self):
        """What it made goes, except what it says."""
        given = {one['metadata']['name'] for one in objects('secrets,configmaps', NAMESPACE)
                 if one['metadata']['name'].startswith('bali-')}
        helm('uninstall', NAME, '--wait', '--timeout', '3m')
        left = objects('all,secrets,configmaps,pvc,sa,networkpolicy,pdb', NAMESPACE, '--selector',
                       'app.kubernetes.io/instance=' + NAME)
        # Pods of a Job stay with it.
        self.assertEqual(sorted('{} {}'.format(one['kind'], one['metadata']['name'])
                                for one in left if 'ownerReferences' not in one['metadata']),
                         sorted(self.left()))
        self.assertTrue(given)
        self.assertEqual(given, {one['metadata']['name'] for one in objects(
            'secrets,configmaps', NAMESPACE) if one['metadata']['name'].startswith('bali-')})

    @staticmethod
    def left():
        """What stays: hooks of helm."""
        return ['Job record-baliprocess-load', 'Pod record-baliprocess-test']
