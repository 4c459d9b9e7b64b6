"""Why a call was refused."""

import collections

from baliprocess import _google

_status = _google.module('rpc.status_pb2')
_details = _google.module('rpc.error_details_pb2')

# A field of the request that breaks a rule: `seat.term.start_date`, and what is wrong with it.
Violation = collections.namedtuple('Violation', 'field description')


class Error(Exception):
    """A call that failed. `code` is gRPC's, as a name such as `NOT_FOUND`; programs branch on `reason`,
    which is one of baliprocess/api/v1/errors.proto, or empty where no server answered."""

    def __init__(self, code, message, reason='', domain='', metadata=None, violations=(),
                 retry_after=None):
        super().__init__(code, message, reason)
        self.code = code
        self.message = message
        self.reason = reason
        self.domain = domain
        self.metadata = dict(metadata or {})
        self.violations = list(violations)
        self.retry_after = retry_after  # seconds that the server asks to wait for, or None

    def __str__(self):
        text = '{}: {}'.format(self.reason or self.code, self.message)
        return '\n'.join([text] + ['  {}: {}'.format(*one) for one in self.violations])

    @property
    def is_passing(self):
        """Whether the call may succeed when it is made again as it is."""
        return (self.code == 'UNAVAILABLE' or self.reason in ('OVERLOADED', 'RATE_LIMITED') or
                (self.code == 'ABORTED' and self.reason != 'ETAG_MISMATCH'))


class HistoryCompacted(Error):
    """A watch can't go on from its token: what followed it isn't kept any more, or was undone by a
    restore. Open another watch without a token, wait until it stands (`Watch.stand`), list the
    resources as they are, then read that watch."""


def error_of(failed):
    """The Error that a grpc.RpcError tells."""
    found = {}
    status = _status.Status()
    for key, value in failed.trailing_metadata() or ():
        if key == 'grpc-status-details-bin':
            status.MergeFromString(value)
    for detail in status.details:
        _read(detail, found)
    kind = HistoryCompacted if found.get('reason') == 'HISTORY_COMPACTED' else Error
    return kind(failed.code().name, failed.details() or '', **found)


def _read(detail, found):
    info, request, retry = _details.ErrorInfo(), _details.BadRequest(), _details.RetryInfo()
    if detail.Unpack(info):
        found.update(reason=info.reason, domain=info.domain, metadata=info.metadata)
    elif detail.Unpack(request):
        found['violations'] = [Violation(one.field, one.description)
                               for one in request.field_violations]
    elif detail.Unpack(retry):
        found['retry_after'] = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
