"""What OpenSSL says by way of pyOpenSSL, as errors that say what is wrong."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL

from twisted.internet._tls._reasons import explain


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
