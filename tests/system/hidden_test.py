"""What a caller may not see is in no answer, by whichever method it asks.

Made from the contract: for every type of resource, every method that can name one, every role that
may call the method, and every way of being hidden. The answer about a hidden resource has to be the
answer about one that isn't there. New types and methods are in it by being declared.
"""

import os
import unittest

import contract
import generated
import suite
from client import CallError
from samples import Samples, parent_of, reference

MARK = 'hidden-mark'
PUBLIC, MEMBERS, RESTRICTED = 1, 2, 3  # api.v1.Visibility.Level
OWN = 'members/aus'  # that of the MEMBER's token
# The generated records that are hidden, how, and from whom. Nothing refers to them.
HIDDEN = {5: (RESTRICTED, ('PUBLIC', 'OBSERVER', 'MEMBER', 'OPERATOR')),
          6: (MEMBERS, ('PUBLIC',)),
          7: (PUBLIC, ('PUBLIC',))}
DELETED = 7


def setUpModule():
    global SUITE
    SUITE = suite.Suite().start()
    unittest.addModuleCleanup(SUITE.close)


def is_of_persons(message):
    """Whether all records of a type are for the secretariat."""
    return contract.default_visibility(message.full_name) == RESTRICTED


def hide(records):
    """Makes some of the records of each type hidden ones, with a mark, and the others open."""
    for kind in records.values():
        for variant, record in enumerate(kind):
            if not is_of_persons(record.DESCRIPTOR):
                record.visibility = HIDDEN.get(variant, (PUBLIC,))[0]
            if variant in HIDDEN:
                record.citations.add(title=MARK)


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
        cls.samples = Samples(cls.secretariat)
        cls.clients = {role: SUITE.client(role) for role in contract.roles()}
        cls.methods = [method for service in contract.services() for method in service.methods
                       if not method.client_streaming and method.name != 'WatchChanges']
        cls.records = generated.Generator().records()
        hide(cls.records)
        directory = os.path.join(suite.identities().directory, 'hidden')
        generated.write(directory, cls.records)
        ran = SUITE.balictl('import', directory, timeout=120)
        if ran.returncode != 0:
            raise AssertionError(ran.stdout + ran.stderr)

    def hidden(self, kind):
        """The names of the hidden records of a type, and from whom each is hidden."""
        for variant, (_, roles) in HIDDEN.items():
            record = self.records[kind][variant]
            if is_of_persons(record.DESCRIPTOR):
                roles = HIDDEN[5][1]
            elif variant == DELETED:
                try:
                    self.secretariat.call('Delete' + record.DESCRIPTOR.name, name=record.name)
                except CallError as error:
                    self.assertIn(error.reason, ('STILL_REFERENCED', 'RULE_BROKEN'))
                    continue
            yield record.name, roles

    def check(self, kind, name, roles):
        absent = name.rsplit('/', 1)[0] + '/' + 'z' * len(name.rsplit('/', 1)[1])
        asked = 0
        for method in self.methods:
            for role in roles:
                if not contract.access(method).roles & {'PUBLIC', role}:
                    continue
                about = Asked(self.samples, method, kind, name, OWN)
                if not about.names_it:
                    continue
                missing = Asked(self.samples, method, kind, absent, OWN)
                with self.subTest(name=name, method=method.full_name, role=role):
                    found = answer(self.clients[role], method, about.request)
                    self.assertNotIn(MARK, found)
                    self.assertEqual(found.replace(name, absent),
                                     answer(self.clients[role], method, missing.request))
                asked += 1
        return asked

    def test_a_hidden_resource_is_as_one_that_is_not_there(self):
        asked = sum(self.check(kind, name, roles)
                    for kind in self.records for name, roles in self.hidden(kind))
        print('{} questions'.format(asked), flush=True)
        self.assertGreater(asked, 400)

    def test_history_tells_nothing_of_it(self):
        for service, create, fields in (
                ('membership', 'CreateExternalForum', {'external_forum': {'display_name': 'x'}}),
                ('meetings', 'CreateMeeting',
                 {'meeting': {'body': 'bodies/x0', 'display_name': 'x'}}),
                ('capacity', 'CreateStrategy', {'strategy': {'body': 'bodies/x0', 'display_name': 'x'}})):
            last = self.secretariat.call(create, **fields).name
            for role in ('OBSERVER', 'MEMBER'):
                with self.subTest(role=role, service=service):
                    for change in self.history(role, service, last):
                        if change.resource.rsplit('/', 1)[1] in ('x5', 'tha'):
                            self.fail(change.resource)

    def history(self, role, service, last):
        """What a watch from the start tells, up to the creation of `last`."""
        watch = contract.method(service, 'WatchChanges')
        request = contract.class_of(watch.input_type)(from_start=True)
        changes = []
        replies = self.clients[role].receive(watch, request, timeout=20)
        for reply in replies:
            changes.extend(reply.changes)
            if any(change.resource == last for change in reply.changes):
                break
        replies.close()
        return changes


if __name__ == '__main__':
    suite.main()
