"""Context factories: chapter 2.13."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet._tls._faults import explained
from twisted.internet.interfaces import IOpenSSLContextFactory, IOpenSSLServerConnectionCreator
from twisted.internet.ssl._certificates import Certificate
from twisted.internet.ssl._keys import KeyPair, PrivateCertificate, noPassphrase
from twisted.internet.ssl._openssl import SSL, crypto
from twisted.internet.ssl._options import CertificateOptions
from twisted.logger import Logger
from twisted.python.runtime import seconds

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.internet.ssl")

#: Seconds between two looks at whether files have changed.
RELOAD_INTERVAL = 1.0

_Path = str | bytes
_NO_RENEGOTIATION = getattr(SSL, "OP_NO_RENEGOTIATION", 1 << 30)


class _Watched:
    """Something that is made of files, and made again when they have changed.

    Args:
        paths: of the files.
        make: reads them.
        clock: has `seconds`; the real time by default.
    """

    def __init__(self, paths: Sequence[_Path], make: Callable[[], Any], clock: Any = None) -> None:
        self._paths = [os.fsdecode(path) for path in paths]
        self._make = make
        self._seconds: Callable[[], float] = seconds if clock is None else clock.seconds
        # Before they are read: a change in between is found the next time.
        self._seen = self._look()
        self._checked = self._seconds()
        self.value = make()

    def _look(self) -> list[tuple[int, ...]]:
        """What tells a file from what it was before."""
        seen: list[tuple[int, ...]] = []
        for path in self._paths:
            try:
                status = os.stat(path)
            except OSError:
                seen.append(())
            else:
                seen.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return seen

    def get(self) -> Any:
        """What is made of the files as they are, or as they last made sense."""
        now = self._seconds()
        if now - self._checked >= RELOAD_INTERVAL:
            self._checked = now
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                self._makeAgain()
        return self.value

    def _makeAgain(self) -> None:
        files = ", ".join(self._paths)
        try:
            self.value = self._make()
        except Exception as e:
            _log.error(
                "The changed certificate cannot be used, and the one before is kept: "
                "{problem} ({files})",
                problem=str(explained(e)),
                files=files,
            )
        else:
            _log.info("The certificate has changed, and is used from now on: {files}", files=files)


@implementer(IOpenSSLContextFactory)
class ContextFactory:
    """A base for context factories: a subclass gives `getContext`.

    Attributes:
        isClient: whether its connections are a client's.
    """

    isClient: ClassVar[bool | int] = False

    def getContext(self) -> SSL.Context:
        """The context; see `IOpenSSLContextFactory`."""
        raise NotImplementedError(f"{type(self).__name__} does not say which context to use")


class DefaultOpenSSLContextFactory(ContextFactory):
    """A server's context from two files in PEM form, which are read again when they change.

    Args:
        privateKeyFileName: has the key.
        certificateFileName: has its certificate, and those between it and the authority.
        sslmethod: one of `OpenSSL.SSL`'s methods.
        _contextFactory: makes a context of a method.
        clock: has `seconds`; the real time by default.

    Raises:
        OpenSSL.SSL.Error: the files are not there, not what they should be, or the key is
            that of another certificate.
    """

    def __init__(
        self,
        privateKeyFileName: _Path,
        certificateFileName: _Path,
        sslmethod: int = SSL.TLS_METHOD,
        _contextFactory: Callable[[int], SSL.Context] = SSL.Context,
        clock: Any = None,
    ) -> None:
        self.privateKeyFileName = privateKeyFileName
        self.certificateFileName = certificateFileName
        self.sslmethod = sslmethod
        self._contextFactory = _contextFactory
        self._clock = clock
        self._watched: _Watched | None = None
        self.cacheContext()

    def cacheContext(self) -> None:
        """Read the files, unless that was done before."""
        if self._watched is None:
            paths = [self.privateKeyFileName, self.certificateFileName]
            self._watched = _Watched(paths, self._makeContext, self._clock)

    def _makeContext(self) -> SSL.Context:
        context = self._contextFactory(self.sslmethod)
        context.set_options(_NO_RENEGOTIATION)
        if self._contextFactory is SSL.Context:
            # Somebody's own context may have somebody to ask.
            context.set_passwd_cb(noPassphrase)
        if self.sslmethod == SSL.TLS_METHOD:
            context.set_min_proto_version(SSL.TLS1_2_VERSION)
        try:
            context.use_certificate_chain_file(os.fsdecode(self.certificateFileName))
        except SSL.Error as e:
            raise _unusable(e, self.certificateFileName, "certificate") from e
        try:
            context.use_privatekey_file(os.fsdecode(self.privateKeyFileName))
        except SSL.Error as e:
            raise _unusable(e, self.privateKeyFileName, "private key") from e
        try:
            context.check_privatekey()
        except SSL.Error as e:
            raise explained(e) from e
        return context

    def getContext(self) -> SSL.Context:
        """The context; a new one when the files have changed."""
        self.cacheContext()
        assert self._watched is not None, "cacheContext has made it"
        context: SSL.Context = self._watched.get()
        return context


def _unusable(e: SSL.Error, path: _Path, what: str) -> Exception:
    """The error, saying which file it is about."""
    told = explained(e)
    name = os.fsdecode(path)
    if not os.access(path, os.R_OK):
        told.sentence = f"cannot read {name}"  # type: ignore[attr-defined]  # a TLSError
    elif e.args and e.args[0] and e.args[0][-1][-1].lower() == "pem lib":
        told.sentence = f"{name} has no {what} in PEM form"  # type: ignore[attr-defined]  # see above
    return told


@implementer(IOpenSSLContextFactory)
class ClientContextFactory:
    """A client's context that verifies nothing: use `optionsForClientTLS` instead.

    Attributes:
        method: one of `OpenSSL.SSL`'s methods.
    """

    isClient: ClassVar[bool | int] = 1
    method: ClassVar[int] = SSL.TLS_METHOD

    def getContext(self) -> SSL.Context:
        """A new context."""
        context = SSL.Context(self.method)
        if self.method == SSL.TLS_METHOD:
            context.set_min_proto_version(SSL.TLS1_2_VERSION)
        return context


@implementer(IOpenSSLContextFactory, IOpenSSLServerConnectionCreator)
class ReloadingOptions:
    """`CertificateOptions` from files in PEM form, which are read again when they change.

    Args:
        privateKeyFile: has the key.
        certificateFile: has its certificate; others that follow are between it and the
            authority.
        clock: has `seconds`; the real time by default.
        extraCertChainFile: has more of those between it and the authority.
        options: further arguments of `CertificateOptions`.

    Raises:
        OSError: a file cannot be read.
        CertificateError: one is not what it should be.
        VerifyError: the key is that of another certificate.
    """

    def __init__(
        self,
        privateKeyFile: _Path,
        certificateFile: _Path,
        clock: Any = None,
        extraCertChainFile: _Path | None = None,
        **options: Any,
    ) -> None:
        self._files = [privateKeyFile, certificateFile]
        if extraCertChainFile is not None:
            self._files.append(extraCertChainFile)
        self._options = options
        self._watched = _Watched(self._files, self._makeOptions, clock)

    def _makeOptions(self) -> CertificateOptions:
        key, certificates, *extra = (_contents(path) for path in self._files)
        chain = [Certificate.loadPEM(each) for each in _split(b"\n".join([certificates, *extra]))]
        own = PrivateCertificate.load(certificates, KeyPair.load(key, _PEM), _PEM)
        made = CertificateOptions(
            privateKey=own.privateKey.original,
            certificate=own.original,
            extraCertChain=[each.original for each in chain[1:]],
            **self._options,
        )
        made.getContext()
        return made

    @property
    def current(self) -> CertificateOptions:
        """What the files say now, or said when they last made sense."""
        options: CertificateOptions = self._watched.get()
        return options

    def getContext(self) -> SSL.Context:
        """The context; see `IOpenSSLContextFactory`."""
        return self.current.getContext()

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        """A connection over memory; see `IOpenSSLServerConnectionCreator`."""
        return self.current.serverConnectionForTLS(tlsProtocol)


_PEM = crypto.FILETYPE_PEM
_END = b"-----END CERTIFICATE-----"


def _contents(path: _Path) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _split(certificates: bytes) -> list[bytes]:
    """Each certificate of several in PEM form."""
    return [part + _END for part in certificates.split(_END)[:-1]]
