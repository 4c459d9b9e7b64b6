"""Stands between a program and a server on loopback, so that single connections can be broken."""

import socket
import struct
import threading


class _Connection:
    def __init__(self, client, server):
        self._ends = client, server
        self.asked = b''  # the last that the program has sent, its statements among it

    def start(self):
        client, server = self._ends
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(1 << 16):
                if source is self._ends[0]:
                    self.asked = (self.asked + data)[-4096:]
                target.sendall(data)
        except OSError:
            pass  # it was broken
        self.break_off()

    def stands(self):
        return self._ends[0].fileno() >= 0

    def break_off(self):
        """Both ends learn of it at once."""
        for end in self._ends:
            try:
                # Reset, instead of a proper end.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended already
            end.close()


class Relay:
    """Listens at `port`, and passes everything on to port `to`."""

    def __init__(self, to):
        self._to = to
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self._connections = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                server = socket.create_connection(('127.0.0.1', self._to))
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Known before anything passes.
            connection = _Connection(client, server)
            self._connections.append(connection)
            connection.start()

    def standing(self):
        return [one for one in self._connections if one.stands()]

    def break_listeners(self):
        """The connections on which a LISTEN was sent, or the oldest one if none was; how many."""
        standing = self.standing()
        found = [one for one in standing if b'LISTEN ' in one.asked] or standing[:1]
        for one in found:
            one.break_off()
        return len(found)

    def close(self):
        self._listener.close()
        for one in self.standing():
            one.break_off()
