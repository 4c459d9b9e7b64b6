"""The rules of deploy/monitoring with their times made short, so that a test sees them fire within
seconds.

    short_rules.py [DIVISOR] <deploy/monitoring/rules.yaml >short.yaml
"""

import math
import re
import sys

_UNITS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
# A rate needs two values at least; there is one each half second.
_LEAST_WINDOW = 3


def shortened(rules, divisor):
    """All windows, offsets and times for which an alert must last are divided; thresholds stay."""

    def short(number, unit, least):
        return '{}s'.format(max(least, math.ceil(int(number) * _UNITS[unit] / divisor)))

    rules = re.sub(r'\[(\d+)([smhd])\]',
                   lambda found: '[{}]'.format(short(*found.groups(), _LEAST_WINDOW)), rules)
    rules = re.sub(r'\[(\d+)([smhd]):(\d+)([smhd])\]', lambda found: '[{}:{}]'.format(
        short(found[1], found[2], _LEAST_WINDOW), short(found[3], found[4], 1)), rules)
    return re.sub(r'\b(for:|offset) (\d+)([smhd])\b',
                  lambda found: '{} {}'.format(found[1], short(found[2], found[3], 1)), rules)


if __name__ == '__main__':
    sys.stdout.write(shortened(sys.stdin.read(), int(sys.argv[1]) if sys.argv[1:] else 100))
