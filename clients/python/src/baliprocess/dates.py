"""Dates as they are known: a year, a month or a day."""

import re

from baliprocess import _google

Date = _google.module('type.date_pb2').Date

_FORM = re.compile(r'(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?')


def date(text):
    """A date of `2025`, `2025-02` or `2025-02-14`; ValueError for anything else. Whether the day exists
    is for the server to say."""
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError('{!r} is no date: 2025, 2025-02 or 2025-02-14'.format(text))
    return Date(**{part: int(value) for part, value in zip(('year', 'month', 'day'), found.groups())
                   if value})


def text(known):
    """A date as text, such as `2025-02`; empty when no year is known."""
    if not known.year:
        return ''
    parts = ['{:04}'.format(known.year)]
    if known.month:
        parts.append('{:02}'.format(known.month))
        if known.day:
            parts.append('{:02}'.format(known.day))
    return '-'.join(parts)
