"""The finger tutorial goes on: applications, from finger11 to finger19c, and the library.

Each runs as a daemon and in the foreground.
"""

from __future__ import annotations

import os
import pwd
import sys
from types import SimpleNamespace
from typing import Any

from twisted.application.test._fingers import STRANGE, UNKNOWN, USERS, FingerCase
from twisted.application.test._listings import OURSELVES, chapter, load, ports
from twisted.internet.defer import fail
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial import unittest

CHAPTER = "ch02_finger"

#: Asks a service by perspective broker.
BROKER_CLIENT = """
import sys
from twisted.internet import task
from twisted.spread import pb

async def main(reactor, port):
    factory = pb.PBClientFactory()
    reactor.connectTCP("127.0.0.1", int(port), factory)
    root = await factory.getRootObject()
    print(await root.callRemote("getUser", b"moshez"))
    print(sorted(await root.callRemote("getUsers")))

task.react(main, sys.argv[1:])
"""


class ListingTests(FingerCase):
    """Listings finger11 to finger19c."""

    def checkSetter(self, port: int, setter: int) -> None:
        """Two lines set a message, with the line ends of `nc` or of telnet; less does not."""
        self.checkUsual(port, b"Happy and well\r\n")
        self.assertEqual(self.nc(setter, b"moshez\nGiving a tutorial now, sorry!\n"), b"")
        self.assertEqual(self.finger(port, b"moshez"), b"Giving a tutorial now, sorry!\r\n")
        self.ask(setter, b"shawn\r\nalive\r\nthis is not for anybody\r\n")
        for less in (b"", b"shawn", b"shawn\r\n", b"shawn\nno end"):
            self.assertEqual(self.ask(setter, less), b"")
        self.assertEqual(self.finger(port, b"shawn"), b"alive\r\n")
        self.ask(setter, b"sh\x00wn\nis \x00 kept\n")
        self.assertEqual(self.finger(port, b"sh\x00wn"), b"is \x00 kept\r\n")

    def test_finger11(self) -> None:
        self.inBothWays(
            lambda port: self.checkUsual(port, b"Happy and well\r\n"),
            "-y",
            self.listing("finger11.tac"),
        )

    def test_setters(self) -> None:
        for name in ("finger12.tac", "finger13.tac", "finger19a.tac"):
            self.inBothWays(self.checkSetter, "-y", self.listing(name))

    def test_files(self) -> None:
        for name in ("finger14.tac", "finger19.tac"):
            self.inBothWays(self.checkFile, "-y", self.listing(name))

    def test_noFile(self) -> None:
        """The shell hears which service has missed what."""
        self.env["USERS"] = self.path("nowhere")
        said = self.refused(*OURSELVES, "-y", self.listing("finger19.tac"), **self.env)
        self.assertRegex(said, "FingerService failed: .*No such file or directory: .*/nowhere'$")

    def test_finger19b(self) -> None:
        """What the program writes is the answer; it is asked about nothing but names."""
        program = (
            '#!/bin/sh\ncase "$1" in\n'
            'moshez) echo "Login: $1";;\n*) echo "No such user" >&2;;\nesac\n'
        )
        os.chmod(self.write("bin/finger", program), 0o755)
        self.env["PATH"] = f"{self.path('bin')}:{os.environ['PATH']}"

        def check(port: int) -> None:
            self.checkUsual(port, b"Login: moshez\r\n")
            for bad in (b"-l", b"moshez@localhost", b"moshez;ls", b"../moshez"):
                self.assertEqual(self.finger(port, bad), UNKNOWN)

        self.inBothWays(check, "-y", self.listing("finger19b.tac"))

    def test_finger19c(self) -> None:
        """Here, it depends on the machine who has a plan; `PlanTests` does not."""

        def check(port: int) -> None:
            for name in STRANGE:
                self.assertEqual(self.finger(port, name), UNKNOWN)

        self.inBothWays(check, "-y", self.listing("finger19c.tac"))


class LibraryTests(FingerCase):
    """The package of sections 2.15 and 2.16: by two listings, and as a command."""

    def checkLibrary(self, port: int, broker: int) -> None:
        """The answers are those of the file, by finger and by perspective broker."""
        self.checkFile(port)
        said = self.program(sys.executable, "-c", BROKER_CLIENT, broker)
        self.assertEqual(said, b"b'happy and well'\n[b'moshez', b'shawn']\n")

    def test_organized(self) -> None:
        self.inBothWays(self.checkLibrary, "-y", self.listing("organized-finger.tac"))

    def test_simple(self) -> None:
        self.inBothWays(self.checkLibrary, "-y", self.listing("simple-finger.tac"))

    def test_command(self) -> None:
        """It is registered as in the days of mktap, and is a command of twistd."""
        self.inBothWays(self.checkLibrary, "finger", "--file", "users", "--port", 0, "--pbport", 0)
        said = self.run_("twistd", "--help", **self.env).stdout
        self.assertRegex(said, r"finger +Tell how users are")
        said = self.refused("finger", "--port", "many", command="twistd", **self.env)
        self.assertIn("--port cannot be 'many'", said)

    def test_mktap(self) -> None:
        """An application that is made by mktap runs, and is saved again when it stops."""
        words = ("finger", "--file", "users", "--port", 0, "--pbport", 0)
        done = self.run_("mktap", *words, **self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in ("finger.tap", "finger-shutdown.tap"):
            pid = self.daemon("-f", name, **self.env)
            [*_, port, broker] = ports(self.read("twistd.log"))
            self.checkLibrary(port, broker)
            self.stop(pid)


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
        for name in ("finger14.tac", "finger15.tac", "finger19.tac", "finger/__init__.py"):
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
        for name, shawn in (
            ("finger14.tac", b"alive"),
            ("finger15.tac", b"No such user"),
            ("finger19.tac", b"No such user"),
        ):
            service, clock, path = self.service(name)
            with open(path, "w") as file:
                file.write("moshez: alone\n")
            clock.advance(30)
            self.assertEqual(self.successResultOf(service.getUser(b"moshez")), b"alone")
            self.assertEqual(self.successResultOf(service.getUser(b"shawn")), shawn)

    def test_fileGone(self) -> None:
        """Without the file the users of before are kept, and it is looked for again."""
        for name in ("finger14.tac", "finger15.tac", "finger19.tac", "finger/__init__.py"):
            service, clock, path = self.service(name)
            os.unlink(path)
            clock.advance(30)
            self.assertEqual(self.successResultOf(service.getUser(b"shawn")), b"alive")
            with open(path, "w") as file:
                file.write("shawn: back\n")
            clock.advance(30)
            self.assertEqual(self.successResultOf(service.getUser(b"shawn")), b"back")

    def test_getUsers(self) -> None:
        for name in ("finger19.tac", "finger/__init__.py"):
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
