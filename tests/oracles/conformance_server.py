"""The service of the conformance suite (service.proto says what it does), on gRPC's Python."""

import base64
import threading

import grpc

import contract

PACKAGE = 'connectrpc.conformance.v1'
SERVICE = PACKAGE + '.ConformanceService'
FOR_EVER = 1e9  # seconds: more is what gRPC has for a call without a deadline


def message(name):
    return contract.message('{}.{}'.format(PACKAGE, name))


def packed(content):
    """The message in an Any."""
    found = contract.message('google.protobuf.Any')()
    found.Pack(content)
    return found


def metadata(headers):
    """Headers of the suite as gRPC's Python takes them."""
    return tuple(
        (header.name.lower(),
         base64.b64decode(value + '=' * (-len(value) % 4)) if header.name.endswith('-bin')
         else value)
        for header in headers for value in header.value)


class _Call:
    """One call: what it tells of its request, and how it ends."""

    def __init__(self, context):
        self._context = context
        self._ended = threading.Event()
        context.add_callback(self._ended.set)

    def begin(self, definition):
        self._context.send_initial_metadata(metadata(definition.response_headers))
        self._context.set_trailing_metadata(metadata(definition.response_trailers))

    def wait(self, definition):
        self._ended.wait(definition.response_delay_ms / 1000)

    def info(self, requests, with_head=True):
        """The RequestInfo of a payload."""
        info = message('ConformancePayload.RequestInfo')(
            requests=[packed(request) for request in requests])
        if not with_head:
            return info
        values = {}
        for name, value in self._context.invocation_metadata():
            text = value if isinstance(value, str) else base64.b64encode(value).decode()
            values.setdefault(name, []).append(text)
        for name, listed in values.items():
            info.request_headers.add(name=name, value=listed)
        left = self._context.time_remaining()
        if left is not None and left < FOR_EVER:
            info.timeout_ms = int(left * 1000)
        return info

    def fail(self, definition, more_details=()):
        error = definition.error
        status = contract.message('google.rpc.Status')(
            code=error.code, message=error.message, details=[*error.details, *more_details])
        self._context.set_trailing_metadata(
            metadata(definition.response_trailers) +
            (('grpc-status-details-bin', status.SerializeToString()),))
        self._context.abort(next(code for code in grpc.StatusCode if code.value[0] == error.code),
                            error.message)


def _one(call, requests):
    """The payload of a method that gives one reply."""
    definition = requests[0].response_definition if requests else message(
        'UnaryResponseDefinition')()
    call.begin(definition)
    call.wait(definition)
    info = call.info(requests)
    if definition.HasField('error'):
        call.fail(definition, [packed(info)])
    return message('ConformancePayload')(data=definition.response_data, request_info=info)


def _many(call, requests, reply):
    """The replies of a method that gives many and has read all requests."""
    definition = requests[0].response_definition if requests else message(
        'StreamResponseDefinition')()
    call.begin(definition)
    info = call.info(requests)
    for data in definition.response_data:
        call.wait(definition)
        yield reply(payload=message('ConformancePayload')(data=data, request_info=info))
        info = None
    if definition.HasField('error'):
        call.fail(definition, [packed(info)] if info else [])


def _alternating(call, first, requests, reply):
    """The replies of a full-duplex stream: one for each request, then those that are left."""
    definition = first.response_definition
    call.begin(definition)
    left = list(definition.response_data)
    info = call.info([first])
    while left and info:
        call.wait(definition)
        yield reply(payload=message('ConformancePayload')(data=left.pop(0), request_info=info))
        request = next(requests, None)
        info = request and call.info([request], with_head=False)
    for data in left:
        call.wait(definition)
        yield reply(payload=message('ConformancePayload')(data=data))
    if definition.HasField('error'):
        none_sent = not definition.response_data
        call.fail(definition, [packed(info)] if none_sent else [])


def unary(request, context):
    return message('UnaryResponse')(payload=_one(_Call(context), [request]))


def idempotent_unary(request, context):
    return message('IdempotentUnaryResponse')(payload=_one(_Call(context), [request]))


def client_stream(requests, context):
    return message('ClientStreamResponse')(payload=_one(_Call(context), list(requests)))


def server_stream(request, context):
    yield from _many(_Call(context), [request], message('ServerStreamResponse'))


def bidi_stream(requests, context):
    call, reply = _Call(context), message('BidiStreamResponse')
    first = next(requests, None)
    if first is not None and first.full_duplex:
        yield from _alternating(call, first, requests, reply)
    else:
        yield from _many(call, ([] if first is None else [first]) + list(requests), reply)


def handlers():
    """Those of all methods but for Unimplemented."""
    kinds = {'Unary': (grpc.unary_unary_rpc_method_handler, unary),
             'IdempotentUnary': (grpc.unary_unary_rpc_method_handler, idempotent_unary),
             'ClientStream': (grpc.stream_unary_rpc_method_handler, client_stream),
             'ServerStream': (grpc.unary_stream_rpc_method_handler, server_stream),
             'BidiStream': (grpc.stream_stream_rpc_method_handler, bidi_stream)}
    return {name: kind(behavior, message(name + 'Request').FromString,
                       lambda reply: reply.SerializeToString())
            for name, (kind, behavior) in kinds.items()}
