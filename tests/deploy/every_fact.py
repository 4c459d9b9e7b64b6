"""The facts of the record, asked for within a test."""

import facts
import facts_capacity  # noqa: F401
import facts_meetings  # noqa: F401
import facts_membership  # noqa: F401


def check(test, client):
    """Each one of them, by a client that is closed then."""
    checked = set()
    try:
        for number, _, ask in facts.checks():
            with test.subTest(fact=number):
                ask(client)
            checked.add(number)
    finally:
        client.close()
    test.assertEqual(checked, facts.NUMBERS)
    print('{} facts'.format(len(checked)), flush=True)
