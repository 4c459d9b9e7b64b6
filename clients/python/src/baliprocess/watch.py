"""Changes as they happen, over as many connections as it takes."""

import itertools
import time

import grpc

from baliprocess import errors

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10


class Watch:
    """An iterator of the changes of a service (baliprocess.common.v1.Change). When the stream ends or
    breaks it is opened again behind the last change, so none is missing and none comes twice.

    resume_token    where to go on after the last change that was taken; keep it to go on later
    """

    def __init__(self, open_stream, request):
        self._open_stream = open_stream
        self._request = request
        self._call = None
        self._changes = iter(())
        self._stood = False
        self._closed = False

    @property
    def resume_token(self):
        return self._request.resume_token

    def stand(self):
        """Waits until the watch stands: changes made from then on are seen. Not needed before reading."""
        if not self._stood:
            self._changes = self._messages()
        return self

    def close(self):
        """Ends the watch; another thread may do that."""
        self._closed = True
        if self._call:
            self._call.cancel()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def __iter__(self):
        return self

    def __next__(self):
        for change in self._changes:
            return self._take(change)
        while not self._closed:
            self._changes = self._messages()
            for change in self._changes:
                return self._take(change)
        raise StopIteration

    def _take(self, change):
        self._go_on_after(change.resume_token)
        return change

    def _go_on_after(self, token):
        if token:
            self._request.resume_token = token
            self._request.from_start = False

    def _messages(self):
        """The changes of the next message, which moves the token once they are taken."""
        pauses = itertools.chain(
            (_FIRST_PAUSE * 2 ** i for i in range(6)), itertools.repeat(_LONGEST_PAUSE))
        while not self._closed:
            try:
                if self._call is None:
                    self._call = self._open_stream(self._request)
                message = next(self._call)
                self._stood = True
                if not message.changes:
                    self._go_on_after(message.resume_token)
                return self._of(message)
            except StopIteration:
                pass  # a server that drains ends its streams
            except grpc.RpcError as failed:
                error = errors.error_of(failed)
                # A server that never answered is rather a wrong address than an interruption.
                if not self._closed and not (error.is_passing and self._stood):
                    raise error from None
            self._call = None
            if not self._closed:
                time.sleep(next(pauses))
        return iter(())

    def _of(self, message):
        yield from message.changes
        self._go_on_after(message.resume_token)
