"""The gateway in front of services of others, and the data of those who judge it.

A test of this folder asks what lies outside of the project: BALI_ORACLES names the folder. Where
that isn't there, or wasn't when CMake configured, the test says so and is skipped.
"""

import concurrent.futures
import os
import shutil
import tempfile
import unittest

import grpc

import contract
import process
import suite

FOLDER = os.environ.get('BALI_ORACLES', '')


def needs(folder, service):
    """Skips a test without the data of `folder`, or without `service` in the gateway."""
    if not os.path.isdir(os.path.join(FOLDER, folder)):
        return unittest.skip('BALI_ORACLES names no folder with ' + folder)
    if not contract.has_service(service):
        return unittest.skip('built without the contract of {}: configure with BALI_ORACLES'
                             .format(service))
    return lambda test: test


def file(*parts):
    return os.path.join(FOLDER, *parts)


class Judged:
    """A service of others behind the gateway, in plaintext. `handlers` are those of its methods,
    for gRPC's Python; or it is elsewhere, at `address`."""

    def __init__(self, service, handlers=None, address=None, gateway_flags=()):
        self.directory = tempfile.mkdtemp(prefix='bali-oracles-')
        self.server = None
        if handlers is not None:
            self.server = grpc.server(
                concurrent.futures.ThreadPoolExecutor(max_workers=16),
                options=[('grpc.max_receive_message_length', 64 << 20)])
            self.server.add_generic_rpc_handlers(
                [grpc.method_handlers_generic_handler(service, handlers)])
            address = '127.0.0.1:{}'.format(self.server.add_insecure_port('127.0.0.1:0'))
            self.server.start()
        self.gateway = process.Process(
            'oracle_gateway', self.directory,
            ['--upstream', '{}={}'.format(service, address), *gateway_flags])
        self.gateway.start()
        suite.look_after(self)

    @property
    def address(self):
        return self.gateway.address

    def close(self):
        self.gateway.kill()
        if self.server:
            self.server.stop(None)

    def remove(self):
        self.close()
        shutil.rmtree(self.directory)

    def show_logs(self):
        print(self.gateway.log())
