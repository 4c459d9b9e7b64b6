"""gRPC's interoperability tests on gRPC's own Python: the service and the client."""

import threading

import grpc

import contract

SERVICE = 'grpc.testing.TestService'
SENT, RECEIVED = [27182, 8, 1828, 45904], [31415, 9, 2653, 58979]
MESSAGE = 'test status message'
SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'
INITIAL = ('x-grpc-test-echo-initial', 'test_initial_metadata_value')
TRAILING = ('x-grpc-test-echo-trailing-bin', b'\xab\xab\xab')
TIMEOUT = 10


def message(name, **fields):
    return contract.message('grpc.testing.' + name)(**fields)


def payload(size):
    return message('Payload', body=bytes(size))


def ping(number):
    return message('StreamingOutputCallRequest', payload=payload(SENT[number]),
                   response_parameters=[{'size': RECEIVED[number]}])


# The service.

def _echo(context):
    asked = dict(context.invocation_metadata())
    context.send_initial_metadata([(name, asked[name]) for name in (INITIAL[0],) if name in asked])
    context.set_trailing_metadata([(name, asked[name]) for name in (TRAILING[0],) if name in asked])


def _end(context, status):
    if status.code:
        context.abort(next(code for code in grpc.StatusCode if code.value[0] == status.code),
                      status.message)


def _unary_call(request, context):
    _echo(context)
    _end(context, request.response_status)
    return message('SimpleResponse',
                   payload=payload(request.response_size) if request.response_size else None)


def _answer(request, context):
    for parameters in request.response_parameters:
        ended = threading.Event()
        if parameters.interval_us and context.add_callback(ended.set):
            ended.wait(parameters.interval_us / 1e6)
        yield message('StreamingOutputCallResponse', payload=payload(parameters.size))
    _end(context, request.response_status)


def _streaming_output_call(request, context):
    _echo(context)
    yield from _answer(request, context)


def _streaming_input_call(requests, _):
    return message('StreamingInputCallResponse',
                   aggregated_payload_size=sum(len(one.payload.body) for one in requests))


def _full_duplex_call(requests, context):
    _echo(context)
    for request in requests:
        yield from _answer(request, context)


def handlers():
    kinds = {
        'EmptyCall': (grpc.unary_unary_rpc_method_handler, lambda *_: message('Empty')),
        'UnaryCall': (grpc.unary_unary_rpc_method_handler, _unary_call),
        'StreamingOutputCall': (grpc.unary_stream_rpc_method_handler, _streaming_output_call),
        'StreamingInputCall': (grpc.stream_unary_rpc_method_handler, _streaming_input_call),
        'FullDuplexCall': (grpc.stream_stream_rpc_method_handler, _full_duplex_call)}
    methods = contract.service(SERVICE).methods_by_name
    return {name: kind(behavior, contract.class_of(methods[name].input_type).FromString,
                       lambda reply: reply.SerializeToString())
            for name, (kind, behavior) in kinds.items()}


# The client.

class Client:
    """Runs cases; each returns what is wrong, or nothing."""

    def __init__(self, address):
        self._channel = grpc.insecure_channel(address)

    def close(self):
        self._channel.close()

    def run(self):
        """How each case went, by its name: `ok` or what is wrong."""
        cases = [name[5:] for name in dir(self) if name.startswith('case_')]
        return {name: getattr(self, 'case_' + name)() or 'ok' for name in cases}

    def _call(self, method, request, service=SERVICE, **options):
        """The call of a method, which has begun."""
        options = {'timeout': TIMEOUT, **options}
        described = contract.service(service).methods_by_name[method]
        kind = '{}_{}'.format('stream' if described.client_streaming else 'unary',
                              'stream' if described.server_streaming else 'unary')
        stub = getattr(self._channel, kind)(
            '/{}/{}'.format(service, method), lambda sent: sent.SerializeToString(),
            contract.class_of(described.output_type).FromString)
        return (stub if described.server_streaming else stub.future)(request, **options)

    @staticmethod
    def _is(call, code, text=None):
        if call.code() is not code:
            return '{}: {}'.format(call.code(), call.details())
        return 'another message' if text is not None and call.details() != text else None

    def _fits(self, fits, call):
        return self._is(call, grpc.StatusCode.OK) or (None if fits else 'another reply')

    def case_empty_unary(self):
        call = self._call('EmptyCall', message('Empty'))
        return self._fits(call.exception() is None, call)

    def case_large_unary(self):
        call = self._call('UnaryCall', message('SimpleRequest', response_size=314159,
                                               payload=payload(271828)))
        return self._fits(not call.exception() and call.result().payload.body == bytes(314159),
                          call)

    def case_client_streaming(self):
        call = self._call('StreamingInputCall', (
            message('StreamingInputCallRequest', payload=payload(size)) for size in SENT))
        return self._fits(not call.exception() and
                          call.result().aggregated_payload_size == sum(SENT), call)

    def case_server_streaming(self):
        call = self._call('StreamingOutputCall', message(
            'StreamingOutputCallRequest',
            response_parameters=[{'size': size} for size in RECEIVED]))
        return self._fits([len(reply.payload.body) for reply in call] == RECEIVED, call)

    def case_ping_pong(self):
        replied = threading.Semaphore(1)

        def requests():
            for number in range(len(SENT)):
                replied.acquire(timeout=TIMEOUT)
                yield ping(number)
        sizes, call = [], self._call('FullDuplexCall', requests())
        for reply in call:
            sizes.append(len(reply.payload.body))
            replied.release()
        return self._fits(sizes == RECEIVED, call)

    def case_empty_stream(self):
        call = self._call('FullDuplexCall', iter([]))
        return self._fits(not list(call), call)

    def case_custom_metadata(self):
        for method, request in (('UnaryCall', message('SimpleRequest', response_size=1)),
                                ('FullDuplexCall', iter([ping(0)]))):
            call = self._call(method, request, metadata=[INITIAL, TRAILING])
            if method == 'FullDuplexCall':
                list(call)
            fits = INITIAL in call.initial_metadata() and TRAILING in call.trailing_metadata()
            wrong = self._fits(fits, call)
            if wrong:
                return wrong
        return None

    def _failure(self, text):
        status = message('EchoStatus', code=2, message=text)
        unary = self._call('UnaryCall', message('SimpleRequest', response_status=status))
        stream = self._call('FullDuplexCall', iter([
            message('StreamingOutputCallRequest', response_status=status)]))
        return self._is(unary, grpc.StatusCode.UNKNOWN, text) or \
            self._is(stream, grpc.StatusCode.UNKNOWN, text)

    def case_status_code_and_message(self):
        return self._failure(MESSAGE)

    def case_special_status_message(self):
        return self._failure(SPECIAL)

    def case_unimplemented_method(self):
        call = self._call('UnimplementedCall', message('Empty'))
        return self._is(call, grpc.StatusCode.UNIMPLEMENTED)

    def case_unimplemented_service(self):
        call = self._call('UnimplementedCall', message('Empty'),
                          service='grpc.testing.UnimplementedService')
        return self._is(call, grpc.StatusCode.UNIMPLEMENTED)

    def case_cancel_after_begin(self):
        ended = threading.Event()
        call = self._call('StreamingInputCall', iter(ended.wait, True))
        call.cancel()
        ended.set()
        return self._is(call, grpc.StatusCode.CANCELLED)

    def case_cancel_after_first_response(self):
        ended = threading.Event()

        def requests():
            yield ping(0)
            ended.wait(TIMEOUT)
        call = self._call('FullDuplexCall', requests())
        next(call)
        call.cancel()
        ended.set()
        return self._is(call, grpc.StatusCode.CANCELLED)

    def case_timeout_on_sleeping_server(self):
        ended = threading.Event()

        def requests():
            yield message('StreamingOutputCallRequest', payload=payload(SENT[0]))
            ended.wait(TIMEOUT)
        call = self._call('FullDuplexCall', requests(), timeout=0.001)
        wrong = self._is(call, grpc.StatusCode.DEADLINE_EXCEEDED)
        ended.set()
        return wrong
