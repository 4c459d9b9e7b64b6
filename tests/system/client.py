"""Calls the suite and takes its errors apart."""

import queue
import threading
import uuid

import grpc

import contract

_OPTIONS = [
    ('grpc.enable_http_proxy', 0),
    ('grpc.use_local_subchannel_pool', 1),
    ('grpc.max_receive_message_length', 64 << 20),
    ('grpc.max_send_message_length', 64 << 20),
    ('grpc.initial_reconnect_backoff_ms', 100),
    ('grpc.max_reconnect_backoff_ms', 500),
]


# What a repeat would do twice, so that the request must have an id.
NEED_REQUEST_ID = {'BreakSilence', 'AssociateReservation', 'AddProgressNote'}


class CallError(Exception):
    """A call that failed: code, and what the error details say; the method, where it is known."""

    def __init__(self, error, method=''):
        self.method = method
        self.code = error.code().name
        self.message = error.details() or ''
        self.reason = ''
        self.domain = ''
        self.metadata = {}
        self.fields = {}
        self.retry = False
        self.status = None  # a google.rpc.Status
        for key, value in error.trailing_metadata() or ():
            if key == 'grpc-status-details-bin':
                self._read(contract.message('google.rpc.Status').FromString(value))
        super().__init__('{} {} {} {}'.format(self.code, self.reason, self.message, self.fields))

    def _read(self, status):
        self.status = status
        for detail in status.details:
            content = contract.unpack(detail)
            kind = content.DESCRIPTOR.name
            if kind == 'ErrorInfo':
                self.reason = content.reason
                self.domain = content.domain
                self.metadata = dict(content.metadata)
            elif kind == 'BadRequest':
                for violation in content.field_violations:
                    self.fields[violation.field] = violation.description
            elif kind == 'RetryInfo':
                self.retry = True


def _append(piece, whole):
    for field, value in piece.ListFields():
        if field.label == field.LABEL_REPEATED:
            getattr(whole, field.name).extend(value)
        elif field.message_type is not None:
            _append(value, getattr(whole, field.name))
        else:
            setattr(whole, field.name, getattr(whole, field.name) + value)


def _joined(pieces):
    """The reply that comes in pieces: each field of theirs, joined."""
    whole = None
    for piece in pieces:
        if whole is None:
            whole = type(piece)()
        _append(piece, whole)
    return whole


class Watch:
    """A WatchChanges in progress, read by a thread of its own."""

    def __init__(self, call):
        self._call = call
        self._responses = queue.Queue()
        self.token = ''
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for response in self._call:
                self._responses.put(response)
            self._responses.put(None)
        except grpc.RpcError as error:
            self._responses.put(CallError(error))

    def next(self, timeout=10):
        """The next response; raises CallError when the stream ended with an error."""
        response = self._responses.get(timeout=timeout)
        if isinstance(response, CallError):
            raise response
        if response is None:
            raise EOFError('the stream ended')
        self.token = response.resume_token
        return response

    def changes(self, count, timeout=10):
        """The next so many changes."""
        found = []
        while len(found) < count:
            found.extend(self.next(timeout).changes)
        return found

    def end(self, timeout=10):
        """Reads on until the stream ends; the changes read and the CallError it ended with."""
        found = []
        while True:
            try:
                found.extend(self.next(timeout).changes)
            except CallError as error:
                return found, error

    def stands(self):
        """Whether the stream hasn't ended."""
        return self._call.is_active()

    def cancel(self):
        self._call.cancel()


class Client:
    """Calls the suite as one caller, through the gateway or directly. `options` are gRPC's, of the
    channel."""

    def __init__(self, target, credentials=None, token=None, options=()):
        options = [*_OPTIONS, *options]
        if credentials is None:
            self.channel = grpc.insecure_channel(target, options=options)
        else:
            self.channel = grpc.secure_channel(target, credentials, options=options)
        self._metadata = [('authorization', 'Bearer ' + token)] if token else []
        self._methods = contract.all_methods()
        self._stubs = {}
        # What was seen of the one service that is called, when it is to be sent along:
        # x-bali-position. None: it isn't.
        self.seen = None

    def close(self):
        self.channel.close()

    def _method(self, name):
        """Methods may be named, or given: of those with the same name in several services."""
        return self._methods[name] if isinstance(name, str) else name

    def _stub(self, name):
        method = self._method(name)
        if method.full_name not in self._stubs:
            kind = '{}_{}'.format('stream' if method.client_streaming else 'unary',
                                  'stream' if method.server_streaming else 'unary')
            self._stubs[method.full_name] = (
                getattr(self.channel, kind)(
                    contract.path(method),
                    request_serializer=lambda request: request.SerializeToString(),
                    response_deserializer=contract.class_of(method.output_type).FromString),
                contract.class_of(method.input_type))
        return self._stubs[method.full_name]

    def request(self, name, /, **fields):
        """A request of a method, with the id that some of them must have."""
        if name in NEED_REQUEST_ID:
            fields.setdefault('request_id', str(uuid.uuid4()))
        return contract.class_of(self._method(name).input_type)(**fields)

    def call(self, name, /, request=None, timeout=20, metadata=(), **fields):
        stub, _ = self._stub(name)
        if request is None:
            request = self.request(name, **fields)
        metadata = self._metadata + list(metadata)
        if self.seen is not None:
            return self._call_seeing(stub, request, timeout, metadata)
        try:
            reply = stub(request, timeout=timeout, metadata=metadata)
            return _joined(reply) if self._method(name).server_streaming else reply
        except grpc.RpcError as error:
            raise CallError(error, self._method(name).name) from None

    def _call_seeing(self, stub, request, timeout, metadata):
        """Of unary calls."""
        if self.seen:
            metadata = metadata + [('x-bali-position', self.seen)]
        try:
            reply, call = stub.with_call(request, timeout=timeout, metadata=metadata)
            return reply
        except grpc.RpcError as error:
            call = error
            raise CallError(error) from None
        finally:
            self.seen = dict(call.trailing_metadata() or ()).get('x-bali-position', self.seen)

    def send(self, name, /, requests, timeout=20):
        """Calls a method that takes a stream; its reply."""
        stub, _ = self._stub(name)
        try:
            return stub(iter(requests), timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise CallError(error, self._method(name).name) from None

    def start_sending(self, name, /, requests, timeout=20):
        """The same, without waiting for its end; its future."""
        stub, _ = self._stub(name)
        return stub.future(iter(requests), timeout=timeout, metadata=self._metadata)

    def receive(self, name, /, request=None, timeout=20, **fields):
        """Calls a method that answers with a stream; its replies, as they come. Closed early, the
        call is cancelled."""
        stub, request_type = self._stub(name)
        call = stub(request_type(**fields) if request is None else request, timeout=timeout,
                    metadata=self._metadata)
        try:
            yield from call
        except grpc.RpcError as error:
            raise CallError(error) from None
        finally:
            call.cancel()

    def start(self, name, /, timeout=20, **fields):
        """Starts a unary call; its future."""
        stub, request_type = self._stub(name)
        return stub.future(request_type(**fields), timeout=timeout, metadata=self._metadata)

    def start_stream(self, name, /, timeout=600, **fields):
        """Starts a stream whose messages nobody takes; its call."""
        stub, request_type = self._stub(name)
        return stub(request_type(**fields), timeout=timeout, metadata=self._metadata)

    def raw(self, path, body, timeout=20):
        """Calls a path with these bytes; the reply's bytes."""
        stub = self.channel.unary_unary(path)
        try:
            return stub(body, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise CallError(error) from None

    def all(self, name, items, /, **fields):
        """All pages of a list method."""
        found = []
        token = ''
        while True:
            page = self.call(name, page_token=token, **fields)
            found.extend(getattr(page, items))
            token = page.next_page_token
            if not token:
                return found

    def changes(self, service='membership', **fields):
        return self.all(service + '/ListChanges', 'changes', page_size=1000, **fields)

    def watch(self, timeout=60, service='membership', **fields):
        """A watch that stands: changes made from now on are seen."""
        stub, request_type = self._stub(service + '/WatchChanges')
        watch = Watch(stub(request_type(**fields), timeout=timeout, metadata=self._metadata))
        if not fields:
            watch.next()
        return watch

    def health(self, service='', timeout=5):
        """The name of the serving status of a service."""
        reply_type = contract.message('grpc.health.v1.HealthCheckResponse')
        request = contract.message('grpc.health.v1.HealthCheckRequest')(service=service)
        reply = reply_type.FromString(
            self.raw('/grpc.health.v1.Health/Check', request.SerializeToString(), timeout))
        return reply_type.ServingStatus.Name(reply.status)
