"""Callers of the gateway who speak JSON over HTTP/1.1."""

import http.client
import json
import ssl

from callers import Callers


class JsonCallers(Callers):
    """GETs on connections that are kept, one after the other, and what became of them. A connection
    that the gateway closes before a byte of a reply has come is no failure: a GET is sent again
    then (RFC 9110 9.2.2), once, and counted."""

    def __init__(self, address, identities, paths, count, pause):
        super().__init__(count, pause)
        self._address = address
        self._paths = paths
        self._context = ssl.create_default_context(cafile=identities.ca)
        self._headers = {'authorization': 'Bearer ' + identities.token('SECRETARIAT')}
        self.answered = 0
        self.again = 0

    def _connect(self):
        host, port = self._address.rsplit(':', 1)
        return http.client.HTTPSConnection(host, int(port), timeout=20, context=self._context)

    def _ask(self, connection, path):
        connection.request('GET', path, headers=self._headers)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise ValueError('{} {}'.format(reply.status, text))
        json.loads(text)

    def _ask_twice(self, connection, path):
        used = connection.sock is not None
        try:
            self._ask(connection, path)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if not used:
                raise
            with self._lock:
                self.again += 1
            connection.close()
            self._ask(connection, path)

    def _run(self, turn):
        connection = self._connect()
        while self._next():
            turn += 1
            path = self._paths[turn % len(self._paths)]
            try:
                self._ask_twice(connection, path)
                with self._lock:
                    self.answered += 1
            except (OSError, ValueError, http.client.HTTPException) as error:
                with self._lock:
                    self.failures.append('{}: {!r}'.format(path, error))
                connection.close()
        connection.close()
