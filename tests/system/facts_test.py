"""The record of 2024, imported through the gateway, survives the death of every process.

On SQLite and on PostgreSQL.
"""

import json
import os
import unittest

import suite
import contract
import facts
import facts_capacity  # noqa: F401
import facts_meetings  # noqa: F401
import facts_membership  # noqa: F401
from client import CallError
from postgres import Postgres

# The collections of the data set's files.
_MESSAGES = {
    'membership': {'members': 'Member', 'bodies': 'Body', 'seats': 'Seat',
                   'officials': 'Official', 'appointments': 'Appointment',
                   'externalForums': 'ExternalForum', 'liaisons': 'Liaison'},
    'meetings': {'meetings': 'Meeting', 'agendaItems': 'AgendaItem', 'delegations': 'Delegation',
                 'statements': 'Statement', 'decisions': 'Decision', 'documents': 'Document'},
    'capacity': {'strategies': 'Strategy', 'areas': 'StrategyArea', 'workPlans': 'WorkPlan',
                 'progressReports': 'ProgressReport', 'priorities': 'Priority',
                 'programmes': 'Programme', 'activities': 'Activity',
                 'partnerships': 'Partnership', 'commitments': 'Commitment',
                 'reportedFigures': 'ReportedFigure'}}


def records_in(directory, service):
    """All records of a service below a directory by name, as messages: formatting, order and
    defaults that are written out don't count."""
    found = {}
    for collection, name in _MESSAGES[service].items():
        message = 'baliprocess.{}.v1.{}'.format(service, name)
        path = os.path.join(directory, service, collection + '.json')
        with open(path, encoding='utf-8') as file:
            for record in json.load(file):
                found[record['name']] = contract.from_dict(message, record)
                if not found[record['name']].visibility:
                    found[record['name']].visibility = contract.default_visibility(message)
    return found


def without_tokens(changes):
    """Changes as bytes that can be compared: a resume token is another each time."""
    for change in changes:
        change.resume_token = ''
    return [change.SerializeToString(deterministic=True) for change in changes]


class FactsOnSqlite(unittest.TestCase):
    engine = 'SQLite'

    @classmethod
    def stores(cls):
        return {}

    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(**cls.stores()).start()
        cls.suite.load()
        cls.changes = cls.read_changes()
        cls.suite.kill_all()
        cls.suite.start()

    @classmethod
    def read_changes(cls):
        client = cls.suite.client('SECRETARIAT')
        return {service: without_tokens(client.changes(service)) for service in _MESSAGES}

    @classmethod
    def tearDownClass(cls):
        cls.suite.close()

    def test_every_fact_comes_back_after_sigkill(self):
        client = self.suite.client('OBSERVER')
        missing = set()
        for number, title, check in facts.checks():
            with self.subTest(fact=number):
                try:
                    check(client)
                except (AssertionError, CallError) as error:
                    missing.add(number)
                    print('{:4} MISSING  {}: {}'.format(number, title, error))
                    raise
                print('{:4} {}'.format(number, title))
        checked = {number for number, _, _ in facts.checks()}
        print('{} of {} on {}'.format(len(checked - missing), len(facts.NUMBERS), self.engine),
              flush=True)
        self.assertEqual(checked, facts.NUMBERS)

    def test_the_change_log_survives(self):
        self.assertEqual(self.read_changes(), self.changes)
        for service in _MESSAGES:
            self.assertEqual(len(self.changes[service]), len(records_in(suite.DATA, service)))

    def test_importing_again_changes_nothing(self):
        result = self.suite.load()
        self.assertNotIn('FAILED', result.stdout)
        self.assertEqual(self.read_changes(), self.changes)

    def test_an_export_equals_the_data_and_importing_it_changes_nothing(self):
        directory = os.path.join(self.suite.directory, 'export')
        exported = self.suite.balictl('export', directory)
        self.assertEqual(exported.returncode, 0, exported.stderr)
        for service in _MESSAGES:
            self.assertEqual(records_in(directory, service), records_in(suite.DATA, service))
        imported = self.suite.balictl('import', directory)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        self.assertEqual(self.read_changes(), self.changes)


class FactsOnPostgres(FactsOnSqlite):
    engine = 'PostgreSQL'

    @classmethod
    def stores(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        return {'store': cls.postgres.create_database()[1],
                'meetings_store': cls.postgres.create_database()[1],
                'capacity_store': cls.postgres.create_database()[1]}


if __name__ == '__main__':
    suite.main()
