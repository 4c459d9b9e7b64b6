"""The reference pages of docs/reference, made of the contracts and their comments: resources with
their fields, methods with who may call them, and the reasons of errors. `reference_test.py` holds
the pages to what this writes; `reference_test.py write` writes them anew."""

import collections
import os

import contract
from google.protobuf import descriptor_pb2

HEAD = ('<!-- Made of the contracts by tests/system/reference.py: change the comments in proto/. -->\n'
        '\n')
SERVICES = ('membership', 'meetings', 'capacity')
LEFT_OUT = 'baliprocess.operate.'


def comments():
    """What stands above messages, fields, enums, values and methods, by full name."""
    with open(os.environ['BALI_PROTOSET'], 'rb') as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    found = {}
    for file in files.file:
        names = dict(_paths(file))
        for location in file.source_code_info.location:
            name = names.get(tuple(location.path))
            if name and location.leading_comments:
                found[name] = ' '.join(location.leading_comments.split('\n')).strip()
                found[name] = ' '.join(found[name].split())
    return found


def _paths(file):
    """The places of a file's parts in its source information, and their full names."""
    package = file.package + '.'
    for i, message in enumerate(file.message_type):
        yield from _message_paths((4, i), package, message)
    for i, enum in enumerate(file.enum_type):
        yield from _enum_paths((5, i), package, enum)
    for i, service in enumerate(file.service):
        yield (6, i), package + service.name
        for j, method in enumerate(service.method):
            yield (6, i, 2, j), '{}{}.{}'.format(package, service.name, method.name)


def _message_paths(path, scope, message):
    name = scope + message.name
    yield path, name
    for i, field in enumerate(message.field):
        yield path + (2, i), name + '.' + field.name
    for i, nested in enumerate(message.nested_type):
        yield from _message_paths(path + (3, i), name + '.', nested)
    for i, enum in enumerate(message.enum_type):
        yield from _enum_paths(path + (4, i), name + '.', enum)


def _enum_paths(path, scope, enum):
    yield path, scope + enum.name
    for i, value in enumerate(enum.value):
        yield path + (2, i), scope + enum.name + '.' + value.name


COMMENTS = comments()
ROLES = {1: 'anyone', 2: 'observer', 3: 'member', 4: 'secretariat', 5: 'operator'}


def cell(text):
    return text.replace('|', '\\|')


def form_of(field):
    kind = field.message_type or field.enum_type
    names = {1: 'double', 3: 'int64', 5: 'int32', 8: 'bool', 9: 'string', 12: 'bytes'}
    text = kind.name if kind else names.get(field.type, '?')
    reference = contract.option(field, 'google.api.resource_reference').type
    if reference:
        text = 'name of a ' + reference.rpartition('/')[2]
    return 'list of ' + text if field.label == field.LABEL_REPEATED else text


def rules_of(field):
    rules = contract.option(field, 'baliprocess.api.v1.field')
    behaviors = {1: 'optional', 2: 'required', 3: 'set by the server', 4: 'given, never told',
                 5: 'set once', 8: 'the name'}
    words = [behaviors[one] for one in contract.option(field, 'google.api.field_behavior')
             if one in behaviors]
    if rules.filterable:
        words.append('filter, order')
    if rules.filled:
        words.append('filled in where left out')
    if rules.HasField('minimum'):
        words.append('at least {}'.format(rules.minimum))
    if rules.HasField('maximum'):
        words.append('at most {}'.format(rules.maximum))
    if rules.max_length:
        words.append('at most {} characters'.format(rules.max_length))
    if rules.max_items:
        words.append('at most {}'.format(rules.max_items))
    if rules.visibility:
        words.append({1: 'public', 2: 'not for the public', 3: 'secretariat alone'}[rules.visibility])
    if rules.personal:
        words.append('personal')
    return ', '.join(words)


def fields_of(kind):
    yield '| Field | Type | Rules | Meaning |'
    yield '|---|---|---|---|'
    for field in kind.fields:
        yield '| `{}` | {} | {} | {} |'.format(field.name, form_of(field), rules_of(field),
                                               cell(COMMENTS.get(field.full_name, '')))


def values_of(enum):
    yield '| `{}` | Meaning |'.format(enum.name)
    yield '|---|---|'
    for value in enum.values:
        if value.number:
            yield '| `{}` | {} |'.format(
                value.name, cell(COMMENTS.get(enum.full_name + '.' + value.name, '')))


def messages_below(kind, seen):
    """The messages and enums of the contracts that fields of a type are of, nested in it."""
    for field in kind.fields:
        below = field.message_type or field.enum_type
        if below and below.containing_type is kind and below.full_name not in seen:
            seen.add(below.full_name)
            yield below
            if field.message_type:
                yield from messages_below(below, seen)


def resource_page(kind):
    option = contract.option(kind, 'google.api.resource')
    yield '## {}\n'.format(kind.name)
    yield '`{}`\n'.format(option.pattern[0])
    yield COMMENTS.get(kind.full_name, '') + '\n'
    yield from fields_of(kind)
    yield ''
    for below in messages_below(kind, set()):
        yield '**{}**: {}\n'.format(below.name, COMMENTS.get(below.full_name, ''))
        yield from values_of(below) if hasattr(below, 'values') else fields_of(below)
        yield ''


def roles_of(method):
    access = contract.option(method, 'baliprocess.api.v1.access')
    own = ' (of its own)' if access.own_member_field or access.own_resource_field else ''
    return ', '.join(ROLES[role] + (own if role == 3 else '') for role in access.roles)


def methods_page(service):
    yield '## Methods\n'
    yield '| Method | For | What it does |'
    yield '|---|---|---|'
    for method in service.methods:
        yield '| `{}` | {} | {} |'.format(method.name, roles_of(method),
                                          cell(COMMENTS.get(method.full_name, '')))
    yield ''


def service_page(service):
    name = service.full_name.split('.')[1]
    yield HEAD + '# {}\n'.format(name.capitalize())
    yield COMMENTS.get(service.full_name, '') + '\n'
    yield 'Service `{}`. `filter, order` marks the fields that `filter` and `order_by` know.\n'.format(
        service.full_name)
    yield from methods_page(service)
    kinds = collections.OrderedDict()
    for method in service.methods:
        kind = method.output_type
        if method.name == 'Get' + kind.name and contract.option(kind, 'google.api.resource').type:
            kinds[kind.name] = kind
    for kind in kinds.values():
        yield from resource_page(kind)


def errors_page():
    yield HEAD + '# Errors\n'
    enum = contract.message('baliprocess.api.v1.Error').DESCRIPTOR.enum_types_by_name['Reason']
    yield COMMENTS[enum.full_name] + '\n'
    yield '| Reason | What it means, and what to do |'
    yield '|---|---|'
    for value in enum.values:
        if value.number:
            yield '| `{}` | {} |'.format(value.name, cell(COMMENTS[enum.full_name + '.' + value.name]))


def pages():
    """The pages by their paths in docs/reference."""
    found = {'errors.md': '\n'.join(errors_page()) + '\n'}
    for service in contract.services():
        if not service.full_name.startswith(LEFT_OUT):
            found[service.full_name.split('.')[1] + '.md'] = (
                '\n'.join(service_page(service)).rstrip('\n') + '\n')
    return found
