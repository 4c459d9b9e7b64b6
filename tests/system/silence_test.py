"""Silence that ends while members object, in the last second and under SIGKILL.

Each member hears that it was in time or too late, or nothing at all: then it asks again with the
same request_id. What became of the text agrees with what they heard, and so does the change log.

The shortest silence that a body can have is a minute, so every text is opened at the start; each
round has its own end. BALI_SEED repeats a run's random choices.
"""

import os
import random
import threading
import time
import unittest
import uuid

import suite
import contract
import process
from client import CallError

MEMBERS = 32
ROUNDS = 20
SEED = int(os.environ.get('BALI_SEED', random.randrange(1 << 32)))
SILENCE = 61  # seconds until the first text's end
BETWEEN = 0.8  # seconds from one round's end to the next

BODY = 'bodies/race'
KINDS = ('wide', 'narrow', 'quiet')


class Objection(threading.Thread):
    """One member's objection to one text, at a moment; repeated until it is answered."""

    def __init__(self, client, member, decision, moment):
        super().__init__(daemon=True)
        self.member = member
        self.decision = decision
        self.reply = None  # when it was accepted
        self.refusal = None  # when it was too late
        self.unanswered = 0
        self._client = client
        self._moment = moment
        self._request = client.request('BreakSilence', name=decision, member=member,
                                       kind='OBJECTION', request_id=str(uuid.uuid4()))

    def run(self):
        wait_until(self._moment)
        process.wait_for(self._is_answered, self.member + ' is answered')

    def _is_answered(self):
        try:
            self.reply = self._client.call('BreakSilence', self._request, timeout=5)
        except CallError as error:
            if error.code in ('UNAVAILABLE', 'DEADLINE_EXCEEDED'):
                self.unanswered += 1
                return False
            self.refusal = error
        return True


def wait_until(moment):
    time.sleep(max(0, moment - time.time()))


def seconds(timestamp):
    return timestamp.seconds + timestamp.nanos / 1e9


class Silence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print('seed {}'.format(SEED), flush=True)
        cls.random = random.Random(SEED)
        # What isn't answered at once is made again by the test, not by the gateway.
        cls.suite = suite.Suite(gateway_flags=('--wait_for_service', '0')).start()
        cls.addClassCleanup(cls.suite.close)
        cls.secretariat = cls.suite.client('SECRETARIAT')
        cls.members = [cls.add_member('org-{:02}'.format(i)) for i in range(MEMBERS)]
        cls.secretariat.call('CreateBody', body_id='race', body={
            'kind': 'WORKING_GROUP', 'display_name': 'A group', 'decision_rules': {
                'silence_procedure': True, 'minimum_silence': {'seconds': 60}}})
        cls.secretariat.call('BatchCreateSeats', parent=BODY, requests=[
            {'parent': BODY, 'seat': {'member': member, 'role': 'PARTICIPANT'}}
            for member, _ in cls.members])
        first = time.time() + SILENCE
        cls.last_second = {cls.open('last-{}'.format(i), first + 1.3 * i): first + 1.3 * i
                           for i in range(2)}
        cls.ends = [first + 3 + BETWEEN * i for i in range(ROUNDS)]
        cls.rounds = [{kind: cls.open('{}-{}'.format(kind, i), end) for kind in KINDS}
                      for i, end in enumerate(cls.ends)]

    @classmethod
    def add_member(cls, name):
        """A member's name, and a client that speaks for it."""
        cls.secretariat.call('CreateMember', member_id=name, member={
            'kind': 'ORGANISATION', 'category': 'FULL_MEMBER', 'display_name': name})
        token = cls.suite.identities.sign('--subject', name, '--role', 'member', '--member', name)
        return 'members/' + name, cls.suite.client(token=token)

    @classmethod
    def open(cls, name, end):
        """The name of a text that lies in silence until `end`."""
        decision = cls.secretariat.call('CreateDecision', decision_id=name, decision={
            'body': BODY, 'display_name': name, 'text': 'A text', 'procedure': 'SILENCE'}).name
        cls.secretariat.call('OpenSilence', name=decision, silence_end_time={
            'seconds': int(end), 'nanos': int(end % 1 * 1e6) * 1000})
        return decision

    def objections(self, decision, members, begin, end):
        """Members object to a text, each at a random moment."""
        made = [Objection(client, member, decision, self.random.uniform(begin, end))
                for member, client in members]
        for objection in made:
            objection.start()
        return made

    def outcome(self, decision, objections):
        """What became of a text. It and its history agree with what the members heard."""
        for objection in objections:
            objection.join()
            self.assertTrue(objection.reply or objection.refusal, objection.member)
        found = self.secretariat.call('GetDecision', name=decision)
        accepted = {one.member for one in objections if one.reply}
        state = type(found).State.Name(found.state)
        self.assertEqual(state, 'BROKEN' if accepted else 'ADOPTED')
        self.assertEqual({one.member for one in found.breaks}, accepted)
        self.assertEqual(len(found.breaks), len(accepted))
        for one in found.breaks:
            self.assertLess(seconds(one.break_time), seconds(found.silence_end_time))
        for objection in objections:
            if objection.refusal:
                self.assertEqual((objection.refusal.code, objection.refusal.reason),
                                 ('FAILED_PRECONDITION', 'WRONG_STATE'))
                self.assertEqual(objection.refusal.metadata['state'], state)
        self.check_history(found, accepted)
        return state

    def check_history(self, decision, accepted):
        """Created, opened, then a change for each break, or one that adopted it."""
        changes = self.secretariat.changes(
            'meetings', filter='resource = "{}"'.format(decision.name))
        steps = [contract.unpack(change.after) for change in changes]
        for before, change in zip(steps, changes[1:]):
            self.assertEqual(contract.unpack(change.before), before)
        self.assertEqual(steps[-1], decision)
        methods = [change.method.rsplit('.', 1)[-1] for change in changes[:2]]
        self.assertEqual(methods, ['CreateDecision', 'OpenSilence'])
        last = changes[2:]
        if accepted:
            self.assertEqual({'members/' + change.actor for change in last}, accepted)
            self.assertEqual([len(step.breaks) for step in steps[2:]],
                             list(range(1, len(accepted) + 1)))
        else:
            self.assertEqual([change.actor for change in last], [''])

    def test_1_all_members_in_the_last_second(self):
        for decision, end in self.last_second.items():
            wide = decision.endswith('-0')
            begin = end - (1 if wide else 0.01)
            objections = self.objections(decision, self.members, begin, end + 0.2)
            state = self.outcome(decision, objections)
            late = sum(1 for one in objections if one.refusal)
            print('{}: {}, {} in time, {} late'.format(decision, state, MEMBERS - late, late),
                  flush=True)
            if wide:
                self.assertEqual(state, 'BROKEN')

    def test_2_killed_around_the_end(self):
        states = {kind: [] for kind in KINDS}
        unanswered = 0
        for end, decisions in zip(self.ends, self.rounds):
            kill = end + self.random.uniform(-0.1, 0.05)
            some = self.random.sample(self.members, 18)
            objections = {
                'wide': self.objections(decisions['wide'], some[:8], end - 0.3, end + 0.1) +
                        self.objections(decisions['wide'], some[8:16], kill - 0.01, kill + 0.01),
                'narrow': self.objections(decisions['narrow'], some[16:], end - 0.02, end + 0.02),
                'quiet': []}
            wait_until(kill)
            self.suite.meetings.kill()
            self.suite.start_meetings()
            unanswered += self.settle(end, decisions, objections, states)
        for kind in KINDS:
            print('{}: {} broken, {} adopted'.format(
                kind, states[kind].count('BROKEN'), states[kind].count('ADOPTED')), flush=True)
        print('{} objections answered only when made again'.format(unanswered), flush=True)
        self.assertEqual(states['quiet'], ['ADOPTED'] * ROUNDS)
        self.assertIn('BROKEN', states['wide'])
        self.assertGreater(unanswered, 0)

    def settle(self, end, decisions, objections, states):
        wait_until(end)
        process.wait_for(self.answers, 'the gateway reaches meetings')
        for kind, decision in decisions.items():
            with self.subTest(decision=decision):
                states[kind].append(self.outcome(decision, objections[kind]))
        return sum(1 for some in objections.values() for one in some if one.unanswered)

    def answers(self):
        try:
            self.secretariat.call('ListMeetings')
            return True
        except CallError as error:
            if error.code != 'UNAVAILABLE':
                raise
            return False

    def test_3_numbers_are_given_once(self):
        adopted = self.secretariat.all('ListDecisions', 'decisions',
                                       filter='body = "{}" AND state = ADOPTED'.format(BODY))
        self.assertEqual(sorted(decision.number for decision in adopted),
                         list(range(1, len(adopted) + 1)))
        self.assertGreaterEqual(len(adopted), ROUNDS)


if __name__ == '__main__':
    suite.main()
