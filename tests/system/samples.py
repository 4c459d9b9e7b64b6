"""Resources and requests made from the contract alone: what it requires is there, and names.

So tests that go through all methods need to know nothing of any resource.
"""

import uuid

import contract

# What a loaded record has already, by type.
KNOWN = {'baliprocess.net/Member': 'members/aus', 'baliprocess.net/Body': 'bodies/ahg'}

# A delegate is of the member of its delegation.
DELEGATE = 'baliprocess.net/Delegate'
DELEGATION = 'baliprocess.net/Delegation'
PARTY = 'baliprocess.common.v1.Party'
TERM = 'baliprocess.common.v1.Term'

_REQUIRED = 2  # google.api.FieldBehavior


class Samples:
    """Makes resources as `secretariat`, with `text` where a text is required and as the title of
    what they cite."""

    def __init__(self, secretariat, text=''):
        self._client = secretariat
        self._text = text
        self._patterns = {}  # resource types by pattern
        self._messages = {}  # their messages
        for message in contract.messages():
            resource = contract.option(message, 'google.api.resource')
            if resource.type:
                self._patterns[resource.pattern[0]] = resource.type
                self._messages[resource.type] = message
        self._creates = {
            field.message_type.full_name: method
            for service in contract.services() for method in service.methods
            if method.name.startswith('Create')
            for field in method.input_type.fields if field.message_type}

    def request(self, method, member, stored=None):
        """A request of a method with a field that binds members, which names `member` there. What
        it is about exists and is that of `stored`, or of the same member."""
        policy = contract.access(method)
        request = self._client.request(method)
        if policy.own_resource_field:
            request.name = self._resource(
                reference(method.input_type.fields_by_name['name']).type,
                {policy.own_resource_field: stored or member})
        else:
            head, _, rest = policy.own_member_field.partition('.')
            if 'update_mask' in method.input_type.fields_by_name:
                resource = getattr(request, head)
                resource.name = self._resource(
                    contract.option(resource.DESCRIPTOR, 'google.api.resource').type,
                    {rest: stored or member})
        self._fill(request)
        if policy.own_member_field:
            _set(request, policy.own_member_field, member)
        return request

    def kinds(self):
        """The types of resources, parents before children."""
        return sorted(self._messages, key=lambda kind: self._pattern(kind).count('/'))

    def is_owned(self, kind):
        """Whether a resource of the type is a member's."""
        return bool(self._owner_field(kind))

    def resource(self, kind, fields, owner):
        """The name of a new resource of a type, with these fields, that is the owner's."""
        field = self._owner_field(kind)
        return self._resource(kind, {**fields, field: owner} if field else fields)

    def method_of(self, kind, verb):
        """A standard method of a type, such as its `Delete`."""
        message = self._messages[kind]
        return self._creates[message.full_name].containing_service.methods_by_name[
            verb + message.name]

    def request_of(self, kind, verb, name):
        return contract.class_of(self.method_of(kind, verb).input_type)(name=name)

    def empty(self, method):
        """A request of a method, with the id that some need."""
        request = contract.class_of(method.input_type)()
        if 'request_id' in request.DESCRIPTOR.fields_by_name:
            request.request_id = str(uuid.uuid4())
        return request

    def set(self, message, path, value):
        _set(message, path, value)

    def _pattern(self, kind):
        return contract.option(self._messages[kind], 'google.api.resource').pattern[0]

    def _owner_field(self, kind):
        option = contract.option(self._messages[kind], 'baliprocess.api.v1.resource')
        return option.methods.owner_field

    def _resource(self, kind, fields):
        """The name of a resource of a type: a known one, or else a new one."""
        if kind in KNOWN and not fields:
            return KNOWN[kind]
        message = self._messages[kind]
        method = self._creates[message.full_name]
        request = self._client.request(method)
        for field in method.input_type.fields:
            if field.message_type is message:
                for path, value in fields.items():
                    _set(getattr(request, field.name), path, value)
                if self._text:
                    getattr(request, field.name).citations.add(title=self._text)
        if kind == DELEGATE:
            member = fields.get('member', KNOWN['baliprocess.net/Member'])
            request.parent = self._resource(DELEGATION, {'participant.member': member})
        self._fill(request)
        return self._client.call(method, request).name

    def _parent(self, child):
        """The name of a resource that one of type `child` can belong to."""
        pattern = contract.option(self._messages[child], 'google.api.resource').pattern[0]
        return self._resource(self._patterns[pattern.rsplit('/', 2)[0]], {})

    def _fill(self, message):
        """Sets what is required and isn't set yet. Names to be shown are required by rules, where
        erasure takes them away; a member gives posts to officials that are of a member."""
        if message.DESCRIPTOR.full_name == PARTY:
            if not message.WhichOneof('party'):
                message.display_name = self._text or 'x'
            return
        if message.DESCRIPTOR.full_name == TERM:
            message.start_date.year = message.end_date.year = 2020
            return
        for field in message.DESCRIPTOR.fields:
            if _REQUIRED not in contract.option(field, 'google.api.field_behavior') and \
                    field.name not in ('display_name', 'member'):
                continue
            if field.message_type:
                part = getattr(message, field.name)
                part.SetInParent()
                self._fill(part)
            elif not getattr(message, field.name):
                setattr(message, field.name, self._value(field))

    def _value(self, field):
        refers = reference(field)
        if refers.type:
            return self._resource(refers.type, {})
        if refers.child_type:
            return self._parent(refers.child_type)
        if field.name == 'request_id':
            return str(uuid.uuid4())
        if field.enum_type:
            return field.enum_type.values[1].number
        return (self._text or 'x') if field.type == field.TYPE_STRING else 1


def reference(field):
    return contract.option(field, 'google.api.resource_reference')


def parent_of(name):
    """The parent of a name; empty at the top."""
    return '/'.join(name.split('/')[:-2])


def _set(message, path, value):
    *parents, field = path.split('.')
    for parent in parents:
        message = getattr(message, parent)
    setattr(message, field, value)
