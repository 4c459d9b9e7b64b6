"""The suite's contract, from the descriptors that the build compiled: messages and methods.

Nothing here comes from the suite's own code, so the tests are a client that its authors didn't
write: Debian's gRPC and Protocol Buffers for Python.
"""

import collections
import os

# Well-known types have to be known before files that import them.
from google.protobuf import any_pb2, duration_pb2, empty_pb2  # noqa: F401
from google.protobuf import field_mask_pb2, timestamp_pb2  # noqa: F401
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, symbol_database

SERVICE = 'baliprocess.membership.v1.MembershipService'

_pool = descriptor_pool.Default()
_database = symbol_database.Default()


def _load(path):
    """The suite's own files, in the order that they import each other."""
    with open(path, 'rb') as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    for file in files.file:
        _pool.AddSerializedFile(file.SerializeToString())
    return [_pool.FindFileByName(file.name) for file in files.file
            if file.package.startswith('baliprocess.')]


_files = _load(os.environ['BALI_PROTOSET'])


def message(name):
    """The class of a message; short names are of membership.v1."""
    if '.' not in name:
        name = 'baliprocess.membership.v1.' + name
    return _database.GetPrototype(_pool.FindMessageTypeByName(name))


def class_of(descriptor):
    return _database.GetPrototype(descriptor)


def services():
    """The services of the suite."""
    return [service for file in _files for service in file.services_by_name.values()]


def has_service(name):
    """Whether there is a service with this full name, of whomever."""
    try:
        return _pool.FindServiceByName(name) is not None
    except KeyError:
        return False


def service(name):
    """The service with this full name, of whomever."""
    return _pool.FindServiceByName(name)


def messages():
    """The messages of the suite, without those inside others."""
    return [found for file in _files for found in file.message_types_by_name.values()]


def methods():
    """The methods of the membership service, by name."""
    return dict(_pool.FindServiceByName(SERVICE).methods_by_name)


def all_methods():
    """The methods of all services by name, with the service before it (`meetings/GetAgenda`) and
    without; where several have one, the latter is that of membership."""
    found = {}
    for service in services():
        short = service.full_name.split('.')[1]
        for name, method in service.methods_by_name.items():
            found[name] = found[short + '/' + name] = method
    found.update(methods())
    return found


def method(package, name):
    """A method of the service in a package such as `meetings`."""
    for service in services():
        if service.full_name.split('.')[1] == package:
            return service.methods_by_name[name]
    raise KeyError(package)


def changes_nothing(method):
    """Whether the contract says that calling the method has no effect."""
    options = method.GetOptions()
    return options.idempotency_level == options.NO_SIDE_EFFECTS


def path(method):
    return '/{}/{}'.format(method.containing_service.full_name, method.name)


def option(descriptor, name):
    """An option of a message, a field or a method, such as `google.api.resource`."""
    return descriptor.GetOptions().Extensions[_pool.FindExtensionByName(name)]


# The names of the roles, and the fields that bind a member.
Access = collections.namedtuple('Access', 'roles own_member_field own_resource_field')


def access(method):
    """The access policy of a method."""
    policy = option(method, 'baliprocess.api.v1.access')
    names = _pool.FindEnumTypeByName('baliprocess.api.v1.Access.Role').values_by_number
    return Access({names[role].name for role in policy.roles}, policy.own_member_field,
                  policy.own_resource_field)


def default_visibility(name):
    """The visibility of resources of a type that state none."""
    return option(message(name).DESCRIPTOR, 'baliprocess.api.v1.resource').default_visibility


def roles():
    enum = _pool.FindEnumTypeByName('baliprocess.api.v1.Access.Role')
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
