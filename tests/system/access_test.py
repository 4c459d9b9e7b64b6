"""Every method of every service, for every role, about the caller's own member and about another.

What is expected follows from the contract's own options; what these are is looked at by hand, too.
Each question is put to the gateway and, with a certificate like the gateway's, to the service.
"""

import unittest

import suite
import contract
from client import CallError
from samples import Samples

OWN = 'members/aus'  # that of the MEMBER's token
OTHER = 'members/idn'
TOKEN_MISSING = ('UNAUTHENTICATED', 'TOKEN_MISSING')
ACCESS_DENIED = ('PERMISSION_DENIED', 'ACCESS_DENIED')


def setUpModule():
    global SUITE
    SUITE = suite.Suite().start()
    SUITE.load()
    unittest.addModuleCleanup(SUITE.close)


def package(method):
    """`membership` of `baliprocess.membership.v1`: the name of the process, too."""
    return method.containing_service.full_name.split('.')[1]


WAYS = {'gateway': lambda method, role: SUITE.client(role),
        'service': lambda method, role: SUITE.direct_client(role, service=package(method))}


def all_methods():
    return [method for service in contract.services() for method in service.methods]


def is_bound(method):
    policy = contract.access(method)
    return bool(policy.own_member_field or policy.own_resource_field)


def expected(method, role, own):
    """What refuses the call; None when it is let in."""
    policy = contract.access(method)
    if 'PUBLIC' not in policy.roles and role not in policy.roles:
        return TOKEN_MISSING if role == 'PUBLIC' else ACCESS_DENIED
    return ACCESS_DENIED if role == 'MEMBER' and is_bound(method) and not own else None


def outcome(client, method, request):
    """The code and the reason of the call's end, or of its first message."""
    try:
        if method.client_streaming:
            client.send(method, [request])
        elif method.server_streaming:
            replies = client.receive(method, request)
            next(replies, None)
            replies.close()
        else:
            client.call(method, request)
    except CallError as error:
        return error.code, error.reason
    return 'OK', ''


class AccessMatrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = Samples(SUITE.client('SECRETARIAT'))
        cls.clients = {(way, role, service.full_name): connect(service.methods[0], role)
                       for way, connect in WAYS.items() for role in contract.roles()
                       for service in contract.services()}

    def ask(self, methods, request_of, check):
        """Calls each method as each role, both ways, and checks the outcome; how often."""
        cells = 0
        for method in methods:
            for (way, role, service), client in self.clients.items():
                if service != method.containing_service.full_name:
                    continue
                with self.subTest(way=way, role=role, method=method.full_name):
                    check(method, role, outcome(client, method, request_of(method)))
                cells += 1
        return cells

    def check(self, method, role, own, found):
        refusal = expected(method, role, own)
        if refusal:
            self.assertEqual(found, refusal)
        elif is_bound(method):
            # The request was one that could be done: a rule of the domain had the last word.
            self.assertIn(found, [('OK', ''), ('FAILED_PRECONDITION', 'WRONG_STATE')])
        else:
            self.assertNotIn(found[0], ('UNAUTHENTICATED', 'PERMISSION_DENIED', 'UNIMPLEMENTED',
                                        'UNAVAILABLE', 'INTERNAL', 'UNKNOWN'))

    def check_denied_to_members(self, _, role, found):
        if role == 'MEMBER':
            self.assertEqual(found, ACCESS_DENIED)

    def test_every_method_for_every_role(self):
        """By the roles alone, with requests that say nothing."""
        methods = [method for method in all_methods() if not is_bound(method)]
        cells = self.ask(methods, lambda method: contract.class_of(method.input_type)(),
                         lambda *found: self.check(*found[:2], True, found[2]))
        print('{} cells'.format(cells), flush=True)
        self.assertEqual(cells, len(WAYS) * len(contract.roles()) * len(methods))

    def test_a_member_acts_for_itself_only(self):
        methods = [method for method in all_methods() if is_bound(method)]
        self.assertTrue(methods)
        cells = 0
        for member in (OWN, OTHER):
            cells += self.ask(
                methods, lambda method, who=member: self.samples.request(method, who),
                lambda *found, own=member == OWN: self.check(*found[:2], own, found[2]))
        print('{} cells'.format(cells), flush=True)
        self.assertEqual(cells, 2 * len(WAYS) * len(contract.roles()) * len(methods))

    def test_a_member_takes_nothing_over(self):
        """An update that names the caller's member is judged by what is stored as well."""
        updates = [method for method in all_methods()
                   if is_bound(method) and 'update_mask' in method.input_type.fields_by_name]
        self.assertTrue(updates)
        self.ask(updates, lambda method: self.samples.request(method, OWN, stored=OTHER),
                 self.check_denied_to_members)

    def test_a_member_names_itself_exactly(self):
        methods = [method for method in all_methods() if contract.access(method).own_member_field]
        for other in ('', 'aus', 'members/', 'members/AUS', 'members/aus/', 'members/-'):
            self.ask(methods, lambda method, who=other: self.samples.request(method, who, OWN),
                     self.check_denied_to_members)


class TheContract(unittest.TestCase):
    """What the options say, by hand: the matrix would follow a mistake in them."""

    READS = ('Get', 'List', 'BatchGet', 'Find', 'Search', 'Count', 'Watch', 'Export', 'Download')

    def test_reads_are_those_that_change_nothing(self):
        for method in all_methods():
            with self.subTest(method=method.full_name):
                self.assertEqual(contract.changes_nothing(method),
                                 method.name.startswith(self.READS))

    def test_only_the_secretariat_and_bound_members_change_anything(self):
        for method in all_methods():
            if contract.changes_nothing(method):
                continue
            with self.subTest(method=method.full_name):
                policy = contract.access(method)
                self.assertIn('SECRETARIAT', policy.roles)
                self.assertLessEqual(policy.roles, {'SECRETARIAT', 'MEMBER'})
                self.assertEqual('MEMBER' in policy.roles, is_bound(method))

    def test_what_members_may_change(self):
        self.assertEqual(
            {method.name: contract.access(method)[1:] for method in all_methods()
             if 'MEMBER' in contract.access(method).roles and is_bound(method)},
            {'CreateAppointment': ('appointment.on_behalf_of', ''),
             'UpdateAppointment': ('appointment.on_behalf_of', ''),
             'CreateDelegation': ('delegation.participant.member', ''),
             'UpdateDelegation': ('delegation.participant.member', ''),
             'DeleteDelegation': ('', 'participant.member'),
             'UndeleteDelegation': ('', 'participant.member'),
             'SubmitCredentials': ('', 'participant.member'),
             'CreateDelegate': ('delegate.member', ''),
             'UpdateDelegate': ('delegate.member', ''),
             'DeleteDelegate': ('', 'member'),
             'UndeleteDelegate': ('', 'member'),
             'BreakSilence': ('member', ''),
             'AssociateReservation': ('member', ''),
             'AddProgressNote': ('', 'lead_member'),
             'CreateCalendarLink': ('calendar_link.member', ''),
             'DeleteCalendarLink': ('', 'member'),
             'CreateCommitment': ('commitment.funder.member', ''),
             'UpdateCommitment': ('commitment.funder.member', '')})

    def test_who_may_call_what(self):
        secretariat = {'SECRETARIAT'}
        known = {'OBSERVER', 'MEMBER', 'SECRETARIAT'}
        cells = {
            'GetMember': {'PUBLIC'}, 'GetMeeting': {'PUBLIC'}, 'ListDecisions': {'PUBLIC'},
            'GetComposition': {'PUBLIC'}, 'ExportCalendar': {'PUBLIC'}, 'Search': {'PUBLIC'},
            'ExportSubscribedCalendar': {'PUBLIC'},
            'CreateCalendarLink': {'MEMBER', 'SECRETARIAT'},
            'ListCalendarLinks': {'MEMBER', 'SECRETARIAT'},
            'DownloadDocument': {'PUBLIC'}, 'ListConflicts': known,
            'WatchChanges': known | {'OPERATOR'}, 'ListChanges': {'SECRETARIAT', 'OPERATOR'},
            'CreateMeeting': secretariat, 'OpenSilence': secretariat,
            'AdoptDecision': secretariat, 'AcceptCredentials': secretariat,
            'BatchCreateDelegations': secretariat, 'CreateActionItem': secretariat,
            'UploadDocument': secretariat, 'GetUpload': secretariat,
            'EraseOfficial': secretariat, 'DeleteAppointment': secretariat,
            'BreakSilence': {'MEMBER', 'SECRETARIAT'},
            'CreateDelegation': {'MEMBER', 'SECRETARIAT'},
            'GetFigures': {'PUBLIC'}, 'CountPractitioners': {'PUBLIC'},
            'GetStrategyProgress': {'PUBLIC'}, 'ListFigureRecords': {'PUBLIC'},
            'GetPractitioner': secretariat, 'ListPractitioners': secretariat,
            'FindDuplicatePractitioners': secretariat, 'ListParticipations': secretariat,
            'ListSecondments': secretariat, 'CreateParticipation': secretariat,
            'MergePractitioner': secretariat, 'ErasePractitioner': secretariat,
            'CreateCommitment': {'MEMBER', 'SECRETARIAT'},
        }
        found = set()
        for method in all_methods():
            if method.name in cells:
                with self.subTest(method=method.full_name):
                    self.assertEqual(contract.access(method).roles, cells[method.name])
                found.add(method.name)
        self.assertEqual(found, set(cells))


if __name__ == '__main__':
    suite.main()
