"""A client of the Bali Process suite.

    with baliprocess.connect('127.0.0.1:8443', ca='ca.crt', token_file='token') as bali:
        for member in bali.membership.ListMembers.each():
            print(member.name, member.display_name)
"""

from baliprocess.channel import open_channel
from baliprocess.client import Client, connect
from baliprocess.dates import Date
from baliprocess.errors import Error, HistoryCompacted, Violation, error_of
from baliprocess.watch import Watch

__all__ = ['Client', 'Date', 'Error', 'HistoryCompacted', 'Violation', 'Watch', 'connect',
           'error_of', 'open_channel']
