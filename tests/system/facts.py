"""The facts of the public statement of May 2024 that the suite keeps, each as a question.

The numbers are those of the fact table that the data set was made from. A check asks through the
API, as of the days of the meetings, and raises AssertionError when the answer is another. The
checks are in a file for each service, `facts_membership.py` and so on; here is what they share.
"""

# Those of the table. Each has a check at least.
NUMBERS = {'F{}'.format(number) for number in range(1, 68)}

_checks = []


def fact(number, title):
    """Makes a function of a client the check of a fact. A fact of several services has several."""
    def keep(check):
        _checks.append((number, title, check))
        return check
    return keep


def checks():
    """Number, title and check of all facts of the files that were imported, by number."""
    return sorted(_checks, key=lambda entry: int(entry[0][1:]))


def equal(found, wanted):
    assert found == wanted, 'found {!r} instead of {!r}'.format(found, wanted)


def contains(text, *parts):
    for part in parts:
        assert part.lower() in text.lower(), '{!r} says nothing of {!r}'.format(text, part)


def enum(message, field):
    number = getattr(message, field)
    return message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[number].name


def ymd(date):
    return date.year, date.month, date.day


def only(resources):
    """The one resource that was found."""
    equal(len(resources), 1)
    return resources[0]
