"""The services of the suite, and their methods as functions."""

import random
import time
import uuid

import grpc

from google.protobuf import descriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from baliprocess import channel as channels
from baliprocess import errors
from baliprocess import watch
from baliprocess.capacity.v1 import capacity_service_pb2
from baliprocess.capacity.v1 import capacity_service_pb2_grpc
from baliprocess.meetings.v1 import meetings_service_pb2
from baliprocess.meetings.v1 import meetings_service_pb2_grpc
from baliprocess.membership.v1 import membership_service_pb2
from baliprocess.membership.v1 import membership_service_pb2_grpc

_ATTEMPTS = 6
_FIRST_PAUSE = 0.2  # seconds; each further one is twice as long
_LONGEST_PAUSE = 5
_LONGEST_ASKED = 60  # of what a server asks for


def _persistently(attempt, repeatable):
    """Does it, and again while the failure is passing."""
    pause = _FIRST_PAUSE
    for number in range(1, _ATTEMPTS + 1):
        try:
            return attempt()
        except grpc.RpcError as failed:
            error = errors.error_of(failed)
        if not (repeatable and error.is_passing) or number == _ATTEMPTS:
            raise error
        asked = min(error.retry_after or 0, _LONGEST_ASKED)
        time.sleep(max(pause, asked) * random.uniform(1, 1.2))
        pause = min(2 * pause, _LONGEST_PAUSE)


class Method:
    """A method of a service. It is called with a request, or with the fields of one:

        bali.membership.GetMember(name='members/aus')

    A call that may be made twice (it reads, or its request has a `request_id`, which is made up when it
    is left out) is made again when it fails in passing. Calls raise baliprocess.Error. Streams of
    replies are iterators of them; a stream of requests is given as an iterable.
    """

    def __init__(self, call, described, timeout):
        self._call = call
        self._described = described
        self._timeout = timeout
        self.request_type = described.input_type._concrete_class
        self._has_id = 'request_id' in described.input_type.fields_by_name
        reads = described.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS
        self._repeatable = reads or self._has_id

    def __call__(self, request=None, timeout=None, **fields):
        if isinstance(self._call, (grpc.StreamUnaryMultiCallable, grpc.StreamStreamMultiCallable)):
            return _persistently(lambda: self._call(iter(request), timeout=timeout), False)
        request = self._request(request, fields)
        if isinstance(self._call, grpc.UnaryStreamMultiCallable):
            return _raising(self._call(request, timeout=timeout))
        return _persistently(lambda: self._call(request, timeout=timeout or self._timeout),
                             self._repeatable)

    def pages(self, request=None, timeout=None, **fields):
        """The replies of a list method, page by page."""
        request = self._request(request, fields)
        while True:
            page = self(request, timeout=timeout)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def each(self, request=None, timeout=None, **fields):
        """What a list method lists, over all pages."""
        items = self._items()
        for page in self.pages(request, timeout=timeout, **fields):
            yield from getattr(page, items)

    def stream(self, request):
        """A stream of replies as gRPC has it, whose failures are grpc.RpcError."""
        return self._call(request)

    def _request(self, given, fields):
        request = self.request_type(**fields)
        if given is not None:
            request.MergeFrom(given)
        if self._has_id and not request.request_id:
            request.request_id = str(uuid.uuid4())
        return request

    def _items(self):
        return next(field.name for field in self._described.output_type.fields
                    if field.label == descriptor.FieldDescriptor.LABEL_REPEATED)


def _raising(call):
    try:
        yield from call
    except grpc.RpcError as failed:
        raise errors.error_of(failed) from None
    finally:
        call.cancel()


class Service:
    """A service: each of its methods under its name, and `watch`."""

    def __init__(self, stub, described, timeout):
        self.stub = stub
        for method in described.methods:
            setattr(self, method.name, Method(getattr(stub, method.name), method, timeout))

    def watch(self, types=(), resume_token='', from_start=False):
        """A Watch of its changes: of resources of these types, such as `baliprocess.net/Member`, or of
        all; from now on, behind a token, or from the oldest change that is kept."""
        request = self.WatchChanges.request_type(
            types=types, resume_token=resume_token, from_start=from_start)
        return watch.Watch(self.WatchChanges.stream, request)


class Client:
    """The services behind a gateway: `membership`, `meetings` and `capacity`; `channel` is that of
    generated stubs. `timeout` is of a unary call, in seconds. Threads may share a client."""

    def __init__(self, channel, timeout=30):
        self.channel = channel
        self.membership = Service(
            membership_service_pb2_grpc.MembershipServiceStub(channel),
            membership_service_pb2.DESCRIPTOR.services_by_name['MembershipService'], timeout)
        self.meetings = Service(
            meetings_service_pb2_grpc.MeetingsServiceStub(channel),
            meetings_service_pb2.DESCRIPTOR.services_by_name['MeetingsService'], timeout)
        self.capacity = Service(
            capacity_service_pb2_grpc.CapacityServiceStub(channel),
            capacity_service_pb2.DESCRIPTOR.services_by_name['CapacityService'], timeout)

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def connect(server, timeout=30, **settings):
    """A Client of the gateway at `host:port`; the settings are those of open_channel. Nothing is sent
    yet."""
    return Client(channels.open_channel(server, **settings), timeout)
