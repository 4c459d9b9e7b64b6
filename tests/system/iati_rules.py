"""IATI's schema and its standard ruleset, read from where they lie (BALI_ORACLES), and applied.

The ruleset is data: for the elements that an XPath selects, cases of some kinds of rules. Each kind
is a function here; a kind that isn't known is an error.
"""

import collections
import datetime
import decimal
import json
import os
import re

from lxml import etree

# What the ruleset takes from a list of others: registers of organisations. Judged by its form.
_ORGANISATION = re.compile(r'^[A-Z]{2,3}-[A-Z0-9]+-')


def directory():
    """Where the schema and the rules are; None where nobody says."""
    oracles = os.environ.get('BALI_ORACLES')
    return os.path.join(oracles, 'iati') if oracles else None


def _text(node):
    return node if isinstance(node, str) else ''.join(node.itertext())


def _texts(element, paths):
    return [_text(node) for path in paths for node in element.xpath(path)]


def _day(text):
    return datetime.date.fromisoformat(text[:10])


def _days(element, path):
    if path == 'NOW':
        return [datetime.datetime.now(datetime.timezone.utc).date()]
    return [_day(text) for text in _texts(element, [path])]


def _nodes(element, case):
    return [node for path in case['paths'] for node in element.xpath(path)]


def _holds(element, path):
    return bool(element.xpath('boolean({})'.format(path)))


def _unique(element, case):
    texts = _texts(element, case['paths'])
    return len(set(texts)) == len(texts)


def _startswith(element, case):
    if case['prefix'] == ['ORG-ID-PREFIX']:
        return all(_ORGANISATION.match(text) for text in _texts(element, case['paths']))
    prefixes = [text + case.get('separator', '') for text in _texts(element, case['prefix'])]
    return all(any(text.startswith(prefix) for prefix in prefixes)
               for text in _texts(element, case['paths']))


def _one_or_all(element, case):
    if element.xpath(case['one']):
        return True
    every = {'lang': ('.//narrative', '@xml:lang'), 'currency': ('.//value', '@currency'),
             'sector': ('transaction', 'sector')}
    what, has = every[case['all']]
    return all(one.xpath(has) for one in element.xpath(what))


def _date_now(element, case):
    now = datetime.datetime.now(datetime.timezone.utc)
    return all(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) <= now
               for text in _texts(element, [case['date']]))


def _date_order(element, case):
    return all(less <= more for less in _days(element, case['less'])
               for more in _days(element, case['more']))


def _strict_sum(element, case):
    numbers = [decimal.Decimal(text) for text in _texts(element, case['paths'])]
    return not numbers or sum(numbers) == case['sum']


def _range(element, case):
    return all(case['min'] <= decimal.Decimal(text) <= case['max']
               for text in _texts(element, case['paths']))


def _time_limit(element, case):
    year = datetime.timedelta(days=366)
    return all(end - start <= year for start in _days(element, case['start'])
               for end in _days(element, case['end']))


def _between_dates(element, case):
    return all(start <= day <= end for day in _days(element, case['date'])
               for start in _days(element, case['start']) for end in _days(element, case['end']))


# Whether an element keeps a rule, by the rule's kind; `loop` is Standard's.
KINDS = {
    'unique': _unique,
    'startswith': _startswith,
    'atleast_one': lambda element, case: bool(_nodes(element, case)),
    'no_more_than_one': lambda element, case: len(_nodes(element, case)) <= 1,
    'one_or_all': _one_or_all,
    'date_now': _date_now,
    'date_order': _date_order,
    'regex_matches': lambda element, case: all(
        re.search(case['regex'], text) for text in _texts(element, case['paths'])),
    'no_spaces': lambda element, case: all(
        text == text.strip() for text in _texts(element, case['paths'])),
    'strict_sum': _strict_sum,
    'range': _range,
    'if_then': lambda element, case:
        not _holds(element, case['if']) or _holds(element, case['then']),
    'time_limit': _time_limit,
    'between_dates': _between_dates,
}


def _replaced(value, text):
    if isinstance(value, list):
        return [_replaced(part, text) for part in value]
    return value.replace('$1', text) if isinstance(value, str) else value


class Standard:
    """The schema and the rules, read once."""

    def __init__(self, where):
        self._schemas = {
            root: etree.XMLSchema(etree.parse(os.path.join(where, file)))
            for root, file in (('iati-activities', 'iati-activities-schema.xsd'),
                               ('iati-organisations', 'iati-organisations-schema.xsd'))}
        with open(os.path.join(where, 'rulesets-standard.json'), encoding='utf-8') as file:
            self._ruleset = json.load(file)
        self.judged = 0  # how often a rule was applied to an element

    def kinds(self):
        """The kinds of rules that there are, each with how many rules."""
        found = collections.Counter()
        for kinds in self._ruleset.values():
            for kind, rule in kinds.items():
                if kind == 'loop':
                    found.update(inner for case in rule['cases'] for inner in case['do'])
                else:
                    found[kind] += len(rule['cases'])
        return found

    def violations(self, text):
        """What is wrong with a file: what the schema says, and `ID: message` of each rule."""
        document = etree.fromstring(text)
        schema = self._schemas[document.tag]
        schema.validate(document)
        found = [str(error) for error in schema.error_log]
        for context, kinds in self._ruleset.items():
            for element in document.getroottree().xpath(context):
                found += self._broken(element, kinds)
        return found

    def _broken(self, element, kinds):
        found = []
        for kind, rule in kinds.items():
            for case in rule['cases']:
                if kind == 'loop':
                    for text in dict.fromkeys(_texts(element, [case['foreach']])):
                        found += self._broken(element, self._loop(case, text))
                    continue
                self.judged += 1
                if 'condition' in case and not _holds(element, case['condition']):
                    continue
                if not KINDS[kind](element, case):
                    found.append('{id}: {message}'.format(**case['ruleInfo']))
        return found

    @staticmethod
    def _loop(case, text):
        return {kind: {'cases': [{key: _replaced(value, text) for key, value in inner.items()}
                                 for inner in rule['cases']]}
                for kind, rule in case['do'].items()}
