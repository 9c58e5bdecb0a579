"""What can go wrong with connections, ports, timers, processes and the reactor.

The text of an error begins with its `MESSAGE` and goes on with what is known of the
occasion: the address, the operating system's words.
"""

from __future__ import annotations

import errno
import socket
from typing import Any, ClassVar

__all__ = [
    "AlreadyCalled",
    "AlreadyCancelled",
    "AlreadyListened",
    "BadFileError",
    "BindError",
    "CannotListenError",
    "CertificateError",
    "ConnectBindError",
    "ConnectError",
    "ConnectInProgressError",
    "ConnectingCancelledError",
    "ConnectionAborted",
    "ConnectionClosed",
    "ConnectionDone",
    "ConnectionFdescWentAway",
    "ConnectionLost",
    "ConnectionRefusedError",
    "DNSLookupError",
    "InvalidAddressError",
    "MessageLengthError",
    "MulticastJoinError",
    "NoRouteError",
    "NotConnectingError",
    "NotListeningError",
    "PeerVerifyError",
    "ProcessDone",
    "ProcessExitedAlready",
    "ProcessTerminated",
    "ReactorAlreadyInstalledError",
    "ReactorAlreadyRunning",
    "ReactorNotRestartable",
    "ReactorNotRunning",
    "SSLError",
    "ServiceNameUnknownError",
    "TCPTimedOutError",
    "TimeoutError",
    "UnknownHostError",
    "UnsupportedAddressFamily",
    "UnsupportedSocketType",
    "UserError",
    "VerifyError",
    "getConnectError",
]


def _sentence(error: BaseException) -> str:
    """The error's `MESSAGE`, what its arguments add, and a full stop."""
    message: str = getattr(error, "MESSAGE", "")
    details = " ".join(str(argument) for argument in error.args if argument != "")
    return f"{message}: {details}." if details else f"{message}."


# --- Ports -------------------------------------------------------------------------------


class BindError(Exception):
    """A local address cannot be had."""

    MESSAGE: ClassVar[str] = "An error occurred binding to an interface"
    __str__ = _sentence


class CannotListenError(BindError):
    """A port cannot be opened.

    Attributes:
        interface: the local address that was asked for; "" for all.
        port: the number; for a UNIX socket, its path.
        socketError: the `OSError` behind it.
    """

    def __init__(
        self, interface: str | None, port: int | str | bytes, socketError: Exception
    ) -> None:
        super().__init__(interface, port, socketError)
        self.interface = interface
        self.port = port
        self.socketError = socketError

    def __str__(self) -> str:
        if isinstance(self.port, int):
            interface = self.interface or "any"
            where = f"[{interface}]:{self.port}" if ":" in interface else f"{interface}:{self.port}"
        else:
            where = f"{self.port!r}"
        return f"Couldn't listen on {where}: {self.socketError}."


class AlreadyListened(Exception):
    """A port that can be opened only once has been opened before."""


class NotListeningError(RuntimeError):
    """A port that is not open cannot be closed."""

    MESSAGE: ClassVar[str] = "The Port was not listening when it was asked to stop listening"
    __str__ = _sentence


class UnsupportedAddressFamily(Exception):
    """A socket's address family is not one that the reactor can serve."""


class UnsupportedSocketType(Exception):
    """A socket is not of the type that the call needs, such as ``SOCK_STREAM``."""


# --- Datagrams and addresses -------------------------------------------------------------


class MessageLengthError(Exception):
    """A datagram is too long to be sent."""

    MESSAGE: ClassVar[str] = "Message is too long to send"
    __str__ = _sentence


class MulticastJoinError(Exception):
    """A multicast group cannot be joined or left; the arguments say which and why."""


class InvalidAddressError(ValueError):
    """Something that is not an IP address was given where one is needed.

    Attributes:
        address: what was given.
        message: what is wrong with it.
    """

    def __init__(self, address: object, message: str) -> None:
        super().__init__(address, message)
        self.address = address
        self.message = message

    def __str__(self) -> str:
        return f"Invalid address {self.address!r}: {self.message}"


class DNSLookupError(OSError):
    """A host name has no address."""

    MESSAGE: ClassVar[str] = "DNS lookup failed"
    __str__ = _sentence


# --- Attempts to connect -----------------------------------------------------------------


class ConnectInProgressError(Exception):
    """The previous attempt to connect has not ended yet."""


class ConnectError(Exception):
    """A connection cannot be made.

    Attributes:
        osError: the number of the operating system's error, or None.
    """

    MESSAGE: ClassVar[str] = "An error occurred while connecting"

    def __init__(self, osError: Any = None, string: Any = "") -> None:
        super().__init__(string)
        self.osError = osError

    def __str__(self) -> str:
        parts = [self.MESSAGE]
        if self.osError is not None:
            parts.append(str(self.osError))
        if self.args and str(self.args[0]):
            parts.append(str(self.args[0]))
        return ": ".join(parts) + "."

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.osError, *self.args[:1])


class ConnectBindError(ConnectError):
    """The local address to connect from cannot be had."""

    MESSAGE: ClassVar[str] = "Couldn't bind"


class UnknownHostError(ConnectError):
    """The host name has no address."""

    MESSAGE: ClassVar[str] = "Hostname couldn't be looked up"


class NoRouteError(ConnectError):
    """There is no way to the host or its network."""

    MESSAGE: ClassVar[str] = "No route to host"


class ConnectionRefusedError(ConnectError):
    """Nobody listens at that port of the host."""

    MESSAGE: ClassVar[str] = "Connection was refused by other side"


class TCPTimedOutError(ConnectError):
    """The operating system has given up waiting for an answer."""

    MESSAGE: ClassVar[str] = "TCP connection timed out"


class BadFileError(ConnectError):
    """A path does not lead to a UNIX socket that somebody serves."""

    MESSAGE: ClassVar[str] = "File used for UNIX socket is no good"


class ServiceNameUnknownError(ConnectError):
    """A service was given by a name that the system does not know."""

    MESSAGE: ClassVar[str] = "Service name given as port is unknown"


class UserError(ConnectError):
    """The program itself gave the attempt up, as with ``connector.stopConnecting()``."""

    MESSAGE: ClassVar[str] = "User aborted connection"


class TimeoutError(UserError):
    """The attempt took longer than the `timeout` that the program gave."""

    MESSAGE: ClassVar[str] = "User timeout caused connection failure"


class SSLError(ConnectError):
    """TLS could not be agreed."""

    MESSAGE: ClassVar[str] = "An SSL error occurred"


class ConnectingCancelledError(Exception):
    """The Deferred of an attempt to connect was cancelled.

    Attributes:
        address: the address that was being connected to.
    """

    def __init__(self, address: Any) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return f"The attempt to connect to {self.address} was cancelled."


class NotConnectingError(RuntimeError):
    """An attempt that is not under way cannot be given up."""

    MESSAGE: ClassVar[str] = "The Connector was not connecting when it was asked to stop connecting"
    __str__ = _sentence


class VerifyError(Exception):
    """A certificate does not hold."""

    MESSAGE: ClassVar[str] = "Could not verify something that was supposed to be signed"
    __str__ = _sentence


class PeerVerifyError(VerifyError):
    """The peer's certificate does not hold."""

    MESSAGE: ClassVar[str] = "The certificate of the peer could not be verified"


class CertificateError(Exception):
    """A certificate is needed and missing, or cannot be used."""

    MESSAGE: ClassVar[str] = "We did not find a certificate where we expected to find one"
    __str__ = _sentence


# --- The end of a connection -------------------------------------------------------------


class ConnectionClosed(Exception):
    """A connection is over, for whatever reason."""


class ConnectionLost(ConnectionClosed):
    """A connection has ended by a fault."""

    MESSAGE: ClassVar[str] = "Connection to the other side was lost in a non-clean fashion"
    __str__ = _sentence


class ConnectionAborted(ConnectionLost):
    """This side called ``abortConnection``."""

    MESSAGE: ClassVar[str] = "Connection was aborted locally"


class ConnectionDone(ConnectionClosed):
    """A connection has been closed in good order."""

    MESSAGE: ClassVar[str] = "Connection was closed cleanly"
    __str__ = _sentence


class ConnectionFdescWentAway(ConnectionLost):
    """Somebody closed the file descriptor under the connection."""

    MESSAGE: ClassVar[str] = "The file descriptor of the connection was closed by other code"


# --- Timers ------------------------------------------------------------------------------


class AlreadyCalled(ValueError):
    """A delayed call has been made and cannot be changed."""

    MESSAGE: ClassVar[str] = "Tried to cancel an already-called event"
    __str__ = _sentence


class AlreadyCancelled(ValueError):
    """A delayed call has been cancelled and cannot be changed."""

    MESSAGE: ClassVar[str] = "Tried to cancel an already-cancelled event"
    __str__ = _sentence


# --- Processes ---------------------------------------------------------------------------


class ProcessDone(ConnectionDone):
    """A process has ended with exit status 0.

    Attributes:
        exitCode: 0.
        signal: None.
        status: the status as the operating system gave it.
    """

    MESSAGE: ClassVar[str] = "A process has ended without apparent errors"

    exitCode = 0
    signal = None

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        return f"{self.MESSAGE}: process finished with exit code 0."


class ProcessTerminated(ConnectionLost):
    """A process has ended by a signal, or with an exit status that is not 0.

    Attributes:
        exitCode: the exit status, or None if there is none.
        signal: the number of the signal that ended it, or None.
        status: the status as the operating system gave it.
    """

    MESSAGE: ClassVar[str] = "A process has ended with a probable error condition"

    def __init__(
        self, exitCode: int | None = None, signal: int | None = None, status: int | None = None
    ) -> None:
        super().__init__(exitCode, signal, status)
        self.exitCode = exitCode
        self.signal = signal
        self.status = status

    def __str__(self) -> str:
        how = "process ended"
        if self.exitCode is not None:
            how += f" with exit code {self.exitCode}"
        if self.signal is not None:
            how += f" by signal {self.signal}"
        return f"{self.MESSAGE}: {how}."


class ProcessExitedAlready(Exception):
    """The process has ended: it can neither be signalled nor written to."""


# --- The reactor -------------------------------------------------------------------------


class ReactorNotRunning(RuntimeError):
    """The reactor does not run, so it cannot be stopped."""


class ReactorNotRestartable(RuntimeError):
    """The reactor has run and been stopped; it cannot run again in this process."""


class ReactorAlreadyRunning(RuntimeError):
    """The reactor runs already."""


class ReactorAlreadyInstalledError(AssertionError):
    """A second reactor cannot be installed."""


# --- From the operating system's errors to ours ------------------------------------------

_BY_ERRNO: dict[int, type[ConnectError]] = {
    errno.ENETUNREACH: NoRouteError,
    errno.EHOSTUNREACH: NoRouteError,
    errno.ECONNREFUSED: ConnectionRefusedError,
    errno.ETIMEDOUT: TCPTimedOutError,
    errno.ENOENT: BadFileError,
    errno.ENOTSOCK: BadFileError,
}


def getConnectError(
    e: BaseException | tuple[int, str] | str, destination: object = None
) -> ConnectError:
    """The `ConnectError` that tells what a failed attempt to connect met.

    Args:
        e: an `OSError`, its number and text as a tuple, or a text.
        destination: what was being connected to, such as "10.0.0.1:80", for the text.
    """
    arguments = e.args if isinstance(e, BaseException) else e
    toWhom = "" if destination is None else f" ({destination})"
    if not isinstance(arguments, tuple) or len(arguments) < 2:
        return ConnectError(string=f"{e}{toWhom}")
    number, text = arguments[:2]
    if isinstance(e, socket.gaierror):
        kind: type[ConnectError] = UnknownHostError
    else:
        kind = _BY_ERRNO.get(number, ConnectError)
    return kind(number, f"{text}{toWhom}")
