"""The back-end over pyOpenSSL, for context factories.

What does not work: to read until OpenSSL has no more.  It says so by an error, which
pyOpenSSL turns into an exception, and both together take longer than to decrypt a small
record.  So records are counted as they arrive, from their headers, and there are as many
reads.  A record without data for us makes a read in vain, and is what `WantReadError` is
still caught for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from OpenSSL import SSL

from twisted.internet._tls._engine import RECORD_SIZE
from twisted.internet._tls._reasons import explain

_HEADER = 5  # type, version, length: RFC 8446 section 5.1
#: More than any cipher adds to a record.
_OVERHEAD = 128


class TLSError(SSL.Error):
    """An `OpenSSL.SSL.Error` that says what is wrong in a sentence; `args` are OpenSSL's."""

    def __init__(self, sentence: str, errors: Any = ()) -> None:
        super().__init__(errors)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


def explained(error: Exception) -> Exception:
    """The same error, in words, if it is one of OpenSSL's that has none."""
    if isinstance(error, SSL.SysCallError):
        return TLSError("the peer closed the connection without ending TLS first", error.args)
    if not isinstance(error, SSL.Error) or isinstance(error, TLSError):
        return error
    errors = error.args[0] if error.args else ()
    reason = errors[-1][-1] if errors and isinstance(errors[-1], tuple) else str(errors)
    return TLSError(explain(reason), errors)


def connectionFrom(
    context: SSL.Context, is_client: bool, protocols: Sequence[bytes] | None
) -> SSL.Connection:
    """A connection over memory for one side."""
    if protocols and not is_client:
        _offer(context, protocols)
    connection = SSL.Connection(context, None)
    prepare(connection, is_client, protocols)
    return connection


def prepare(connection: SSL.Connection, is_client: bool, protocols: Sequence[bytes] | None) -> None:
    """Tell a connection which side it is, and what to negotiate."""
    if is_client:
        connection.set_connect_state()
        if protocols:
            connection.set_alpn_protos(list(protocols))
    else:
        connection.set_accept_state()


#: What a context was told to choose from; it can be told only before its first connection.
_offered: WeakKeyDictionary[SSL.Context, list[bytes]] = WeakKeyDictionary()


def _offer(context: SSL.Context, protocols: Sequence[bytes]) -> None:
    if context not in _offered:
        _offered[context] = list(protocols)
        context.set_alpn_select_callback(lambda _, theirs: choose(protocols, theirs))


def choose(ours: Sequence[bytes], theirs: Sequence[bytes]) -> Any:
    """The first of our protocols that the peer speaks.

    Without one, the connection goes on without an agreement, as RFC 7301 allows.
    """
    return next((name for name in ours if name in theirs), SSL.NO_OVERLAPPING_PROTOCOLS)


class OpenSSLBackend:
    """See `Backend`.

    Args:
        connection: over memory, told whether it is a client's or a server's.
    """

    __slots__ = (
        "_bio_read",
        "_bio_write",
        "_head",
        "_left",
        "_recv",
        "_records",
        "_send",
        "fault",
        "handle",
        "peer_closed",
    )

    def __init__(self, connection: SSL.Connection) -> None:
        self.handle = connection
        self.fault: Exception | None = None
        self.peer_closed = False
        self._bio_write = connection.bio_write
        self._bio_read = connection.bio_read
        self._recv = connection.recv
        self._send = connection.send
        #: The beginning of a header that has not arrived whole.
        self._head = b""
        #: How many bytes of a record are still to come.
        self._left = 0
        #: At least as many as there are complete records that were not read.
        self._records = 0

    def handshake(self) -> bool:
        """Go on with the handshake; see `Backend`."""
        try:
            self.handle.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as e:
            self.fault = explained(e)
            return False
        except Exception as e:
            # Of who checks the peer, and OpenSSL knows nothing of it: what it has ready
            # would tell the peer that all is well.
            self.drain()
            self.fault = e
            return False
        return True

    def feed(self, ciphertext: bytes) -> None:
        """Keep what has arrived; see `Backend`."""
        wrote = self._bio_write(ciphertext)
        while wrote < len(ciphertext):
            wrote += self._bio_write(ciphertext[wrote:])
        if self._head:
            ciphertext, self._head = self._head + ciphertext, b""
        size = len(ciphertext)
        end = self._left
        if end > size:
            self._left = end - size
            return
        if end:
            self._records += 1
        while (begin := end) + _HEADER <= size:
            end += _HEADER + (ciphertext[begin + 3] << 8 | ciphertext[begin + 4])
            if end > size:
                self._left = end - size
                return
            self._records += 1
        self._left = 0
        self._head = ciphertext[begin:]

    def decrypt(self) -> bytes:
        """The plaintext of complete records; see `Backend`."""
        pieces: list[bytes] = []
        while self._records:
            try:
                plaintext = self._recv(RECORD_SIZE)
            except SSL.WantReadError:
                self._records = 0
                break
            except SSL.ZeroReturnError:
                self.peer_closed = True
                break
            except Exception as e:
                self.fault = explained(e)
                break
            self._records -= 1
            pieces.append(plaintext)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Records of `plaintext`; see `Backend`."""
        size = len(plaintext)
        try:
            sent = self._send(plaintext)
            while sent < size:
                # OpenSSL takes a record at a time.
                sent += self._send(memoryview(plaintext)[sent : sent + RECORD_SIZE])
        except Exception as e:
            self.fault = explained(e)
        return self._read_out(size + _OVERHEAD * (size // RECORD_SIZE + 2))

    def shutdown(self) -> None:
        """End our direction; see `Backend`."""
        try:
            self.handle.shutdown()
        except SSL.Error as e:
            self.fault = explained(e)

    def drain(self) -> bytes:
        """What is to be sent; see `Backend`."""
        return self._read_out(RECORD_SIZE)

    def _read_out(self, expected: int) -> bytes:
        # Nothing is lost by a bad guess: there is another read when the first is full.
        try:
            out = self._bio_read(expected)
        except SSL.WantReadError:
            return b""
        return out if len(out) < expected else out + self._read_out(2 * expected)

    def peer_certificate(self) -> Any:
        """An `OpenSSL.crypto.X509`, or None."""
        return self.handle.get_peer_certificate()

    def negotiated_protocol(self) -> bytes | None:
        """What was agreed by ALPN; see `Backend`."""
        return self.handle.get_alpn_proto_negotiated() or None
