"""Records of every resource with every field set, made from the contract: what a field is says its
descriptor, and what records owe each other a few lines for each type.

Each type has some variants, which differ in the values of enums and in what oneofs hold.
"""

import datetime
import hashlib
import json
import os

from google.protobuf import json_format

import contract

VARIANTS = 8
OUTPUT_ONLY, INPUT_ONLY = 3, 4  # google.api.FieldBehavior
IMMUTABLE, IDENTIFIER = 5, 8
STATES = ['aus', 'idn', 'nzl', 'fji', 'vnm', 'tha', 'mys', 'phl']
REGIONS = ['AU', 'ID', 'NZ', 'FJ', 'VN', 'TH', 'MY', 'PH']
CONTENT = b'%PDF-1.4 what was said'
_FORMATS = {1: 'id', 2: 'https://example.org/a?b=c', 3: 'x@example.org', 4: 'Asia/Jakarta',
            5: 'ID', 6: '+628123456789'}  # api.v1.Format
_VALUES = {
    'google.type.Date': {'year': 2024, 'month': 2, 'day': 29},
    'google.type.TimeOfDay': {'hours': 9, 'minutes': 30},
    'google.type.Money': {'currency_code': 'AUD', 'units': 1000, 'nanos': 250000000},
    'google.protobuf.Timestamp': {'seconds': 1700000000, 'nanos': 123456000},
    'google.protobuf.Duration': {'seconds': 86400},
    'baliprocess.common.v1.Term': {
        'start_date': {'year': 2024, 'month': 1, 'day': 15},
        'end_date': {'year': 2024, 'month': 5, 'day': 31}},
}


def behaviors(field):
    return contract.option(field, 'google.api.field_behavior')


def rules(field):
    return contract.option(field, 'baliprocess.api.v1.field')


def is_recorded(field):
    """Whether an export has the field."""
    if OUTPUT_ONLY in behaviors(field) and not rules(field).recorded:
        return False
    return INPUT_ONLY not in behaviors(field) and field.name != 'etag'


def resource_types():
    """The descriptors of all resources that an import brings, by type."""
    found = {}
    for message in contract.messages():
        resource = contract.option(message, 'google.api.resource')
        if resource.type and 'Update' + message.name in contract.all_methods():
            found[resource.type] = message
    return found


def pattern_of(message):
    return contract.option(message, 'google.api.resource').pattern[0]


def file_of(message):
    """Where an import finds records of a type: `membership/seats.json`."""
    return '{}/{}.json'.format(message.full_name.split('.')[1],
                               pattern_of(message).split('/')[-2])


def name_of(message, variant):
    """All records below others are below the first ones."""
    if message.name == 'Member':
        return 'members/' + STATES[variant] if variant < 7 else 'members/iom'
    parts = pattern_of(message).split('/')
    for i in range(1, len(parts), 2):
        number = variant if i == len(parts) - 1 else 0
        parts[i] = STATES[0] if parts[i - 1] == 'members' else 'x{}'.format(number)
    return '/'.join(parts)


class Generator:
    """Fills records."""

    def __init__(self):
        self.types = resource_types()

    def records(self):
        """The records of each type."""
        return {kind: [self._record(message, variant) for variant in range(VARIANTS)]
                for kind, message in self.types.items()}

    def _record(self, message, variant):
        record = contract.class_of(message)()
        self._fill(record, variant)
        record.name = name_of(message, variant)
        adjust = _ADJUST.get(message.name)
        if adjust:
            adjust(record, variant)
        return record

    def _fill(self, message, variant):
        known = _VALUES.get(message.DESCRIPTOR.full_name)
        if known:
            json_format.ParseDict(known, message) if 'seconds' not in known else \
                message.MergeFrom(type(message)(**known))
            return
        for field in message.DESCRIPTOR.fields:
            others = field.containing_oneof.fields if field.containing_oneof else [field]
            if is_recorded(field) and field.name == others[variant % len(others)].name:
                self.set(message, field, variant)

    def set(self, message, field, variant):
        """Gives one field of a message the value that it has in records of a variant."""
        repeated = field.label == field.LABEL_REPEATED
        if field.message_type and rules(field).kinds:
            kind = rules(field).kinds[variant % len(rules(field).kinds)]
            self.set(getattr(message, field.name), field.message_type.fields_by_name[kind],
                      variant)
        elif field.message_type:
            part = getattr(message, field.name)
            self._fill(part.add() if repeated else part, variant)
        elif repeated:
            getattr(message, field.name).append(self._value(field, variant))
        else:
            setattr(message, field.name, self._value(field, variant))

    def _value(self, field, variant):
        reference = contract.option(field, 'google.api.resource_reference').type
        if reference:
            return name_of(self.types[reference], 0)
        if field.enum_type:
            values = [value.number for value in field.enum_type.values if value.number]
            return values[variant % len(values)]
        if field.type == field.TYPE_BOOL:
            return True
        if field.type == field.TYPE_STRING:
            return _FORMATS.get(rules(field).format) or \
                '{} {} – ไทย "\\"\nand\tmore'.format(field.name.replace('_', ' '), variant)
        return variant + 1


def leave_out(record):
    """The record without all that an update keeps where it is left out."""
    stripped = type(record)()
    stripped.CopyFrom(record)
    for field, _ in record.ListFields():
        kept = rules(field).filled or rules(field).recorded or IMMUTABLE in behaviors(field)
        if (kept or field.name == 'visibility') and 2 not in behaviors(field):
            stripped.ClearField(field.name)
    return stripped


def write(directory, records):
    """Writes a directory that balictl imports."""
    for kind in records.values():
        path = os.path.join(directory, file_of(kind[0].DESCRIPTOR))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            json.dump([json_format.MessageToDict(record) for record in kind], file)
    path = os.path.join(directory, 'meetings/documents/x0')
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, 'x0.pdf'), 'wb') as file:
        file.write(CONTENT)


def _clear(record, *fields):
    for field in fields:
        record.ClearField(field)


def _date(year, month=0, day=0):
    return contract.date(year, month, day)


# What records owe each other and themselves, beyond what their fields say.

def _member(record, variant):
    record.kind = 1 if variant < 7 else 2
    record.region_code = REGIONS[variant] if variant < 7 else ''
    record.term.start_date.CopyFrom(_date(2024, 6))
    record.term.end_date.CopyFrom(_date(2040))


def _body(record, variant):
    record.term.start_date.CopyFrom(_date(2000, 1))
    record.term.end_date.CopyFrom(_date(2040))
    record.max_chairs = 9
    record.parent_body = 'bodies/x0' if variant else ''


def _official(record, variant):
    if variant != 1:
        return _clear(record, 'erase_time')
    for field in record.DESCRIPTOR.fields:
        if rules(field).personal:
            record.ClearField(field.name)


def _seat(record, variant):
    record.member = 'members/' + STATES[variant % 7]


def _meeting(record, variant):
    record.end_date.CopyFrom(_date(2024, 3, 1))
    record.end_time.hours = 17
    record.review_since = 'meetings/x0' if variant else ''
    record.colocated_with[:] = ['meetings/x0'] if variant else []
    record.confidential = variant == 7
    if record.confidential:
        _clear(record, 'summary', 'venue', 'review_period', 'review_since')
    else:
        _clear(record, 'consulted_members')


def _agenda_item(record, variant):
    record.parent_item = 'meetings/x0/agendaItems/x0' if variant else ''
    record.strategy_areas[:] = ['strategies/x0/areas/x0', 'strategies/x0']


def _delegation(record, variant):
    kind = record.participant.WhichOneof('party')
    if kind != 'display_name':
        names = {'member': 'members/' + STATES[variant % 7], 'body': 'bodies/x{}'.format(variant),
                 'external_forum': 'externalForums/x{}'.format(variant)}
        setattr(record.participant, kind, names[kind])
    record.capacity_override = 1 + variant % 4


def _delegate(record, variant):
    if variant and record.role == 1:  # one leads
        record.role = 3
    if record.person.official:
        record.person.official = 'officials/x{}'.format(variant)


def _document(record, variant):
    if variant:
        return _clear(record, 'versions')
    for content in (record.content, record.versions[0]):
        content.media_type = 'application/pdf'
        content.size_bytes = len(CONTENT)
        content.sha256 = hashlib.sha256(CONTENT).hexdigest()


def _decision(record, variant):
    """`DRAFT`, `SILENCE_OPEN`, `BROKEN`, `ADOPTED`, `ON_RECORD`, `WITHDRAWN`."""
    record.procedure = {2: 2, 3: 2, 5: 3}.get(record.state, 1 + variant % 2)
    record.follows = 'decisions/x2' if variant > 2 else ''
    if record.procedure != 2 or record.state == 1:
        _clear(record, 'silence_open_time', 'silence_end_time', 'eligible_members')
    if record.state != 3:
        _clear(record, 'breaks')
    if record.state == 2:
        ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
        record.silence_end_time.seconds = int(ahead.timestamp())
    if record.state != 4:
        _clear(record, 'number')
    if record.state not in (4, 5):
        _clear(record, 'adopt_date')


def _action_item(record, _):
    if record.state == 1:
        _clear(record, 'close_date')


def _work_plan(record, _):
    record.term.end_date.CopyFrom(_date(2026))


def _activity(record, variant):
    if variant % 2:
        _clear(record, 'duration_months')
    else:
        _clear(record, 'end_date')


def _practitioner(record, variant):
    """The third is merged into the first, the fourth was erased."""
    record.visibility = 3
    if variant != 2:
        _clear(record, 'merged_into', 'merge_time')
    if variant == 3:
        _clear(record, 'identity_hashes')
    else:
        _clear(record, 'erase_time')
    for i, _ in enumerate(record.identity_hashes):
        record.identity_hashes[i] = 'hash{}'.format(variant)


def _of_person(record, variant):
    record.visibility = 3
    record.practitioner = 'practitioners/x{}'.format(variant)


def _secondment(record, variant):
    _of_person(record, variant)
    if variant == 2:  # of the same person as the first
        record.term.start_date.year = record.term.end_date.year = 2023


def _participation(record, variant):
    _of_person(record, variant)
    if variant == 4:
        record.agency = ''  # none was known, though the practitioner has one
    record.course_completed = variant % 2 == 0


def _partnership(record, variant):
    record.operation = 'activities/x6'
    record.parties[:] = sorted('members/' + state
                               for state in (STATES[variant % 7], STATES[(variant + 1) % 7]))
    if variant == 7:
        record.parties[:] = sorted('members/' + state for state in STATES[:4])


def _disbursement(record, _):
    record.amount.units = 100


_ADJUST = {
    'Member': _member, 'Body': _body, 'Official': _official, 'Seat': _seat, 'Meeting': _meeting,
    'AgendaItem': _agenda_item, 'Delegation': _delegation, 'Delegate': _delegate,
    'Document': _document, 'Decision': _decision, 'ActionItem': _action_item,
    'WorkPlan': _work_plan, 'Activity': _activity, 'Practitioner': _practitioner,
    'Participation': _participation, 'Secondment': _secondment, 'Partnership': _partnership,
    'Disbursement': _disbursement,
}
