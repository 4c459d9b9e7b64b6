"""Every command of balictl against the running suite."""

import base64
import json
import os
import stat
import threading
import unittest

import suite


class Balictl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def run_ok(self, *arguments, **options):
        ran = self.suite.balictl(*arguments, **options)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def test_help(self):
        commands = self.run_ok('help')
        for command in ('call', 'get', 'list', 'composition', 'meeting', 'calendar', 'upload',
                        'download', 'figures', 'progress', 'iati', 'watch', 'import', 'export',
                        'backup', 'restore', 'verify', 'token', 'keygen'):
            self.assertIn('\n  ' + command, commands)
            self.assertIn('balictl ' + command, self.run_ok('help', command))

    def test_get(self):
        member = json.loads(self.run_ok('get', 'members/vnm'))
        self.assertEqual((member['displayName'], member['regionCode']), ('Viet Nam', 'VN'))
        self.assertIn('Viet Nam', self.run_ok('get', 'members/vnm', '--output', 'table'))

    def test_list(self):
        table = self.run_ok('list', 'members', '--filter', 'kind = ORGANISATION').splitlines()
        self.assertEqual(len(table), 4)
        self.assertIn('NAME', table[0])
        listed = json.loads(self.run_ok('list', 'bodies', '--output', 'json', '--order_by',
                                        'display_name desc', '--page_size', '3'))
        names = [body['displayName'] for body in listed]
        self.assertEqual((len(names), names), (10, sorted(names, reverse=True)))
        seats = self.run_ok('list', 'bodies/wg-disruption/seats')
        self.assertIn('members/nzl', seats)

    def test_composition(self):
        text = self.run_ok('composition', 'bodies/wg-disruption', '--as_of', '2024-05-02')
        for words in ('New Zealand', 'Viet Nam', '2024-05-02'):
            self.assertIn(words, text)
        composition = json.loads(self.run_ok('composition', 'bodies/ahg', '--as_of', '2024-05-02',
                                             '--output', 'json'))
        self.assertEqual(len([entry for entry in composition['entries']
                              if entry['membership'] == 'IS_MEMBER']), 16)

    def test_meeting(self):
        group = self.run_ok('meeting', 'ahg-17')
        for words in ('Meeting 17 of Ad Hoc Group', '2024-05-02 to 2024-05-03', 'Lynn Bell',
                      'Tri Tharyat', 'Viet Nam', 'BODY_MEMBER', '16 there, nobody missing',
                      'Update by the Regional Support Office', 'David Scott', 'ACKNOWLEDGEMENT',
                      'The value of the forum', 'PUBLIC_STATEMENT',
                      'Held together with 18th Steering Group meeting'):
            self.assertIn(words, group)
        self.assertRegex(self.run_ok('meeting', 'meetings/sg-18'),
                         r'bodies/rso +Regional Support Office +BODY +PRESENT')
        public = self.run_ok('meeting', 'ahg-17', role=None)
        self.assertIn('16 there, nobody missing', public)

    def test_meeting_tells_who_is_missing(self):
        client = self.suite.client('SECRETARIAT')
        client.call('CreateMeeting', as_recorded=True, meeting_id='by-meeting', meeting={
            'body': 'bodies/sg', 'display_name': 'By meeting', 'state': 'CONCLUDED',
            'start_date': {'year': 2024, 'month': 6, 'day': 3}})
        client.call('CreateDelegation', parent='meetings/by-meeting', delegation_id='aus',
                    delegation={'participant': {'member': 'members/aus'}, 'attendance': 'REMOTE'})
        client.call('CreateDelegation', parent='meetings/by-meeting', delegation_id='tha',
                    delegation={'participant': {'member': 'members/tha'}, 'attendance': 'APOLOGIES'})
        text = self.run_ok('meeting', 'by-meeting')
        self.assertIn('1 there, 5 missing', text)
        self.assertRegex(text, r'members/tha +Thailand +YES +APOLOGIES')
        client.call('DeleteDelegation', name='meetings/by-meeting/delegations/aus')
        client.call('DeleteDelegation', name='meetings/by-meeting/delegations/tha')
        client.call('DeleteMeeting', name='meetings/by-meeting')

    def test_progress(self):
        lines = self.run_ok('progress', 'adelaide', role=None).splitlines()
        self.assertEqual(lines[0], 'Adelaide Strategy for Cooperation (strategies/adelaide)')
        self.assertEqual(len(lines[2:]), 1 + 8)
        self.assertRegex('\n'.join(lines), r'\nInformation sharing .* 1 of 1 +0 ')

    def test_calendar(self):
        path = os.path.join(self.suite.directory, 'meetings.ics')
        ran = self.suite.balictl('calendar', path, '--filter', 'start_date >= "2023-01-01"',
                                 role=None)
        self.assertEqual((ran.returncode, ran.stdout), (0, ''), ran.stderr)
        self.assertIn('left out meetings/mc-8: its date isn\'t known to the day', ran.stderr)
        with open(path, encoding='utf-8', newline='') as file:
            calendar = file.read()
        self.assertIn('SUMMARY:17th Ad Hoc Group meeting\r\n', calendar)
        self.assertEqual(self.suite.balictl('calendar', path).returncode, 2)
        whole = self.suite.balictl('calendar')
        self.assertTrue(whole.stdout.startswith('BEGIN:VCALENDAR'))
        self.assertIn('left out meetings/mc-9: it has no date', whole.stderr)

    def test_upload_and_download(self):
        name = 'meetings/sg-18/documents/by-upload'
        source = os.path.join(self.suite.directory, 'minutes.pdf')
        content = os.urandom((3 << 20) + 7)
        with open(source, 'wb') as file:
            file.write(content)
        self.assertEqual(self.run_ok('upload', name, source),
                         '{}: {} bytes, application/pdf\n'.format(name, len(content)))
        self.assertIn('(unchanged)', self.run_ok('upload', name, source))
        copy = os.path.join(self.suite.directory, 'copy.pdf')
        self.run_ok('download', name, copy, role='OBSERVER')
        with open(copy, 'rb') as file:
            self.assertEqual(file.read(), content)
        self.assertEqual(self.suite.balictl('download', name, copy).returncode, 2)
        public = self.suite.balictl('download', name, copy, '--force', role=None)
        self.assertIn('RESOURCE_NOT_FOUND', public.stderr)
        refused = self.suite.balictl('upload', name, source, role='OBSERVER')
        self.assertIn('ACCESS_DENIED', refused.stderr)
        self.check_export_of(name, content)

    def check_export_of(self, name, content):
        """An export has the content, importing it changes nothing, and brings back what differs."""
        directory = os.path.join(self.suite.directory, 'with-content')
        self.assertIn('1 with content', self.run_ok('export', directory))
        path = os.path.join(directory, 'meetings/documents/sg-18/by-upload.pdf')
        with open(path, 'rb') as file:
            self.assertEqual(file.read(), content)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        client = self.suite.client('SECRETARIAT')
        before = len(client.changes('meetings'))
        self.run_ok('import', directory)
        self.assertEqual(len(client.changes('meetings')), before)
        other = os.path.join(self.suite.directory, 'other.pdf')
        with open(other, 'wb') as file:
            file.write(b'other')
        self.run_ok('upload', name, other)
        self.assertIn('meetings/documents.json: 1 updated', self.run_ok('import', directory))
        self.assertEqual(client.call('GetDocument', name=name).content.size_bytes, len(content))

    def test_call_of_a_service_that_is_not_ours(self):
        """As the health checks of deploy/compose.yaml do."""
        health = self.run_ok('call', 'grpc.health.v1.Health/Check', '{}')
        self.assertEqual(json.loads(health), {'status': 'SERVING'})

    def test_call(self):
        made = self.run_ok('call', 'CreateExternalForum', json.dumps(
            {'externalForumId': 'by-call', 'externalForum': {'displayName': 'By call'}}))
        self.assertEqual(json.loads(made)['name'], 'externalForums/by-call')
        read = self.run_ok('call', 'GetExternalForum', '{"name": "externalForums/by-call"}',
                           role=None)
        self.assertEqual(json.loads(read), json.loads(made))

    def test_errors(self):
        for arguments, role, code, says in (
                (('get', 'members/AUS'), 'SECRETARIAT', 2, 'members/AUS'),
                (('get', 'members/xyz'), 'SECRETARIAT', 1, 'RESOURCE_NOT_FOUND'),
                (('list', 'members', '--filter', 'nothing = 1'), None, 1, 'filter'),
                (('call', 'membership/ListChanges', '{}'), None, 1, 'TOKEN_MISSING'),
                (('call', 'membership/ListChanges', '{}'), 'OBSERVER', 1, 'ACCESS_DENIED'),
                (('call', 'NoSuchMethod', '{}'), None, 2, 'NoSuchMethod'),
                (('list', 'members', '--server', '127.0.0.1:1', '--timeout', '2s'), None, 3, '')):
            with self.subTest(arguments=arguments, role=role):
                ran = self.suite.balictl(*arguments, role=role)
                self.assertIn(says, ran.stderr)
                self.assertEqual(ran.returncode, code, ran.stderr)
                self.assertEqual(ran.stdout, '')

    def test_watch(self):
        first = self.run_ok('watch', 'membership', '--from_start', '--count', '5',
                            '--output', 'json')
        changes = [json.loads(line) for line in first.splitlines()]
        self.assertEqual(len(changes), 5)
        rest = self.run_ok('watch', 'membership', '--resume', changes[1]['resumeToken'],
                           '--count', '3',
                           '--output', 'json')
        self.assertEqual([json.loads(line)['resource'] for line in rest.splitlines()],
                         [change['resource'] for change in changes[2:]])

    def test_watch_hears_of_changes_by_others(self):
        heard = []
        watching = self.suite.client('SECRETARIAT').watch()
        token = watching.token
        thread = threading.Thread(target=lambda: heard.append(
            self.suite.balictl('watch', 'membership', '--resume', token, '--count', '1', '--type',
                               'baliprocess.net/Liaison', timeout=30)))
        thread.start()
        client = self.suite.client('SECRETARIAT')
        client.call('CreateExternalForum', external_forum_id='by-watch',
                    external_forum={'display_name': 'By watch'})
        client.call('CreateLiaison', parent='bodies/tfpp', liaison_id='by-watch',
                    liaison={'external_forum': 'externalForums/by-watch'})
        thread.join()
        self.assertEqual(heard[0].returncode, 0, heard[0].stderr)
        self.assertIn('bodies/tfpp/liaisons/by-watch', heard[0].stdout)
        self.assertNotIn('externalForums/by-watch\n', heard[0].stdout)

    def test_import(self):
        directory = os.path.join(self.suite.directory, 'edited')
        self.run_ok('export', directory)
        path = os.path.join(directory, 'membership/externalForums.json')
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding='utf-8') as file:
            forums = json.load(file)
        forums.append({'name': 'externalForums/by-import', 'displayName': 'By import'})
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(forums, file)
        client = self.suite.client('SECRETARIAT')
        before = len(client.changes())
        self.run_ok('import', directory, '--dry_run')
        self.assertEqual(len(client.changes()), before)
        self.run_ok('import', directory)
        self.run_ok('import', directory)
        self.assertEqual([change.resource for change in client.changes()[before:]],
                         ['externalForums/by-import'])

    def test_import_of_bad_data(self):
        directory = os.path.join(self.suite.directory, 'bad/membership')
        os.makedirs(directory)
        with open(os.path.join(directory, 'bodies.json'), 'w', encoding='utf-8') as file:
            file.write('[{"name": "bodies/good", "kind": "TASK_FORCE", "displayName": "Good"},\n'
                       ' {"name": "bodies/bad", "kind": "NO_SUCH_KIND"}]')
        before = len(self.suite.client('SECRETARIAT').changes())
        ran = self.suite.balictl('import', os.path.dirname(directory))
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn('bodies.json:2', ran.stderr)
        self.assertEqual(len(self.suite.client('SECRETARIAT').changes()), before)

    def test_token(self):
        token = self.suite.identities.sign('--subject', 'ann', '--role', 'member,observer',
                                           '--member', 'aus', '--ttl', '5m')
        payload = token.split('.')[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + '=' * (-len(payload) % 4)))
        self.assertEqual((claims['sub'], claims['member'], sorted(claims['roles'])),
                         ('ann', 'aus', ['member', 'observer']))
        self.assertTrue(self.suite.client(token=token).call('ListOfficials').officials)
        path = os.path.join(self.suite.directory, 'token')
        with open(path, 'w', encoding='ascii') as file:
            file.write(token + '\n')
        self.assertIn('officials/', self.run_ok('list', 'officials', '--token_file', path,
                                                role=None))

    def test_keygen_never_replaces_a_key(self):
        directory = os.path.join(self.suite.directory, 'new-keys')
        self.run_ok('keygen', '--dir', directory)
        key = os.path.join(directory, 'signing-key.pem')
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        again = self.suite.balictl('keygen', '--dir', directory)
        self.assertEqual(again.returncode, 2)


if __name__ == '__main__':
    suite.main()
