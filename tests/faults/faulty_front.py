"""A replica of a service as its callers see it when it is at fault: passes calls on, and does to
them what the last signal said.

    faulty_front.py ADDRESS CA CERTIFICATE KEY PORT_FILE

SIGUSR1: each call takes 0.2 s more. SIGUSR2: every other call is answered UNAVAILABLE, half of
these before the replica has heard of it, half when it has done it. SIGHUP: nothing is wrong. Prints
the x-request-id of each call that it hears of.
"""

import asyncio
import itertools
import os
import signal
import sys

os.environ.setdefault('GRPC_VERBOSITY', 'NONE')

import grpc  # noqa: E402

DELAY = 0.2
_OPTIONS = [
    # Of those that a service of the suite has, too (common/rpc/server.cc).
    ('grpc.keepalive_permit_without_calls', 1),
    ('grpc.http2.min_ping_interval_without_data_ms', 500),
    ('grpc.http2.max_ping_strikes', 0),
    ('grpc.max_receive_message_length', 64 << 20),
]
# Fields that gRPC writes itself.
_OWN = ('grpc-', 'user-agent', 'te', 'content-type')


def _passed_on(metadata):
    return tuple((key, value) for key, value in metadata or ()
                 if key == 'grpc-status-details-bin' or not key.startswith(_OWN))


class Front(grpc.GenericRpcHandler):
    def __init__(self, channel):
        self._channel = channel
        self.fault = None
        self._turns = itertools.count()

    def service(self, details):
        async def pass_on(requests, context):
            await self._pass_on(details.method, requests, context)
        return grpc.stream_stream_rpc_method_handler(pass_on)

    async def _pass_on(self, method, requests, context):
        metadata = _passed_on(context.invocation_metadata())
        for key, value in metadata:
            if key == 'x-request-id':
                print('"heard of":"{}"'.format(value), flush=True)
        fault = None if 'Health' in method else self.fault
        turn = next(self._turns) % 4 if fault == 'unavailable' else 0
        if turn == 1:
            await context.abort(grpc.StatusCode.UNAVAILABLE, 'not done')
        if fault == 'slow':
            await asyncio.sleep(DELAY)
        call = self._channel.stream_stream(method)(requests, metadata=metadata,
                                                   timeout=context.time_remaining())
        try:
            async for reply in call:
                if turn != 3:
                    await context.write(reply)
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details(),
                                _passed_on(error.trailing_metadata()))
        if turn == 3:
            await context.abort(grpc.StatusCode.UNAVAILABLE, 'done')
        context.set_trailing_metadata(_passed_on(await call.trailing_metadata()))


async def main():
    address, ca, certificate, key, port_file = sys.argv[1:]
    ca, certificate, key = (open(name, 'rb').read() for name in (ca, certificate, key))
    channel = grpc.aio.secure_channel(
        address, grpc.ssl_channel_credentials(ca, key, certificate), options=_OPTIONS)
    server = grpc.aio.server(options=_OPTIONS)
    front = Front(channel)
    server.add_generic_rpc_handlers([front])
    port = server.add_secure_port('127.0.0.1:0', grpc.ssl_server_credentials(
        [(key, certificate)], ca, require_client_auth=True))
    loop = asyncio.get_running_loop()
    for number, fault in ((signal.SIGUSR1, 'slow'), (signal.SIGUSR2, 'unavailable'),
                          (signal.SIGHUP, None)):
        loop.add_signal_handler(number, setattr, front, 'fault', fault)
    await server.start()
    with open(port_file + '.new', 'w', encoding='ascii') as file:
        file.write(str(port))
    os.rename(port_file + '.new', port_file)
    await server.wait_for_termination()


if __name__ == '__main__':
    asyncio.run(main())
