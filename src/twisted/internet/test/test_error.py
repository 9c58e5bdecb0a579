"""`twisted.internet.error`: what the errors say, and what becomes of the system's errors."""

from __future__ import annotations

import errno
import os
import pickle
import socket
from typing import Any

from twisted.internet import error
from twisted.trial import unittest

# One of each, with the arguments that it is raised with.
EXAMPLES: list[tuple[type[BaseException], tuple[Any, ...]]] = [
    (error.AlreadyCalled, ()),
    (error.AlreadyCancelled, ()),
    (error.AlreadyListened, ()),
    (error.BadFileError, (errno.ENOENT, "no such file")),
    (error.BindError, ("here",)),
    (error.CannotListenError, ("127.0.0.1", 80, OSError(98, "Address already in use"))),
    (error.CertificateError, ()),
    (error.ConnectBindError, (errno.EADDRINUSE, "in use")),
    (error.ConnectError, (111, "refused")),
    (error.ConnectInProgressError, ()),
    (error.ConnectingCancelledError, ("somewhere",)),
    (error.ConnectionAborted, ()),
    (error.ConnectionClosed, ("why",)),
    (error.ConnectionDone, ("why",)),
    (error.ConnectionFdescWentAway, ()),
    (error.ConnectionLost, ("why",)),
    (error.ConnectionRefusedError, (111, "refused")),
    (error.DNSLookupError, ("no such host",)),
    (error.InvalidAddressError, ("x", "not an address")),
    (error.MessageLengthError, ("too long",)),
    (error.MulticastJoinError, (b"1.2.3.4",)),
    (error.NoRouteError, (101, "unreachable")),
    (error.NotConnectingError, ()),
    (error.NotListeningError, ()),
    (error.PeerVerifyError, ()),
    (error.ProcessDone, (0,)),
    (error.ProcessExitedAlready, ()),
    (error.ProcessTerminated, (1, None, 256)),
    (error.ReactorAlreadyInstalledError, ()),
    (error.ReactorAlreadyRunning, ()),
    (error.ReactorNotRestartable, ()),
    (error.ReactorNotRunning, ()),
    (error.SSLError, (None, "bad handshake")),
    (error.ServiceNameUnknownError, (None, "gopher")),
    (error.TCPTimedOutError, (110, "timed out")),
    (error.TimeoutError, ()),
    (error.UnknownHostError, (-2, "unknown")),
    (error.UnsupportedAddressFamily, (17,)),
    (error.UnsupportedSocketType, (3,)),
    (error.UserError, ()),
    (error.VerifyError, ()),
]


class AllErrorsTests(unittest.SynchronousTestCase):
    """What all errors have in common."""

    def test_examplesAreWhole(self) -> None:
        kinds = {name for name in error.__all__ if name[0].isupper()}
        self.assertEqual({kind.__name__ for kind, _ in EXAMPLES}, kinds)

    def test_pickle(self) -> None:
        """Failures are pickled and sent over the wire, and their errors with them."""
        for kind, arguments in EXAMPLES:
            example = kind(*arguments)
            copy = pickle.loads(pickle.dumps(example))
            self.assertIs(type(copy), kind)
            self.assertEqual(str(copy), str(example))
            self.assertEqual(repr(vars(copy)), repr(vars(example)))

    def test_everyMessageIsASentence(self) -> None:
        for kind, arguments in EXAMPLES:
            message = getattr(kind, "MESSAGE", None)
            if message is not None and kind is not error.CannotListenError:
                self.assertTrue(str(kind(*arguments)).startswith(message), kind)
                self.assertTrue(str(kind(*arguments)).endswith("."), kind)

    def test_modulePath(self) -> None:
        for kind, _ in EXAMPLES:
            self.assertEqual(kind.__module__, "twisted.internet.error")

    def test_documentedAncestors(self) -> None:
        for kind, ancestor in [
            (error.AlreadyCalled, ValueError),
            (error.CannotListenError, error.BindError),
            (error.ConnectionAborted, error.ConnectionLost),
            (error.ConnectionDone, error.ConnectionClosed),
            (error.ConnectionLost, error.ConnectionClosed),
            (error.ConnectionRefusedError, error.ConnectError),
            (error.DNSLookupError, OSError),
            (error.InvalidAddressError, ValueError),
            (error.NotConnectingError, RuntimeError),
            (error.ProcessDone, error.ConnectionDone),
            (error.ProcessTerminated, error.ConnectionLost),
            (error.ReactorAlreadyInstalledError, AssertionError),
            (error.ReactorNotRunning, RuntimeError),
            (error.TimeoutError, error.UserError),
            (error.UserError, error.ConnectError),
        ]:
            self.assertTrue(issubclass(kind, ancestor), kind)


class TextTests(unittest.SynchronousTestCase):
    """What the errors say."""

    def test_messageAndDetails(self) -> None:
        self.assertEqual(str(error.ConnectionDone()), "Connection was closed cleanly.")
        self.assertEqual(str(error.ConnectionDone("a", "b")), "Connection was closed cleanly: a b.")
        self.assertEqual(
            str(error.ConnectionLost("reset")),
            "Connection to the other side was lost in a non-clean fashion: reset.",
        )

    def test_cannotListen(self) -> None:
        inUse = OSError(98, "Address already in use")
        cases: list[tuple[str | None, int | str, str]] = [
            ("", 80, "any:80"),
            (None, 80, "any:80"),
            ("127.0.0.1", 80, "127.0.0.1:80"),
            ("::1", 80, "[::1]:80"),
            (None, "/tmp/socket", "'/tmp/socket'"),
        ]
        for interface, port, where in cases:
            trouble = error.CannotListenError(interface, port, inUse)
            self.assertEqual(
                str(trouble), f"Couldn't listen on {where}: [Errno 98] Address already in use."
            )
            self.assertEqual(
                (trouble.interface, trouble.port, trouble.socketError), (interface, port, inUse)
            )

    def test_connectError(self) -> None:
        for arguments, expected in [
            ((), "An error occurred while connecting."),
            ((111,), "An error occurred while connecting: 111."),
            ((None, "why"), "An error occurred while connecting: why."),
            ((111, "why"), "An error occurred while connecting: 111: why."),
        ]:
            trouble = error.ConnectError(*arguments)
            self.assertEqual(str(trouble), expected)
            self.assertEqual(trouble.osError, arguments[0] if arguments else None)

    def test_processes(self) -> None:
        done = error.ProcessDone(0)
        self.assertEqual((done.exitCode, done.signal, done.status), (0, None, 0))
        self.assertEqual(
            str(done),
            "A process has ended without apparent errors: process finished with exit code 0.",
        )
        ended = error.ProcessTerminated(exitCode=3, status=768)
        self.assertEqual((ended.exitCode, ended.signal, ended.status), (3, None, 768))
        self.assertTrue(str(ended).endswith("process ended with exit code 3."))
        self.assertTrue(str(error.ProcessTerminated(signal=9)).endswith("ended by signal 9."))
        self.assertTrue(str(error.ProcessTerminated()).endswith("process ended."))

    def test_invalidAddress(self) -> None:
        trouble = error.InvalidAddressError("example.com", "a name, not an address")
        self.assertEqual(trouble.address, "example.com")
        self.assertEqual(str(trouble), "Invalid address 'example.com': a name, not an address")


class GetConnectErrorTests(unittest.SynchronousTestCase):
    """`getConnectError`."""

    def test_byNumber(self) -> None:
        for number, kind in [
            (errno.ENETUNREACH, error.NoRouteError),
            (errno.EHOSTUNREACH, error.NoRouteError),
            (errno.ECONNREFUSED, error.ConnectionRefusedError),
            (errno.ETIMEDOUT, error.TCPTimedOutError),
            (errno.ENOENT, error.BadFileError),
            (errno.EACCES, error.ConnectError),
        ]:
            text = os.strerror(number)
            cases: list[OSError | tuple[int, str]] = [OSError(number, text), (number, text)]
            for given in cases:
                found = error.getConnectError(given)
                self.assertIs(type(found), kind)
                self.assertEqual(found.osError, number)
                self.assertEqual(str(found), f"{kind.MESSAGE}: {number}: {text}.")

    def test_unknownHost(self) -> None:
        found = error.getConnectError(socket.gaierror(socket.EAI_NONAME, "unknown"))
        self.assertIs(type(found), error.UnknownHostError)

    def test_anythingElse(self) -> None:
        cases: list[str | Exception] = [
            "out of luck",
            Exception("out of luck"),
            OSError("out of luck"),
        ]
        for given in cases:
            found = error.getConnectError(given)
            self.assertIs(type(found), error.ConnectError)
            self.assertIsNone(found.osError)
            self.assertEqual(str(found), "An error occurred while connecting: out of luck.")

    def test_destination(self) -> None:
        found = error.getConnectError((111, "Connection refused"), "10.0.0.1:80")
        self.assertEqual(
            str(found),
            "Connection was refused by other side: 111: Connection refused (10.0.0.1:80).",
        )
        found = error.getConnectError("out of luck", "10.0.0.1:80")
        self.assertEqual(
            str(found), "An error occurred while connecting: out of luck (10.0.0.1:80)."
        )
