"""Lists as spreadsheets: participants from CSV beside a call for each, interrupted and repeated; a workbook of another
program; every list written, and read again unchanged.

BALI_ROWS: how many participants, 4,000 unless told: the whole is BALI_ROWS=20000.
"""

import contextlib
import datetime
import os
import re
import signal
import subprocess
import time
import unittest

import openpyxl

import process
import suite

ROWS = int(os.environ.get('BALI_ROWS', '4000'))
ONE_BY_ONE = 200
# A row is two records, each of them read, checked and sent.
MOST_KIB_A_ROW = 6
ACTIVITY = 'activities/by-sheet'
LIST = ACTIVITY + '/participations'


class Spreadsheets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()
        cls.secretariat = cls.suite.client('SECRETARIAT')
        for name in ('by-sheet', 'one-by-one'):
            cls.secretariat.call('CreateActivity', activity_id=name, activity={
                'body': 'bodies/rso', 'kind': 'WORKSHOP', 'display_name': name,
                'state': 'COMPLETED', 'start_date': {'year': 2023, 'month': 3}})

    def path(self, name):
        return os.path.join(self.suite.directory, name)

    def words(self, path, prefix, *more):
        return ['import', path, '--into', LIST, '--with', 'practitioner', '--ignore', 'No',
                '--id', prefix + '-{No}', *more]

    def imported(self, path, prefix, *more):
        ran = self.suite.balictl(*self.words(path, prefix, *more), timeout=600)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def write(self, name, rows):
        """In Windows-1252, with semicolons."""
        with open(self.path(name), 'w', encoding='cp1252', newline='') as file:
            file.write('No;Full name;Member;Agency;Birth date;Attendance\r\n')
            for i in range(rows):
                file.write('{};Persón {} Example;idn;"Police\r\nProvince {}";{}/04/1980;attended\r\n'
                           .format(i, i, i % 30, 1 + i % 28))
        return self.path(name)

    def start(self, path, prefix, *more):
        """The import as a process of its own."""
        environment = {**os.environ, 'BALI_SERVER': self.suite.gateway.address,
                       'BALI_CA': self.suite.identities.ca,
                       'BALI_TOKEN': self.suite.identities.token('SECRETARIAT')}
        return subprocess.Popen([os.path.join(process.BIN, 'balictl'),
                                 *self.words(path, prefix, *more)], env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def measure(self, path, prefix):
        """The seconds of an import, the most KiB that it had in memory, and what it told."""
        began = time.monotonic()
        running = self.start(path, prefix, '--date_order', 'dmy')
        peak = 0
        while running.poll() is None and time.monotonic() - began < 900:
            with contextlib.suppress(OSError, TypeError):  # it has just ended
                with open('/proc/{}/status'.format(running.pid), encoding='ascii') as file:
                    peak = int(re.search(r'VmHWM:\s+(\d+) kB', file.read())[1])
            time.sleep(0.01)
        taken = time.monotonic() - began
        told = running.communicate(timeout=10)
        self.assertEqual(running.returncode, 0, told)
        return taken, peak, told[0]

    def count(self, prefix):
        names = [one.name for one in self.secretariat.all('ListParticipations', 'participations',
                                                          parent=ACTIVITY)]
        return len([name for name in names if name.startswith(LIST + '/' + prefix + '-')])

    def test_1_takes_less_time_than_a_call_for_each(self):
        began = time.monotonic()
        for i in range(ONE_BY_ONE):
            one = 'o{}'.format(i)
            self.secretariat.call('CreatePractitioner', practitioner_id=one, practitioner={
                'member': 'members/idn', 'agency': 'Police',
                'identity': {'full_name': 'Other {}'.format(i), 'birth_date': {'year': 1980}}})
            self.secretariat.call('CreateParticipation', parent='activities/one-by-one',
                                  participation_id=one,
                                  participation={'practitioner': 'practitioners/' + one})
        each = (time.monotonic() - began) / ONE_BY_ONE
        few = ROWS // 20
        _, less, _ = self.measure(self.write('few.csv', few), 'few')
        taken, peak, told = self.measure(self.write('many.csv', ROWS), 'many')
        self.assertIn('participations.json: {} created'.format(ROWS), told)
        self.assertEqual(self.count('many'), ROWS)
        print('{} participants in {:.1f} s, checked and written; a call for each takes {:.1f} s: {:.1f} times as long'
              .format(ROWS, taken, each * ROWS, each * ROWS / taken))
        self.assertLess(taken, each * ROWS)
        a_row = (peak - less) / (ROWS - few)
        print('{} KiB in memory, {} with {}: {:.1f} KiB a row'.format(peak, less, few, a_row))
        self.assertLess(a_row, MOST_KIB_A_ROW)
        again, _, told = self.measure(self.path('many.csv'), 'many')
        self.assertIn('practitioners.json: {} unchanged'.format(ROWS), told)
        print('again, without a change, in {:.1f} s'.format(again))
        self.assertLess(again, each * ROWS)

    def test_2_interrupted_and_repeated(self):
        rows = min(ROWS, 4000)
        path = self.write('broken.csv', rows)
        running = self.start(path, 'broken', '--date_order', 'dmy')
        process.wait_for(lambda: running.poll() is not None or self.count('broken') > 0,
                         'some of the list is written', deadline=120)
        running.send_signal(signal.SIGINT)
        told = running.communicate(timeout=120)
        self.assertEqual(running.returncode, 130, told)
        self.assertIn('The same command goes on from here.', told[1])
        written = self.count('broken')
        self.assertTrue(0 < written < rows, written)
        again = self.imported(path, 'broken', '--date_order', 'dmy')
        self.assertIn('participations.json: {} created, {} unchanged'.format(rows - written, written),
                      again)
        self.assertEqual(self.count('broken'), rows)

    def test_3_a_mistake_in_the_last_row_leaves_nothing_behind(self):
        path = self.write('wrong.csv', 500)
        with open(path, 'a', encoding='cp1252') as file:
            file.write('500;Last Example;xyz;;;\r\n')
        ran = self.suite.balictl(*self.words(path, 'wrong', '--date_order', 'dmy'))
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertIn('wrong.csv row 502: practitioners/wrong-500', ran.stderr)
        self.assertIn('nothing was written', ran.stderr)
        self.assertEqual(self.count('wrong'), 0)

    def test_4_a_workbook_of_another_program(self):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(['Participants of the workshop'])
        sheet.append(['No', 'Full name', 'Member', 'Birth date', 'Attendance'])
        sheet.append([7, 'Jané Example', 'members/aus', datetime.date(1980, 4, 3), 'registered'])
        sheet['D3'].number_format = 'mmm yyyy'
        book.create_sheet('Notes')
        book.save(self.path('book.xlsx'))
        told = self.imported(self.path('book.xlsx'), 'book', '--heading_row', '2')
        self.assertIn('practitioners.json: 1 created', told)
        made = self.secretariat.call('GetParticipation', name=LIST + '/book-7')
        self.assertEqual(made.member, 'members/aus')
        self.assertEqual(made.attendance, made.DESCRIPTOR.enum_types_by_name[
            'Attendance'].values_by_name['REGISTERED'].number)

    def test_5_written_workbooks_open_elsewhere(self):
        ran = subprocess.run(
            [os.path.join(process.BIN, 'balictl'), 'list', 'members', '--output', 'xlsx'],
            env={**os.environ, 'BALI_SERVER': self.suite.gateway.address,
                 'BALI_CA': self.suite.identities.ca}, stdout=subprocess.PIPE, check=True)
        with open(self.path('members.xlsx'), 'wb') as file:
            file.write(ran.stdout)
        sheet = openpyxl.load_workbook(self.path('members.xlsx')).active
        headings = [cell.value for cell in sheet[1]]
        names = [row[headings.index('display_name')] for row in sheet.values]
        self.assertIn('Australia', names)


if __name__ == '__main__':
    suite.main()
