"""The back-ends over pyOpenSSL: a connection that encrypts in memory.

Theory of operation
-------------------
`OpenSSLBackend` uses what pyOpenSSL documents.  `DirectBackend` is the same with the four
operations of each record (give and take ciphertext, read, write) by OpenSSL's own functions,
which the `cryptography` package exposes: pyOpenSSL allocates a buffer for each call, asks
after errors whether there was one or not, and makes an exception of "nothing more to read".
Of benchmark tls-echo, that is a quarter of the time.  All else, and what an error means, stays
pyOpenSSL's business.

The attributes that lead to OpenSSL's objects are not documented, so `backend_of` looks
whether they are there, and whether somebody has overridden what would be passed by.

What does not work: buffers that all connections share, because a thread may run a reactor of
its own and OpenSSL's functions let other threads run meanwhile.
"""

from __future__ import annotations

import threading
from typing import Any

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from twisted.internet._tls._engine import RECORD_SIZE
from twisted.internet._tls._faults import explained


class OpenSSLBackend:
    """See `Backend`.

    Args:
        connection: over memory, told whether it is a client's or a server's.
        is_client: the same for us: a client begins.
    """

    __slots__ = ("_begun", "fault", "handle", "peer_closed")

    def __init__(self, connection: SSL.Connection, is_client: bool) -> None:
        self.handle = connection
        self._begun = is_client
        self.fault: Exception | None = None
        self.peer_closed = False

    def handshake(self) -> bool:
        """Go on with the handshake; see `Backend`."""
        if not self._begun:
            # Benchmark tls-handshakes: OpenSSL says by an exception that it waits for a client.
            return False
        try:
            self.handle.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as e:
            self.fault = explained(e)
            return False
        except Exception as e:
            # Of who checks the peer.  If OpenSSL had nothing against it, what it has ready
            # would tell the peer that all is well; else it is the alert.
            if self.handle.get_finished() is not None:
                self.drain()
            self.fault = e
            return False
        return True

    def feed(self, ciphertext: bytes) -> None:
        """Keep what has arrived; see `Backend`."""
        self._begun = True
        rest = memoryview(ciphertext)
        while rest:
            rest = rest[self.handle.bio_write(rest) :]

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The plaintext of complete records; see `Backend`."""
        self.feed(ciphertext)
        pieces: list[bytes] = []
        try:
            while True:
                pieces.append(self.handle.recv(RECORD_SIZE))
        except Exception as e:  # of OpenSSL, or of a callback that the context has
            self._noticed(e)
        return b"".join(pieces)

    def _noticed(self, error: Exception) -> None:
        """Take note of why nothing more can be read."""
        if isinstance(error, SSL.ZeroReturnError):
            self.peer_closed = True
        elif not isinstance(error, SSL.WantReadError):
            self.fault = explained(error)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Records of `plaintext`; see `Backend`."""
        rest = memoryview(plaintext)
        try:
            while rest:
                # OpenSSL takes a record at a time.
                rest = rest[self.handle.send(rest[:RECORD_SIZE]) :]
        except Exception as e:  # of OpenSSL, or of a callback that the context has
            self.fault = explained(e)
        return self.drain()

    def shutdown(self) -> None:
        """End our direction; see `Backend`."""
        try:
            self.handle.shutdown()
        except SSL.Error as e:
            self.fault = explained(e)

    def drain(self) -> bytes:
        """What is to be sent; see `Backend`."""
        pieces: list[bytes] = []
        try:
            while True:
                pieces.append(self.handle.bio_read(RECORD_SIZE))
        except SSL.WantReadError:
            return b"".join(pieces)

    def peer_certificate(self) -> Any:
        """An `OpenSSL.crypto.X509`, or None."""
        return self.handle.get_peer_certificate()

    def negotiated_protocol(self) -> bytes | None:
        """What was agreed by ALPN; see `Backend`."""
        return self.handle.get_alpn_proto_negotiated() or None

    def release(self) -> None:
        """Know of nobody; see `Backend`."""
        self.handle.set_app_data(None)


_lib: Any = Binding.lib
_ffi: Any = Binding.ffi
# Looked up once: each costs as much as the call itself.
_bio_data = _lib.BIO_get_mem_data
_bio_read = _lib.BIO_read
_bio_write = _lib.BIO_write
_ssl_error = _lib.SSL_get_error
_ssl_read = _lib.SSL_read
_ssl_write = _lib.SSL_write
_WANT_READ = _lib.SSL_ERROR_WANT_READ

#: The most plaintext that is encrypted at once: OpenSSL's buffer grows by as much, for good.
_WRITE_SIZE = 1 << 17
#: A producer's write of 64 KiB, encrypted, fits.
_SCRATCH_SIZE = (1 << 16) + 1024


class _Scratch(threading.local):
    """Where OpenSSL leaves bytes until they are copied, for each thread.

    Attributes:
        parts: the memory, its bytes, and where OpenSSL puts an address that nobody asks for.
    """

    def __init__(self) -> None:
        memory = _ffi.new("char[]", _SCRATCH_SIZE)
        self.parts = memory, _ffi.buffer(memory), _ffi.new("char **")


_scratch = _Scratch()


class DirectBackend(OpenSSLBackend):
    """The same by OpenSSL's own functions; see this module."""

    __slots__ = ("_incoming", "_outgoing", "_ssl")

    def __init__(self, connection: SSL.Connection, is_client: bool) -> None:
        super().__init__(connection, is_client)
        handle: Any = connection
        self._ssl = handle._ssl
        self._incoming = handle._into_ssl
        self._outgoing = handle._from_ssl
        # Benchmark tls-stream: all records of a write in one call.
        _lib.SSL_clear_mode(self._ssl, _lib.SSL_MODE_ENABLE_PARTIAL_WRITE)

    def feed(self, ciphertext: bytes) -> None:
        """Keep what has arrived; see `Backend`."""
        self._begun = True
        if ciphertext.__class__ is not bytes:
            ciphertext = bytes(ciphertext)
        _bio_write(self._incoming, ciphertext, len(ciphertext))

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The plaintext of complete records; see `Backend`."""
        # Benchmark tls-echo: one read, and nothing left after it.
        if ciphertext.__class__ is not bytes:
            ciphertext = bytes(ciphertext)
        ssl, incoming = self._ssl, self._incoming
        memory, view, address = _scratch.parts
        _bio_write(incoming, ciphertext, len(ciphertext))
        size = _ssl_read(ssl, memory, _SCRATCH_SIZE)
        if size <= 0:
            self._read_in_vain(size)
            return b""
        plaintext: bytes = view[:size]
        if not _bio_data(incoming, address):
            return plaintext
        pieces = [plaintext]
        while _bio_data(incoming, address):
            size = _ssl_read(ssl, memory, _SCRATCH_SIZE)
            if size <= 0:
                self._read_in_vain(size)
                break
            pieces.append(view[:size])
        return b"".join(pieces)

    def _read_in_vain(self, result: int) -> None:
        if _ssl_error(self._ssl, result) != _WANT_READ:
            self._explain(result)

    def _explain(self, result: int) -> None:
        """Have pyOpenSSL say what the result of one of OpenSSL's functions means."""
        try:
            self.handle._raise_ssl_error(self._ssl, result)
        except Exception as e:  # of OpenSSL, or of a callback that the context has
            self._noticed(e)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Records of `plaintext`; see `Backend`."""
        if len(plaintext) <= _WRITE_SIZE:
            sent = _ssl_write(self._ssl, plaintext, len(plaintext))
            if sent <= 0:
                self._explain(sent)
            return self.drain()
        pieces = range(0, len(plaintext), _WRITE_SIZE)
        return b"".join([self.encrypt(plaintext[i : i + _WRITE_SIZE]) for i in pieces])

    def drain(self) -> bytes:
        """What is to be sent; see `Backend`."""
        memory, view, _ = _scratch.parts
        size = _bio_read(self._outgoing, memory, _SCRATCH_SIZE)
        if size < _SCRATCH_SIZE:
            return view[:size] if size > 0 else b""
        pieces = []
        while size > 0:
            pieces.append(view[:size])
            size = _bio_read(self._outgoing, memory, _SCRATCH_SIZE)
        return b"".join(pieces)


#: What `DirectBackend` passes by, and so must be pyOpenSSL's own.
_PASSED_BY = ("recv", "send", "bio_read", "bio_write")
#: What it knows of pyOpenSSL though it is not documented.
_KNOWN = ("_ssl", "_into_ssl", "_from_ssl", "_raise_ssl_error")


def backend_of(connection: SSL.Connection, is_client: bool) -> OpenSSLBackend:
    """The fastest back-end that `connection` allows."""
    kind = type(connection)
    if all(getattr(kind, name, None) is getattr(SSL.Connection, name) for name in _PASSED_BY) and (
        all(hasattr(connection, name) for name in _KNOWN)
    ):
        return DirectBackend(connection, is_client)
    return OpenSSLBackend(connection, is_client)
