"""What a caller may not see is in no answer, by whichever method it asks.

Made from the contract: for every type of resource, every method that can name one, every role that
may call the method, and every way of being hidden. The answer about a hidden resource has to be the
answer about one that isn't there. New types and methods are in it by being declared.
"""

import unittest

import contract
import suite
from client import CallError
from samples import Samples, parent_of, reference

MARK = 'hidden-mark'
MEMBERS = ('members/aus', 'members/idn')  # that of the MEMBER's token, and another
LEVELS = {'RESTRICTED': 3, 'MEMBERS': 2, 'PUBLIC': 1}
# How a resource is hidden, and from whom.
WAYS = {'restricted': ('RESTRICTED', ('PUBLIC', 'OBSERVER', 'MEMBER', 'OPERATOR')),
        'for members': ('MEMBERS', ('PUBLIC',)),
        'deleted': ('PUBLIC', ('PUBLIC',))}


def setUpModule():
    global SUITE
    SUITE = suite.Suite().start()
    SUITE.load()
    unittest.addModuleCleanup(SUITE.close)


class Asked:
    """A request about a resource: what is asked of a hidden one, and of one that isn't there."""

    def __init__(self, samples, method, kind, name, own):
        self._kind = kind
        self._name = name
        self._samples = samples
        self._own = own
        self.names_it = False
        self.request = samples.empty(method)
        self._fill(self.request)
        policy = contract.access(method)
        if policy.own_member_field:
            samples.set(self.request, policy.own_member_field, own)
        if 'validate_only' in self.request.DESCRIPTOR.fields_by_name:
            self.request.validate_only = True

    def _fill(self, message):
        for field in message.DESCRIPTOR.fields:
            kind = contract.option(field, 'google.api.resource_reference')
            if field.name == 'filter':
                message.filter = 'name = "{}"'.format(self._name)
            elif field.name == 'show_deleted':
                message.show_deleted = True
            elif kind.type in (self._kind, '*'):
                self._set(message, field, self._name)
            elif kind.child_type == self._kind:
                self._set(message, field, parent_of(self._name))
            elif field.message_type and not field.label == field.LABEL_REPEATED:
                self._resource(message, field)

    def _set(self, message, field, value):
        self.names_it = True
        if field.label == field.LABEL_REPEATED:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)

    def _resource(self, message, field):
        """The resource that a request creates or updates: the one in question, or another one that
        refers to it."""
        kind = contract.option(field.message_type, 'google.api.resource').type
        if not kind:
            return
        resource = getattr(message, field.name)
        if kind == self._kind:
            self.names_it = True
            resource.name = self._name
            if field.name + '_id' in message.DESCRIPTOR.fields_by_name:
                setattr(message, field.name + '_id', self._name.rsplit('/', 1)[1])
        for inner in resource.DESCRIPTOR.fields:
            if reference(inner).type == self._kind:
                self._set(resource, inner, self._name)


def answer(client, method, request):
    """Everything that the caller is told."""
    try:
        if method.server_streaming:
            replies = client.receive(method, request, timeout=5)
            first = next(replies, None)
            replies.close()
            return '' if first is None else repr(first.SerializeToString())
        return repr(client.call(method, request).SerializeToString())
    except CallError as error:
        return str(error)


class Hidden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.secretariat = SUITE.client('SECRETARIAT')
        cls.samples = Samples(cls.secretariat, text=MARK)
        cls.clients = {role: SUITE.client(role) for role in contract.roles()}
        cls.methods = [method for service in contract.services() for method in service.methods
                       if not method.client_streaming and method.name != 'WatchChanges']

    def hide(self, kind, way, owner):
        """The name of a resource that is hidden so; None where there can be none."""
        level, _ = WAYS[way]
        try:
            name = self.samples.resource(kind, {'visibility': LEVELS[level]}, owner)
        except CallError as error:
            if error.fields and all('visibility' in field for field in error.fields):
                return None  # of persons, who are RESTRICTED always
            raise
        if way == 'deleted':
            self.secretariat.call(self.samples.method_of(kind, 'Delete'),
                                  self.samples.request_of(kind, 'Delete', name))
        return name

    def check(self, kind, name, roles):
        absent = name[:-4] + 'zzzz'
        asked = 0
        for method in self.methods:
            for role in roles:
                policy = contract.access(method)
                if not policy.roles & {'PUBLIC', role}:
                    continue
                about = Asked(self.samples, method, kind, name, MEMBERS[0])
                if not about.names_it:
                    continue
                missing = Asked(self.samples, method, kind, absent, MEMBERS[0])
                with self.subTest(kind=kind, method=method.full_name, role=role):
                    found = answer(self.clients[role], method, about.request)
                    self.assertNotIn(MARK, found)
                    self.assertEqual(
                        found.replace(name.rsplit('/', 1)[1], absent.rsplit('/', 1)[1]),
                        answer(self.clients[role], method, missing.request))
                asked += 1
        return asked

    def test_a_hidden_resource_is_as_one_that_is_not_there(self):
        asked = 0
        for kind in self.samples.kinds():
            for way, (_, roles) in WAYS.items():
                for owner in MEMBERS if self.samples.is_owned(kind) else MEMBERS[:1]:
                    name = self.hide(kind, way, owner)
                    if name:
                        asked += self.check(kind, name, roles)
        print('{} questions'.format(asked), flush=True)
        self.assertGreater(asked, 1000)

    def test_history_tells_nothing_of_it(self):
        for kind in self.samples.kinds():
            self.hide(kind, 'restricted', MEMBERS[0])
        for kind in ('Body', 'Meeting', 'Strategy'):  # one of each service, which all may see
            last = Samples(self.secretariat).resource('baliprocess.net/' + kind,
                                                      {'visibility': LEVELS['PUBLIC']}, None)
            service = self.samples.method_of('baliprocess.net/' + kind, 'Get').containing_service
            for role in ('OBSERVER', 'MEMBER'):
                with self.subTest(role=role, service=service.full_name):
                    self.assertNotIn(MARK.encode(), self.history(role, service, last))

    def history(self, role, service, last):
        """What a watch from the start tells, up to the creation of `last`."""
        watch = service.methods_by_name['WatchChanges']
        request = contract.class_of(watch.input_type)(from_start=True)
        told = b''
        replies = self.clients[role].receive(watch, request, timeout=20)
        for reply in replies:
            told += reply.SerializeToString()
            if any(change.resource == last for change in reply.changes):
                break
        replies.close()
        return told


if __name__ == '__main__':
    suite.main()
