"""What a terminal of 80 columns shows of each collection of the record of 2024, as
desk_lists.txt has it: no line is longer, and no name is cut. `desk_lists_test.py write` writes the
file anew."""

import contextlib
import os
import subprocess
import sys
import unittest

import suite
import terminal

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'desk_lists.txt')
COLUMNS = 80
COLLECTIONS = [
    'members', 'bodies', 'bodies/-/seats', 'officials', 'officials/-/appointments', 'bodies/-/liaisons',
    'externalForums', 'meetings', 'meetings/-/agendaItems', 'meetings/-/delegations',
    'meetings/-/delegations/-/delegates', 'meetings/-/statements', 'meetings/-/documents',
    'decisions', 'actionItems', 'strategies', 'strategies/-/areas', 'programmes', 'priorities',
    'activities', 'publications', 'reportedFigures', 'commitments', 'commitments/-/disbursements',
    'secondments', 'partnerships', 'practitioners', 'workPlans', 'workPlans/-/items']


def on_terminal(running, *words):
    """What balictl writes to a terminal, its errors included."""
    environment = {'BALI_SERVER': running.gateway.address, 'BALI_CA': running.identities.ca,
                   'BALI_TOKEN': running.identities.token('SECRETARIAT')}
    with terminal.Terminal(words, environment, columns=COLUMNS, stdin=subprocess.DEVNULL) as shown:
        return shown.end()[1]


def lists():
    with contextlib.closing(suite.Suite().start()) as running:
        running.load()
        return ''.join('$ balictl list {}\n{}\n'.format(one, on_terminal(running, 'list', one))
                       for one in COLLECTIONS)


class Lists(unittest.TestCase):
    def test_fit_eighty_columns(self):
        shown = lists()
        with open(GOLDEN, encoding='utf-8') as file:
            self.assertEqual(shown, file.read())
        for line in shown.split('\n'):
            self.assertLessEqual(len(line), COLUMNS, line)
            if not line.startswith('('):
                self.assertNotIn('…', line.split(' ')[0])


if __name__ == '__main__':
    if sys.argv[1:] == ['write']:
        with open(GOLDEN, 'w', encoding='utf-8') as golden:
            golden.write(lists())
    else:
        suite.main()
