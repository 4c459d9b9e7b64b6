"""Faults of the store under callers and watchers, of all three services on SQLite: SIGKILL, power
cuts, calls on files that fail, a file that was restored, a wrong clock, a log that nobody reads,
and what members are told when a silence runs out beside a fault.

Nothing that was acknowledged is lost, nothing takes effect twice, watchers see each change once and
in order, and what callers were told could have happened one call at a time (linearizability.py).
Prints the counts, a line for each fault. BALI_FAULT_SECONDS is for how long each fault is tried: a
little by default, for ordinary runs. BALI_SEED repeats a run's random choices.
"""

import errno
import functools
import os
import random
import sys
import unittest

import suite
import history_faults
import load
import mutators
import power_cut_runs
import silence_cuts
import silence_faults
import store_faults
from shim import HOUR, name_of
from trio import NAMES, Trio

SECONDS = float(os.environ.get('BALI_FAULT_SECONDS', '1'))
IS_LONG = SECONDS >= 5
SEED = int(os.environ.get('BALI_SEED', random.randrange(1 << 32)))
# Housekeeping is once a minute.
A_ROUND = 64
# Nothing is removed before a service has run for so long.
FIRST_LOOK = 11 * 60


@functools.lru_cache(maxsize=None)
def shared_trio():
    """Of tests that leave it as it was, but for what was written."""
    trio = unittest.enterModuleContext(Trio())
    mutators.set_up(trio)
    return trio


class Faults(unittest.TestCase):
    def setUp(self):
        self.trio = self.services()
        print('{}, seed {}'.format(self.id(), SEED), file=sys.stderr)
        self.chance = random.Random('{}/{}'.format(SEED, self.id()))

    def services(self):
        return shared_trio()

    def own_services(self, *arguments):
        """Others than those of other tests."""
        trio = self.enterContext(Trio(*arguments))
        mutators.set_up(trio)
        return trio

    def account(self, fault, loads):
        """What became of loads, told and judged."""
        for one in loads:
            figures = one.account()
            print('{}, {}: {}'.format(one.service, fault, ', '.join(
                '{} {}'.format(*told) for told in figures._asdict().items())), file=sys.stderr)
            self.assertEqual(one.problems[:5], [])
            self.assertGreater(figures.acknowledged, 0)
            self.assertEqual(figures, load.Figures(figures.operations, figures.acknowledged,
                                                   0, 0, 0, 0, 0, 0))


class Kills(Faults):
    def test_killed(self):
        count = max(6, round(2 * SECONDS))
        loads = store_faults.kills(self.trio, mutators.MUTATORS, count, self.chance)
        self.account('one of three killed {} times'.format(count), loads)


class PowerCuts(Faults):
    def services(self):
        return self.own_services(NAMES)

    def test_power_cut(self):
        for kind in mutators.MUTATORS:
            for _ in range(max(1, round(SECONDS / 10))):
                with self.subTest(service=kind.SERVICE):
                    cuts, acknowledged, problems = power_cut_runs.PowerCuts(
                        self.trio, kind, self.chance).run(
                            *((1, 30, 5) if IS_LONG else (0.5, 3, 1)))
                    print('{}, {} power cuts: acknowledged {}, problems {}'.format(
                        kind.SERVICE, cuts, acknowledged, len(problems)), file=sys.stderr)
                    self.assertEqual(problems[:5], [])
                    self.assertGreater(acknowledged, cuts)


    def test_power_cut_while_silences_run_out(self):
        cuts = silence_cuts.SilenceCuts(self.trio, 8, self.chance)
        made = cuts.run(max(20, round(5 * SECONDS)))
        print('meetings, {} power cuts at {} places while silences ran out: the files had {}, they '
              'became {}, problems {}'.format(made, len(cuts.places), dict(cuts.left),
                                              dict(cuts.became), len(cuts.problems)),
              file=sys.stderr)
        self.assertEqual(cuts.problems[:5], [])
        # Cuts came before, between and behind what ends a silence.
        self.assertEqual(set(cuts.left), {'SILENCE_OPEN', 'ADOPTED', 'BROKEN'})
        self.assertEqual(set(cuts.became), {'ADOPTED', 'BROKEN'})


class CallsThatFail(Faults):
    def test_each_call_of_a_mutation(self):
        for kind in mutators.MUTATORS:
            with self.subTest(service=kind.SERVICE):
                calls = store_faults.SingleCalls(
                    self.trio, kind, self.chance, 1000 if IS_LONG else 3)
                calls.run()
                self.account('{} calls on files failed, one at a time'.format(calls.hit),
                             [calls.load])
                self.assertGreater(calls.hit, 20)
                for call, told in calls.told.items():
                    self.assertLessEqual(told, store_faults.may_be_told(call), call)
                self.assertEqual(calls.told['pwrite'], {store_faults.TOLD})

    def test_for_a_while(self):
        faults = [('pwrite', errno.ENOSPC), ('fdatasync', errno.EIO), ('pwrite', errno.EIO),
                  ('pread', errno.EIO)]
        for call, error in faults if IS_LONG else faults[:1]:
            what = '{} of {} for a while'.format(name_of(error), call)
            with self.subTest(what):
                loads, noticed, back = store_faults.while_failing(
                    self.trio, mutators.MUTATORS, call, error, max(0.5, SECONDS / 10), self.chance)
                print('{}: health told of it after {:.1f} s, and of its end after {:.1f} s'.format(
                    what, noticed, back), file=sys.stderr)
                self.account(what, loads)
                for one in loads:
                    self.assertLessEqual(set(one.unanswered()), store_faults.may_be_told(call))


class Starts(Faults):
    def services(self):
        return self.own_services()

    def test_each_call_of_a_start(self):
        services = self.trio.services()
        for service in services if IS_LONG else [self.chance.choice(services)]:
            for fresh in (False, True):
                with self.subTest(service=service.name, fresh=fresh):
                    starts = store_faults.Starts(service, self.chance, fresh)
                    starts.run(100 if IS_LONG else 1)
                    print('{}, {} store: {} starts met a call on a file that failed, {} of them '
                          'ended'.format(service.name, 'no' if fresh else 'a', starts.hit,
                                         starts.ended), file=sys.stderr)
                    self.assertEqual(starts.problems, [])
                    self.assertGreater(starts.hit, 0)


class RestoredFile(Faults):
    def services(self):
        return self.own_services()

    def test_restored_file(self):
        for kind in mutators.MUTATORS:
            with self.subTest(service=kind.SERVICE):
                restored = history_faults.Restored(self.trio, kind, self.chance)
                restored.run()
                print('{}, restored file: missed {}'.format(kind.SERVICE, restored.passed_over),
                      file=sys.stderr)
                self.assertEqual(restored.problems, [])


class WrongClock(Faults):
    def services(self):
        return self.own_services((), dict.fromkeys(NAMES, ['--change_retention', '8760h']))

    def test_wrong_clock(self):
        clock = history_faults.WrongClock(self.trio, mutators.MUTATORS, self.chance)
        clock.suspend(FIRST_LOOK)
        seconds = A_ROUND if SECONDS >= 30 else 3
        for offset in (25 * HOUR, -HOUR, 9000 * HOUR) if IS_LONG else (25 * HOUR, -HOUR):
            with self.subTest(hours=offset / HOUR):
                problems = clock.run(offset, seconds if offset > 0 else 0)
                print('clocks {:+.0f} h for {} s: problems {}'.format(
                    offset / HOUR, seconds, len(problems)), file=sys.stderr)
                self.assertEqual(problems, [])
        # Meetings looks at the time each second, as silences end; the others with housekeeping.
        self.assertLessEqual(set(NAMES if seconds == A_ROUND else ['meetings']),
                             set(clock.who_said_so()))
        if seconds == A_ROUND:
            clock.suspend(25 * HOUR)
            clock.await_forgotten(2 * A_ROUND)


class Others(Faults):
    def test_a_log_that_nobody_reads(self):
        for kind in mutators.MUTATORS if IS_LONG else [self.chance.choice(mutators.MUTATORS)]:
            with self.subTest(service=kind.SERVICE):
                one, longest = store_faults.stalled_log(self.trio, kind, self.chance)
                took = (longest.end - longest.call) / 1e9
                self.account('log that nobody reads, longest call {:.2f} s'.format(took), [one])
                self.assertLess(took, 5, (longest, one.unanswered()))

    def test_a_silence_runs_out(self):
        faults = [silence_faults.killed, silence_faults.failing] * max(1, round(SECONDS / 10))
        for fault, states, in_time, problems in silence_faults.run(self.trio, faults, self.chance):
            print('meetings, {} when a silence ran out: {}, {} in time, problems {}'.format(
                fault, states, in_time, len(problems)), file=sys.stderr)
            self.assertEqual(problems, [])
            self.assertEqual(states, ['BROKEN', 'ADOPTED'])


if __name__ == '__main__':
    suite.main()
