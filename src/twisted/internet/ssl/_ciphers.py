"""Which ciphers are accepted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IAcceptableCiphers, ICipher
from twisted.internet.ssl._openssl import SSL

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

#: Forward secrecy and authenticated encryption only; with TLS 1.3 there is nothing else.
DEFAULT_CIPHERS = (
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!aDSS"
)


@implementer(ICipher)
class OpenSSLCipher:
    """A cipher suite by OpenSSL's name."""

    def __init__(self, fullName: str) -> None:
        self.fullName = fullName

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpenSSLCipher) and other.fullName == self.fullName

    def __hash__(self) -> int:
        return hash(self.fullName)

    def __repr__(self) -> str:
        return f"<cipher {self.fullName}>"


@cache
def expand(cipherString: str) -> tuple[OpenSSLCipher, ...]:
    """The suites that OpenSSL takes a string of ciphers(1) for, the preferred one first.

    Raises:
        ValueError: it takes it for none.
    """
    context = SSL.Context(SSL.TLS_METHOD)
    try:
        context.set_cipher_list(cipherString.encode("ascii"))
    except SSL.Error:
        raise ValueError(f"OpenSSL knows no cipher that is meant by {cipherString!r}") from None
    return tuple(OpenSSLCipher(name) for name in SSL.Connection(context, None).get_cipher_list())


@implementer(IAcceptableCiphers)
class AcceptableCiphers:
    """A choice of cipher suites.

    Args:
        ciphers: `ICipher` providers, the preferred one first.
    """

    def __init__(self, ciphers: Sequence[Any]) -> None:
        self._ciphers = tuple(ciphers)

    @classmethod
    def fromOpenSSLCipherString(cls, cipherString: str) -> AcceptableCiphers:
        """The suites that a string such as ``"ECDHE+AESGCM"`` means; see ciphers(1)."""
        return cls(expand(cipherString))

    def selectCiphers(self, availableCiphers: Sequence[Any]) -> list[Any]:
        """Those of ours that are available, in our order."""
        return [cipher for cipher in self._ciphers if cipher in availableCiphers]


class DiffieHellmanParameters:
    """Parameters for key exchange over finite fields, from a file.

    Args:
        parameters: the file, which has a ``path``.
    """

    def __init__(self, parameters: Any) -> None:
        self._dhFile = parameters

    @classmethod
    def fromFile(cls, filePath: Any) -> DiffieHellmanParameters:
        """The parameters in a PEM file, such as ``openssl dhparam`` writes.

        Args:
            filePath: a `twisted.python.filepath.FilePath`.
        """
        return cls(filePath)

    @property
    def path(self) -> str | bytes:
        """Where the file is."""
        path: str | bytes = self._dhFile.path
        return path
