"""The suite's contract, from the descriptors that the build compiled: messages and methods.

Nothing here comes from the suite's own code, so the tests are a client that its authors didn't
write: Debian's gRPC and Protocol Buffers for Python.
"""

import os

# Well-known types have to be known before files that import them.
from google.protobuf import any_pb2, duration_pb2, empty_pb2  # noqa: F401
from google.protobuf import field_mask_pb2, timestamp_pb2  # noqa: F401
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, symbol_database

SERVICE = 'baliprocess.membership.v1.MembershipService'

_pool = descriptor_pool.Default()
_database = symbol_database.Default()


def _load(path):
    with open(path, 'rb') as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    for file in files.file:
        _pool.AddSerializedFile(file.SerializeToString())


_load(os.environ['BALI_PROTOSET'])


def message(name):
    """The class of a message; short names are of membership.v1."""
    if '.' not in name:
        name = 'baliprocess.membership.v1.' + name
    return _database.GetPrototype(_pool.FindMessageTypeByName(name))


def class_of(descriptor):
    return _database.GetPrototype(descriptor)


def methods():
    """The methods of the membership service, by name."""
    return dict(_pool.FindServiceByName(SERVICE).methods_by_name)


def all_methods():
    """The methods of all services by name, with the service before it (`meetings/GetAgenda`) and
    without; where several have one, the latter is that of membership."""
    found = {}
    for short, service in (('meetings', 'baliprocess.meetings.v1.MeetingsService'),
                           ('membership', SERVICE)):
        for name, method in _pool.FindServiceByName(service).methods_by_name.items():
            found[name] = found[short + '/' + name] = method
    return found


def path(method):
    return '/{}/{}'.format(method.containing_service.full_name, method.name)


def access(method):
    """The access policy of a method: the names of its roles, and the field that binds a member."""
    extension = _pool.FindExtensionByName('baliprocess.api.v1.access')
    policy = method.GetOptions().Extensions[extension]
    names = extension.message_type.fields_by_name['roles'].enum_type.values_by_number
    return {names[role].name for role in policy.roles}, policy.own_member_field


def default_visibility(name):
    """The visibility of resources of a type that state none."""
    extension = _pool.FindExtensionByName('baliprocess.api.v1.resource')
    return message(name).DESCRIPTOR.GetOptions().Extensions[extension].default_visibility


def roles():
    enum = _pool.FindEnumTypeByName('baliprocess.api.v1.Role')
    return [value.name for value in enum.values if value.number != 0]


def to_dict(resource):
    return json_format.MessageToDict(resource)


def from_dict(name, value):
    return json_format.ParseDict(value, message(name)())


def unpack(any_value):
    """The message inside an Any."""
    return message(any_value.type_url.rsplit('/', 1)[-1]).FromString(any_value.value)


def date(year, month=0, day=0):
    return message('google.type.Date')(year=year, month=month, day=day)
