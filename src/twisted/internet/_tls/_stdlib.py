"""The back-end over the standard library, for an `ssl.SSLContext`."""

from __future__ import annotations

import ssl
from typing import Any

from twisted.internet._tls._engine import RECORD_SIZE
from twisted.internet._tls._reasons import OTHER_HOST, explain, explain_verification


class StdlibTLSError(ssl.SSLError):
    """An `ssl.SSLError` that says what is wrong in a sentence."""

    def __init__(self, sentence: str, error: ssl.SSLError) -> None:
        super().__init__(*error.args)
        self.sentence = sentence
        self.reason = error.reason
        self.library = error.library

    def __str__(self) -> str:
        return self.sentence


class StdlibVerificationError(StdlibTLSError, ssl.SSLCertVerificationError):
    """The same for a certificate that does not hold."""

    def __init__(self, sentence: str, error: ssl.SSLCertVerificationError) -> None:
        super().__init__(sentence, error)
        self.verify_code = error.verify_code
        self.verify_message = error.verify_message


def explained(error: Exception) -> Exception:
    """The same error, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        sentence = explain_verification(code, 0)
        if code in OTHER_HOST:
            sentence = f"the certificate of the peer is not for it: {error.verify_message}"
        return StdlibVerificationError(sentence, error)
    if isinstance(error, ssl.SSLError):
        return StdlibTLSError(explain(error.reason or ""), error)
    return error


class StdlibBackend:
    """See `Backend`.

    Args:
        context: with certificates, what to verify, and protocols to be negotiated.
        is_client: which side this is.
        hostname: whom the client wants to talk to.
    """

    __slots__ = ("_incoming", "_outgoing", "_read", "_write", "fault", "handle", "peer_closed")

    def __init__(self, context: ssl.SSLContext, is_client: bool, hostname: str | None) -> None:
        self.fault: Exception | None = None
        self.peer_closed = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.handle = context.wrap_bio(
            self._incoming, self._outgoing, not is_client, hostname if is_client else None
        )
        self._read = self.handle.read
        self._write = self.handle.write

    def handshake(self) -> bool:
        """Go on with the handshake; see `Backend`."""
        try:
            self.handle.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except Exception as e:  # of OpenSSL, or of a callback that the context has
            self.fault = explained(e)
            return False
        return True

    def feed(self, ciphertext: bytes) -> None:
        """Keep what has arrived; see `Backend`."""
        self._incoming.write(ciphertext)

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The plaintext of complete records; see `Backend`."""
        pieces: list[bytes] = []
        incoming = self._incoming
        incoming.write(ciphertext)
        while True:
            try:
                plaintext = self._read(RECORD_SIZE)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                self.peer_closed = True
                break
            except Exception as e:  # of OpenSSL, or of a callback that the context has
                self.fault = explained(e)
                break
            if not plaintext:
                self.peer_closed = True
                break
            pieces.append(plaintext)
            # A read in vain is an exception, which takes as long as to decrypt a record.
            if not incoming.pending:
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Records of `plaintext`; see `Backend`."""
        size = len(plaintext)
        try:
            sent = self._write(plaintext)
            while sent < size:
                # OpenSSL takes a record at a time.
                sent += self._write(memoryview(plaintext)[sent:])
        except Exception as e:  # of OpenSSL, or of a callback that the context has
            self.fault = explained(e)
        return self._outgoing.read()

    def shutdown(self) -> None:
        """End our direction; see `Backend`."""
        try:
            self.handle.unwrap()
        except ssl.SSLWantReadError:
            # It waits for the peer to end its direction; we have ended ours.
            pass
        except ssl.SSLError as e:
            if e.reason != "APPLICATION_DATA_AFTER_CLOSE_NOTIFY":
                self.fault = explained(e)

    def drain(self) -> bytes:
        """What is to be sent; see `Backend`."""
        return self._outgoing.read()

    def peer_certificate(self) -> Any:
        """The certificate's DER form; None if the peer presented none."""
        return self.handle.getpeercert(binary_form=True)

    def negotiated_protocol(self) -> bytes | None:
        """What was agreed by ALPN; see `Backend`."""
        agreed = self.handle.selected_alpn_protocol()
        return None if agreed is None else agreed.encode("ascii")

    def release(self) -> None:
        """Know of nobody; see `Backend`."""
