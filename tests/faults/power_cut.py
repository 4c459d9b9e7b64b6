"""What a power cut leaves of a store: its files as they were synced, and of what was written since
then nothing, all, or a part.

    recording = Recording(service.shim)       # before the service writes anything
    ...                                  # it writes, and is killed
    recording.cut(at, 'torn', chance).restore(path)

One recording has as many cuts as one likes, at any place of the log.
"""

import os

import shim

# What is left of writes that weren't synced.
KINDS = ('dropped', 'random', 'torn', 'later half', 'all')
_SECTOR = 512


class Image:
    """The files of a store, by number of shim.SUFFIXES; None where there is none."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def of(cls, path):
        files = []
        for suffix in shim.SUFFIXES:
            try:
                with open(path + suffix, 'rb') as file:
                    files.append(bytearray(file.read()))
            except FileNotFoundError:
                files.append(None)
        return cls(files)

    def copy(self):
        return Image([None if file is None else bytearray(file) for file in self.files])

    def apply(self, action, number, offset, data):
        if action == shim.UNLINK:
            self.files[number] = None
            return
        if self.files[number] is None:
            self.files[number] = bytearray()
        file = self.files[number]
        if action == shim.TRUNCATE:
            del file[offset:]
            offset, data = len(file), bytes(offset - len(file))
        if len(file) < offset:
            file += bytes(offset - len(file))
        file[offset:offset + len(data)] = data

    def restore(self, path):
        """Makes the files of a store at `path` these, and no others."""
        for suffix, content in zip(shim.SUFFIXES, self.files):
            if content is not None:
                with open(path + suffix, 'wb') as file:
                    file.write(content)
            elif os.path.exists(path + suffix):
                os.remove(path + suffix)


class Recording:
    """What is done to the store of a shim with a log, from now on."""

    def __init__(self, logging_shim):
        self._log_file = logging_shim.log_file
        self._start = os.path.getsize(self._log_file)
        self._synced = Image.of(logging_shim.store)
        self._pending = []  # what was done since, and not synced: (action, file, offset, data)
        self._entries = []
        self.places = []  # where cuts are possible: behind each entry

    def mark(self):
        """Where the log ends now: a cut there or later leaves what was synced before."""
        return os.path.getsize(self._log_file)

    def end(self):
        """The service has been killed."""
        self._entries = [entry for entry in shim.read_log(self._log_file)
                         if entry[-1] > self._start]
        self.places = [entry[-1] for entry in self._entries]

    def cut(self, at, kind, chance):
        """The image that a cut at a place leaves. Cuts come in the order of their places."""
        while self._entries and self._entries[0][-1] <= at:
            action, number, *rest = self._entries.pop(0)[:-1]
            if action == shim.SYNC:
                self._sync(number)
            else:
                self._pending.append((action, number, *rest))
        image = self._synced.copy()
        for one in _left(self._pending, kind, chance):
            image.apply(*one)
        return image

    def _sync(self, number):
        for one in self._pending:
            if one[1] == number:
                self._synced.apply(*one)
        self._pending = [one for one in self._pending if one[1] != number]


def _left(pending, kind, chance):
    """Of what wasn't synced, what reached the disk, in order."""
    if kind == 'dropped':
        return []
    if kind == 'later half':
        return pending[len(pending) // 2:]
    if kind == 'random':
        return [one for one in pending if chance.random() < 0.5]
    if kind == 'torn':
        return [piece for one in pending for piece in _sectors(*one) if chance.random() < 0.5]
    return pending


def _sectors(action, number, offset, data):
    """A write as the writes of sectors that a disk makes of it."""
    if action != shim.WRITE:
        return [(action, number, offset, data)]
    ends = list(range(offset - offset % _SECTOR + _SECTOR, offset + len(data), _SECTOR))
    cuts = [offset, *ends, offset + len(data)]
    return [(action, number, begin, data[begin - offset:end - offset])
            for begin, end in zip(cuts, cuts[1:])]
