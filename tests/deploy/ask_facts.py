"""Asks a gateway for every fact of the record of 2024: ask_facts.py SERVER CA_FILE TOKEN_FILE.

Prints what is missing, and how many of them are there; ends with 1 if one isn't.
"""

import sys

import grpc

import facts
import facts_capacity  # noqa: F401
import facts_meetings  # noqa: F401
import facts_membership  # noqa: F401
from client import CallError, Client


def main(server, ca_file, token_file):
    with open(ca_file, 'rb') as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    with open(token_file, encoding='ascii') as file:
        client = Client(server, credentials, file.read().strip())
    missing = set()
    for number, title, check in facts.checks():
        try:
            check(client)
        except (AssertionError, CallError) as error:
            missing.add(number)
            print('{:4} MISSING  {}: {}'.format(number, title, error))
    print('{} of {} facts'.format(len(facts.NUMBERS - missing), len(facts.NUMBERS)))
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
