"""What a SQLite store holds, read from a copy of its files without the service."""

import collections
import functools
import os
import shutil
import sqlite3
import tempfile

import contract

_CREATED, _UPDATED, _DELETED = 1, 2, 3
TYPES = {'baliprocess.net/ExternalForum': 'ExternalForum', 'baliprocess.net/Seat': 'Seat'}

Change = collections.namedtuple('Change', 'kind resource before after')


class Store:
    """The rows and changes of some types (their messages by type), and all replays."""

    def __init__(self, path, types=None):
        self._types = TYPES if types is None else types
        with tempfile.TemporaryDirectory(prefix='bali-store-') as directory:
            copy = os.path.join(directory, 'copy.db')
            shutil.copy(path, copy)
            if os.path.exists(path + '-wal'):
                shutil.copy(path + '-wal', copy + '-wal')
            database = sqlite3.connect(copy)
            self.integrity = database.execute('PRAGMA integrity_check').fetchall()
            self._read(database)
            database.close()

    def _read(self, database):
        self.replays = {
            request_id: (method.rsplit('.', 1)[-1], reply) for request_id, method, reply in
            database.execute('SELECT request_id, method, reply FROM replays')}
        self.changes = [
            Change(kind, resource, _parse(self._types[kind_of], before),
                   _parse(self._types[kind_of], after))
            for kind, kind_of, resource, before, after in
            database.execute('SELECT kind, type, resource, before_body, after_body FROM changes '
                             'ORDER BY seq') if kind_of in self._types]
        self.rows = {
            name: _parse(message, body) for message in self._types.values() for name, body in
            database.execute('SELECT name, message FROM {}'.format(_table(message)))}

    @functools.cached_property
    def effects(self):
        return self._find_effects()

    def _find_effects(self):
        """The changes that each request made, by what it left in the resource; a delete leaves
        nothing, so it is found by the resource, which is deleted once at most."""
        effects = collections.defaultdict(list)
        for change in self.changes:
            tag = change.resource if change.kind == _DELETED else _tag(change.after)
            effects[tag].append(change)
        return effects

    def effects_of(self, mutation):
        deletes = mutation.method == 'DeleteExternalForum'
        return self.effects.get(mutation.request.name if deletes else mutation.request_id, [])

    def chain_breaks(self):
        """Resources of which a change doesn't begin where the one before ended, or whose row isn't
        what the last change left."""
        last = {}
        broken = []
        for change in self.changes:
            if change.before != last.get(change.resource):
                broken.append(change.resource)
            last[change.resource] = change.after
        return broken + [name for name in set(last) | set(self.rows)
                         if last.get(name) != self.rows.get(name)]


def expected_effects(mutation, reply):
    """What a mutation with this reply changes: (kind, resource, etag)."""
    if mutation.method == 'BatchCreateSeats':
        return [(_CREATED, seat.name, seat.etag) for seat in reply.seats]
    kind = {'CreateExternalForum': _CREATED, 'UpdateExternalForum': _UPDATED,
            'DeleteExternalForum': _DELETED}[mutation.method]
    return [(kind, reply.name, reply.etag)]


def _table(message):
    """The table of a type: its plural, in snake case."""
    plural = contract.option(contract.message(message).DESCRIPTOR, 'google.api.resource').plural
    return ''.join('_' + letter.lower() if letter.isupper() else letter for letter in plural)


def _parse(name, body):
    return None if body is None else contract.message(name).FromString(body)


def _tag(resource):
    return resource.basis if resource.DESCRIPTOR.name == 'Seat' else resource.purpose
