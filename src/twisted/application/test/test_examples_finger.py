"""The finger tutorial goes on: applications, finger11 to finger14, and parts of those that follow.

Each runs as a daemon and in the foreground.
"""

from __future__ import annotations

import os
import pwd
from types import SimpleNamespace
from typing import Any

from twisted.application.test._fingers import USERS, FingerCase
from twisted.application.test._listings import chapter, load
from twisted.internet.defer import fail
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial import unittest

CHAPTER = "ch02_finger"

#: The listings that read a file of users.
FILES = (
    *(f"finger{number}.tac" for number in (14, 15, 16, 17, 18, 19, 20, 21, 22)),
    "finger/__init__.py",
)


class ListingTests(FingerCase):
    """Listings finger11 to finger14; those that follow need the web."""

    def test_finger11(self) -> None:
        self.inBothWays(
            lambda port: self.checkUsual(port, b"Happy and well\r\n"),
            "-y",
            self.listing("finger11.tac"),
        )

    def test_setters(self) -> None:
        for name in ("finger12.tac", "finger13.tac"):
            self.inBothWays(self.checkSetter, "-y", self.listing(name))

    def test_finger14(self) -> None:
        self.inBothWays(self.checkFile, "-y", self.listing("finger14.tac"))


class FileTests(unittest.SynchronousTestCase):
    """Services that read a file again and again."""

    def service(self, name: str) -> Any:
        """One that runs, its clock, and its file."""
        names = load(self, chapter(CHAPTER) / name, "finger")
        path = self.mktemp()
        with open(path, "w") as file:
            file.write(USERS)
        service = names["FingerService"](path)
        service.clock = Clock()
        service.startService()
        self.addCleanup(lambda: service.running and service.stopService())
        return service, service.clock, path

    def test_everyHalfMinute(self) -> None:
        """A change is seen after 30 seconds, not before; again and again, until it stops."""
        for name in FILES:
            service, clock, path = self.service(name)
            for status in (b"asleep", b"awake"):
                before = self.successResultOf(service.getUser(b"moshez"))
                with open(path, "wb") as file:
                    file.write(b"# Not a user\n\n\tmoshez :" + status + b" : still\r\n")
                clock.advance(29)
                self.assertEqual(self.successResultOf(service.getUser(b"moshez")), before)
                clock.advance(1)
                after = self.successResultOf(service.getUser(b"moshez"))
                self.assertEqual(after, status + b" : still")
            service.stopService()
            self.assertEqual(clock.getDelayedCalls(), [])

    def test_gone(self) -> None:
        """Who is not in the file any more is forgotten; by finger14, kept."""
        for name in FILES:
            shawn = b"alive" if name == "finger14.tac" else b"No such user"
            service, clock, path = self.service(name)
            with open(path, "w") as file:
                file.write("moshez: alone\n")
            clock.advance(30)
            self.assertEqual(self.successResultOf(service.getUser(b"moshez")), b"alone")
            self.assertEqual(self.successResultOf(service.getUser(b"shawn")), shawn)

    def test_fileGone(self) -> None:
        """Without the file the users of before are kept, and it is looked for again."""
        for name in FILES:
            service, clock, path = self.service(name)
            os.unlink(path)
            clock.advance(30)
            self.assertEqual(self.successResultOf(service.getUser(b"shawn")), b"alive")
            with open(path, "w") as file:
                file.write("shawn: back\n")
            clock.advance(30)
            self.assertEqual(self.successResultOf(service.getUser(b"shawn")), b"back")

    def test_getUsers(self) -> None:
        for name in FILES[FILES.index("finger18.tac") :]:
            service, _, _ = self.service(name)
            users = self.successResultOf(service.getUsers())
            self.assertEqual(users, [b"moshez", b"shawn"])


class SetterTests(unittest.SynchronousTestCase):
    """What a setter sends that nobody would."""

    def setUp(self) -> None:
        self.folder = chapter(CHAPTER)

    def setter(self, names: dict[str, Any]) -> tuple[Any, Any]:
        """What knows the users, and a factory of setters for it."""
        if "ff" in names:
            return names["ff"], names["fsf"]
        if "IFingerSetterFactory" in names:
            return names["f"], names["IFingerSetterFactory"](names["f"])
        return names["f"], names["f"].getFingerSetterFactory()

    def say(self, factory: Any, *pieces: bytes) -> StringTransport:
        """Connect, say something, and be gone."""
        transport = StringTransport()
        protocol = factory.buildProtocol(None)
        protocol.makeConnection(transport)
        for piece in pieces:
            protocol.dataReceived(piece)
        protocol.connectionLost(Failure(ConnectionResetError()))
        return transport

    def test_limits(self) -> None:
        """Neither a message nor the number of those who have one grows without end."""
        for name in ("finger12.tac", "finger13.tac", "finger19a.tac"):
            names = load(self, self.folder / name, "finger")
            users, factory = self.setter(names)
            transport = self.say(factory, b"moshez\n", b"x" * 10_000, b"\nmore\n")
            self.assertTrue(transport.disconnecting)
            self.assertEqual(users.users, {b"moshez": b"Happy and well"})
            for number in range(names["MAX_USERS"]):
                factory.setUser(b"%d" % number, b"one of many")
            self.assertEqual(len(users.users), names["MAX_USERS"])
            self.say(factory, b"one more\nis too many\n")
            self.assertNotIn(b"one more", users.users)
            self.say(factory, b"moshez\nstill here\n")
            self.assertEqual(users.users[b"moshez"], b"still here")

    def test_silent(self) -> None:
        """A setter is told nothing, and has its connection closed when it has said all."""
        names = load(self, self.folder / "finger12.tac")
        _, factory = self.setter(names)
        self.assertFalse(self.say(factory, b"moshez\n").disconnecting)
        transport = self.say(factory, b"mos", b"hez\nwe", b"ll\n")
        self.assertEqual((transport.value(), transport.disconnecting), (b"", True))


class ErrorTests(unittest.SynchronousTestCase):
    """Services that fail to answer."""

    def test_error(self) -> None:
        """The asker learns that, and the log what."""
        for name in ("finger19.tac", "finger/__init__.py"):
            names = load(self, chapter(CHAPTER) / name, "finger")
            service = names["FingerService"]("users")
            service.getUser = lambda user: fail(ZeroDivisionError())
            protocol = names["IFingerFactory"](service).buildProtocol(None)
            transport = StringTransport()
            protocol.makeConnection(transport)
            protocol.dataReceived(b"moshez\r\n")
            self.assertEqual(transport.value(), b"Internal error in server\r\n")
            self.assertTrue(transport.disconnecting)
            self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_tooLong(self) -> None:
        """A line beyond the limit of lines ends the connection."""
        names = load(self, chapter(CHAPTER) / "finger11.tac")
        protocol = names["factory"].buildProtocol(None)
        transport = StringTransport()
        protocol.makeConnection(transport)
        protocol.dataReceived(b"x" * (protocol.MAX_LENGTH + 2))
        self.assertEqual((transport.value(), transport.disconnecting), (b"", True))


class PlanTests(unittest.SynchronousTestCase):
    """finger19c: what users have in their homes."""

    def setUp(self) -> None:
        names = load(self, chapter(CHAPTER) / "finger19c.tac", "finger")
        self.most = names["MAX_PLAN"]
        self.service = names["LocalFingerService"]()
        self.home = self.mktemp()
        os.mkdir(self.home)
        self.plan = os.path.join(self.home, ".plan")
        self.patch(pwd, "getpwnam", lambda name: SimpleNamespace(pw_dir=self.home))

    def asked(self) -> bytes:
        answer = self.successResultOf(self.service.getUser(b"moshez"))
        assert isinstance(answer, bytes)
        return answer

    def test_plan(self) -> None:
        with open(self.plan, "w") as file:
            file.write("\nTo finish this.\nThen, to rest.\n\n")
        self.assertEqual(self.asked(), b"To finish this.\nThen, to rest.")

    def test_long(self) -> None:
        with open(self.plan, "w") as file:
            file.write("x" * (self.most + 1))
        self.assertEqual(self.asked(), b"x" * self.most)

    def test_none(self) -> None:
        """No plan, or what is no file, is as good as no user; a pipe holds nobody up."""
        self.assertEqual(self.asked(), b"No such user")
        os.mkfifo(self.plan)
        self.assertEqual(self.asked(), b"No such user")
        os.unlink(self.plan)
        os.symlink("/etc/passwd", self.plan)
        self.assertEqual(self.asked(), b"No such user")
        os.unlink(self.plan)
        os.mkdir(self.plan)
        self.assertEqual(self.asked(), b"No such user")
