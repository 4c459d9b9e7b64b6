"""The records that are written, by collection, and the dates in them."""

import datetime
import hashlib
import json
import os
import random

CITATION = {'title': 'Demonstration data', 'note': 'Made up. It tells of nobody and of nothing that took place.'}


def exact(day):
    """A date that is known to the day."""
    return {'year': day.year, 'month': day.month, 'day': day.day}


def term(start=None, end=None):
    """A term; each side is a date as the record has it, or None where it isn't known."""
    sides = {'startDate': start, 'endDate': end}
    return {name: side for name, side in sides.items() if side}


def year_of(year):
    return term({'year': year}, {'year': year})


class Book:
    def __init__(self, today):
        self.today = today
        self.random = random.Random(20020228)
        self._records = {}
        self._files = {}

    def add(self, collection, name, **fields):
        """One record of a collection such as `membership/seats`. Fields that are None are left out."""
        record = {'name': name, 'citations': [CITATION]}
        record.update((field, value) for field, value in fields.items() if value is not None)
        self._records.setdefault(collection, []).append(record)
        return name

    def attach(self, document, text, day):
        """The bytes of a document that were uploaded on a day, and what its record tells of them."""
        content = text.encode('utf-8')
        meeting, name = document.split('/')[1::2]
        self._files['meetings/documents/{}/{}.txt'.format(meeting, name)] = content
        return {'versions': [{'sizeBytes': str(len(content)), 'version': 1, 'mediaType': 'text/plain',
                              'sha256': hashlib.sha256(content).hexdigest(),
                              'uploadTime': day.isoformat() + 'T10:00:00Z'}]}

    def is_past(self, day):
        return day < self.today

    def moment(self, days, hours=0):
        """A moment so long after the beginning of today, or before it, in UTC."""
        start = datetime.datetime.combine(self.today, datetime.time())
        return (start + datetime.timedelta(days=days, hours=hours)).isoformat() + 'Z'

    def save(self, folder):
        """Writes all into a folder, and tells how many records there are."""
        os.makedirs(folder, exist_ok=True)
        if os.listdir(folder):
            raise FileExistsError('{} is not empty'.format(folder))
        for collection, records in self._records.items():
            text = json.dumps(records, ensure_ascii=False, indent=1) + '\n'
            self._write(os.path.join(folder, collection + '.json'), text.encode('utf-8'))
        for path, content in self._files.items():
            self._write(os.path.join(folder, path), content)
        return sum(len(records) for records in self._records.values())

    @staticmethod
    def _write(path, content):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(content)
