"""Lists who chairs which body, records an outside forum, and sees that change arrive.

Where the suite is, is told as to balictl: BALI_SERVER, BALI_CA, BALI_TOKEN_FILE.
"""

import os
import sys

import baliprocess


def show_chairs(bali):
    for seat in bali.membership.ListSeats.each(parent='bodies/-', filter='role = CHAIR',
                                               page_size=3):
        print(seat.name, seat.member)


def record_forum(bali, forum_id):
    """Records it; whether it wasn't there already."""
    try:
        bali.membership.CreateExternalForum(
            external_forum_id=forum_id,
            external_forum={'display_name': 'An outside forum', 'short_name': 'AOF'})
        return True
    except baliprocess.Error as error:
        if error.reason != 'RESOURCE_EXISTS':
            raise
        return False


def main():
    with baliprocess.connect(os.environ['BALI_SERVER'], ca=os.environ.get('BALI_CA'),
                             token_file=os.environ.get('BALI_TOKEN_FILE')) as bali:
        show_chairs(bali)
        with bali.membership.watch(types=['baliprocess.net/ExternalForum']).stand() as changes:
            if not record_forum(bali, 'example-python'):
                print('externalForums/example-python is there already')
                return
            change = next(changes)
            print(change.Kind.Name(change.kind), change.resource)


if __name__ == '__main__':
    sys.exit(main())
