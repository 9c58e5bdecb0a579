"""What can go wrong with boxes, commands and the connection that they travel on."""

from __future__ import annotations

from typing import Any

from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

#: The code of an error that the peer did not expect, and is told nothing about.
UNKNOWN_ERROR_CODE = b"UNKNOWN"
#: The code of a command that nobody answers.
UNHANDLED_ERROR_CODE = b"UNHANDLED"


class AmpError(Exception):
    """The base of all errors of this package."""


class ProtocolSwitched(Exception):
    """The connection speaks another protocol now: no box can be sent any more."""


class OnlyOneTLS(AmpError):
    """TLS was to be started on a connection that has it already."""


class NoEmptyBoxes(AmpError):
    """A box is no command, no answer and no error."""


class InvalidSignature(AmpError):
    """A command was called with arguments that it does not have, or without those that it needs."""


class MalformedAmpBox(AmpError):
    """Bytes are no box, or values in it are not what the specification says."""


class UnhandledCommand(AmpError):
    """The peer has no responder for the command."""


class IncompatibleVersions(AmpError):
    """The two ends cannot agree on a version of something."""


class TooLong(AmpError):
    """A key or a value is longer than the wire format allows.

    Args:
        isKey: whether it is a key.
        isLocal: whether it was to be sent; else it was received.
        value: the key or value.
        keyName: the key, if it is a value.
    """

    def __init__(
        self, isKey: bool, isLocal: bool, value: bytes | None, keyName: bytes | None = None
    ) -> None:
        super().__init__(isKey, isLocal, value, keyName)
        self.isKey = isKey
        self.isLocal = isLocal
        self.value = value
        self.keyName = keyName

    def __str__(self) -> str:
        where = "local" if self.isLocal else "remote"
        what = "key" if self.isKey else "value"
        of = f" of {self.keyName!r}" if self.keyName is not None else ""
        size = f": {len(self.value)} bytes" if self.value is not None else ""
        return f"{where} {what}{of} too long{size}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class BadLocalReturn(AmpError):
    """A responder of ours returned something that cannot be sent.

    Args:
        message: what is wrong.
        enclosed: the `Failure` of the attempt.
    """

    def __init__(self, message: str, enclosed: Failure) -> None:
        super().__init__(message, enclosed)
        self.message = message
        self.enclosed = enclosed

    def __str__(self) -> str:
        return f"{self.message} {self.enclosed.getBriefTraceback()}"


class RemoteAmpError(AmpError):
    """The answer to a command is an error. A responder may raise it, to choose the code.

    Args:
        errorCode: the code, as it goes over the wire.
        description: a sentence for people.
        fatal: whether the connection ends after it.
        local: the `Failure` that it was made of, at the end where that happened.
    """

    def __init__(
        self,
        errorCode: bytes,
        description: str | bytes,
        fatal: bool = False,
        local: Failure | None = None,
    ) -> None:
        super().__init__(errorCode, description, fatal, local)
        self.errorCode = errorCode
        self.description = description
        self.fatal = fatal
        self.local = local

    def __str__(self) -> str:
        code = self.errorCode.decode("ascii", "backslashreplace")
        told = self.onWire.decode("utf-8", "replace")
        if self.local is None:
            return f"Code<{code}>: {told}"
        return f"Code<{code}> (local): {told}\n{self.local.getBriefTraceback()}"

    @property
    def onWire(self) -> bytes:
        """The description as it is sent."""
        if isinstance(self.description, bytes):
            return self.description
        return self.description.encode("utf-8", "replace")


class UnknownRemoteError(RemoteAmpError):
    """The answer to a command is an error that the command does not declare.

    Args:
        description: a sentence for people.
    """

    def __init__(self, description: str | bytes) -> None:
        super().__init__(UNKNOWN_ERROR_CODE, description)


#: Errors that any command may be answered with, by their codes.
PROTOCOL_ERRORS: dict[bytes, Any] = {UNHANDLED_ERROR_CODE: UnhandledCommand}
