"""The finger tutorial runs: its first listings, and the demonstration server made of the last."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols.test._programs import EXAMPLES, PATIENCE, ServerCase
from twisted.trial import unittest


class ListingTests(ServerCase):
    """Listings finger01 to finger09, sections 2.6.2 to 2.6.10."""

    chapter = "ch02_finger"

    def test_finger01(self) -> None:
        """The reactor runs until it is interrupted, and that is all."""
        program = self.start("finger01.py")
        assert program.stdout is not None
        self.assertEqual(program.stdout.readline(), b"Running\n")
        self.assertEqual(self.finish(program, interrupt=True), "")

    def test_finger02(self) -> None:
        """What comes in is ignored: the connection lasts until we end it."""
        with self.server("finger02.py") as port:
            self.assertEqual(self.ask(port, b"moshez\r\n"), b"")

    def test_finger03(self) -> None:
        """The server hangs up before it is asked anything."""
        with self.server("finger03.py") as port:
            self.assertEqual(self.exchange(port, b""), b"")

    def test_finger04(self) -> None:
        """The server hangs up when it has been asked, not before."""
        with self.server("finger04.py") as port, self.connect(port) as slow:
            slow.sendall(b"mosh")
            self.assertEqual(self.exchange(port, b"moshez\r\n"), b"")
            # The other came after this one, and is gone.
            slow.setblocking(False)
            self.assertRaises(BlockingIOError, slow.recv, 1)
            slow.settimeout(PATIENCE)
            slow.sendall(b"ez\r\n")
            self.assertEqual(slow.recv(1), b"")

    def test_nobodyKnown(self) -> None:
        for name in ("finger05.py", "finger06.py"):
            with self.server(name) as port:
                self.assertEqual(self.exchange(port, b"moshez\r\n"), b"No such user\r\n")
                self.assertEqual(self.exchange(port, b"\r\n"), b"No such user\r\n")

    def test_somebodyKnown(self) -> None:
        for name in ("finger07.py", "finger08.py"):
            with self.server(name) as port:
                self.assertEqual(self.exchange(port, b"moshez\r\n"), b"Happy and well\r\n")
                self.assertEqual(self.exchange(port, b"shawn\r\n"), b"No such user\r\n")
                self.assertEqual(self.exchange(port, b"\xff\x00\r\n"), b"No such user\r\n")

    def test_finger09(self) -> None:
        """What the local finger writes is the answer; it is asked about nothing but names."""
        folder = os.path.abspath(self.mktemp())
        os.mkdir(folder)
        with open(os.path.join(folder, "finger"), "w") as script:
            script.write('#!/bin/sh\ntest "$1" = moshez && echo "Login: $1" || echo "$1?" >&2\n')
            os.chmod(script.name, 0o755)
        self.addCleanup(os.environ.update, PATH=os.environ["PATH"])
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        with self.server("finger09.py") as port:
            self.assertEqual(self.exchange(port, b"moshez\r\n"), b"Login: moshez\n\r\n")
            self.assertEqual(self.exchange(port, b"shawn\r\n"), b"Internal error in server\r\n")
            for bad in (b"", b"-l", b"moshez@localhost", b"moshez;ls", b"\xff", b"moshez\n"):
                self.assertEqual(self.exchange(port, bad + b"\r\n"), b"No such user\r\n")


class DemoTests(ServerCase):
    """The server that `make demo` runs."""

    chapter = "demo"

    @contextmanager
    def demo(self, *arguments: object) -> Iterator[int]:
        """Run it, on the port that this gives; interrupt it, and keep what it said."""
        program = self.start("finger.py", "--port", 0, *arguments)
        assert program.stdout is not None
        opening = b""
        while not opening.endswith(b"Ctrl-C stops it.\n"):
            line = program.stdout.readline()
            if not line:
                self.finish(program)
            opening += line
        found = re.search(rb"Listening on port (\d+)\.", opening)
        assert found is not None
        yield int(found[1])
        self.said = opening.decode() + self.finish(program, interrupt=True)

    def write(self, content: bytes) -> Path:
        """Make a file of users."""
        path = Path(self.mktemp())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def complaint(self, *arguments: object) -> str:
        """Run it when it cannot; its one line of complaint."""
        program = self.start("finger.py", "--port", 0, *arguments)
        out, err = program.communicate(timeout=PATIENCE)
        # There may be a log by then.
        self.assertNotIn(b"Listening", out)
        self.assertEqual(program.returncode, 1)
        self.assertEqual(err.count(b"\n"), 1, err)
        self.assertTrue(err.startswith((b"finger.py: ", b"finger.py finger: ")), err)
        return err.decode()

    def test_answers(self) -> None:
        with self.demo() as port:
            self.assertEqual(self.exchange(port, b"moshez\r\n"), b"Happy and well\r\n")
            self.assertEqual(self.exchange(port, b"/W moshez\r\n"), b"Happy and well\r\n")
            self.assertEqual(self.exchange(port, b"nobody\r\n"), b"No such user\r\n")
            self.assertIn(b"moshez\r\n", self.exchange(port, b"\r\n"))

    def test_byTwistd(self) -> None:
        """So `make demo` does it: by twistd, for which it is a command."""
        tree = EXAMPLES.parents[1]
        [recipe] = re.findall(r"^demo:.*\n\t(.*)$", (tree / "Makefile").read_text(), re.MULTILINE)
        path, program, *words = recipe.split()
        self.assertEqual(program, "$(BIN)/twistd")
        run = "import sys; sys.argv[0] = 'twistd'; from twisted.scripts.twistd import run; run()"
        name, _, folder = path.partition("=")
        twistd = subprocess.Popen(
            [sys.executable, "-P", "-c", run, *words, "--port", "0"],
            cwd=tree,
            env={**os.environ, name: folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(twistd.communicate)
        self.addCleanup(twistd.kill)
        assert twistd.stdout is not None
        for line in twistd.stdout:
            found = re.search(rb"Listening on port (\d+)\.", line)
            if found is not None:
                break
        assert found is not None
        self.assertEqual(self.exchange(int(found[1]), b"moshez\r\n"), b"Happy and well\r\n")
        self.assertIn("Stopped.", self.finish(twistd, interrupt=True))

    def test_lineEnds(self) -> None:
        """With a line feed alone, as `echo` writes it, it works as well."""
        with self.demo() as port:
            self.assertEqual(self.exchange(port, b"moshez\n"), b"Happy and well\r\n")

    def test_ownUsers(self) -> None:
        """Names and what there is to say are UTF-8 on the wire."""
        users = "\ufeff# Comment\n\nzo\u00eb :\tna\u00efve: \u2713\r\n  Ada  Lovelace: away\n"
        with self.demo("--users", self.write(users.encode())) as port:
            self.assertEqual(
                self.exchange(port, "zo\u00eb\r\n".encode()), "na\u00efve: \u2713\r\n".encode()
            )
            self.assertEqual(self.exchange(port, b"Ada Lovelace\r\n"), b"away\r\n")
            self.assertEqual(self.exchange(port, b"\r\n"), "zo\u00eb\r\nAda Lovelace\r\n".encode())
            self.assertEqual(self.exchange(port, b"zo\xeb\r\n"), b"No such user\r\n")

    def test_badQueries(self) -> None:
        with self.demo() as port:
            self.assertEqual(self.exchange(port, b"\x00\x1b[2J\xff\r\n"), b"No such user\r\n")
            self.assertEqual(
                self.exchange(port, b"moshez@example.com\r\n"),
                b"Finger forwarding service denied\r\n",
            )
            # Exactly as much as it reads, so that no reset overtakes the answer.
            self.assertEqual(self.exchange(port, b"x" * 1025), b"Finger query too long\r\n")
            self.assertEqual(self.exchange(port, b"moshez\r\n"), b"Happy and well\r\n")
        self.assertIn("Asked for more than 1024 bytes\n", self.said)
        # Nobody draws on the terminal of who runs it.
        visible = self.said.replace("\n", "")
        self.assertEqual([c for c in visible if unicodedata.category(c) == "Cc"], [])

    def test_silentAndGone(self) -> None:
        """A peer that hangs up without asking, or says nothing, is in nobody's way."""
        with self.demo() as port, self.connect(port):
            self.connect(port).close()
            self.assertEqual(self.exchange(port, b"moshez\r\n"), b"Happy and well\r\n")

    def test_whatItSays(self) -> None:
        """How to ask it, what it was asked, and in the end that it has stopped."""
        with self.demo() as port:
            self.exchange(port, b"moshez\r\n")
        self.assertIn(rf"    printf 'moshez\r\n' | nc localhost {port}" + "\n", self.said)
        self.assertRegex(self.said, r"\[FingerProtocol,1,127\.0\.0\.1\] Asked for 'moshez'\n")
        self.assertIn("Stopped.", self.said.splitlines()[-2:])

    def test_asItSays(self) -> None:
        """The commands that it suggests, and those of the README, do what they should."""
        readme = (EXAMPLES.parents[1] / "README.md").read_text("utf-8")
        commands = re.findall(r"^.*/1079.*$|^printf .* 1079$", readme, re.MULTILINE)
        self.assertEqual(len(commands), 2)
        with self.demo() as port:
            for command in reversed(commands):
                tools = {"bash", "nc"} if "nc " in command else {"bash"}
                if None in map(shutil.which, tools):
                    raise unittest.SkipTest(f"{tools} are not there to ask with")
                done = subprocess.run(
                    ["bash", "-c", command.replace("1079", str(port))],
                    capture_output=True,
                    timeout=PATIENCE,
                    check=True,
                )
                self.assertEqual(done.stdout, b"Happy and well\r\n", command)
        self.assertIn(commands[0].replace("1079", str(port)), self.said)

    def test_portInUse(self) -> None:
        with socket.create_server(("", 0)) as taken:
            port = taken.getsockname()[1]
            complaint = self.complaint("--port", port)
        self.assertIn(f":{port}: ", complaint)
        self.assertIn("Address already in use", complaint)
        self.assertIn("--port", complaint)

    def test_badArguments(self) -> None:
        self.assertIn("99999", self.complaint("--port", "99999"))
        self.assertIn("--prot not recognized", self.complaint("--prot", "1079"))

    def test_noUsers(self) -> None:
        path = Path(self.mktemp())
        self.assertIn(f"{path}: No such file or directory", self.complaint("--users", path))
        path = self.write(b"# Nobody yet\n")
        self.assertIn(f"{path}: there is no user in it", self.complaint("--users", path))

    def test_badUsers(self) -> None:
        """The line that makes no sense is named, and what is wrong with it."""
        for line, problem in [
            (b"shawn", "not of the form"),
            (b": well", "not of the form"),
            (b"shawn:", "not of the form"),
            (b"shawn: \xff", "not UTF-8"),
            (b"shawn: \x1b[2J", "cannot be printed"),
            (b"shawn@home: well", "@"),
            (b"moshez: again", "moshez has a line already"),
        ]:
            path = self.write(b"# Users\nmoshez: well\n" + line + b"\n")
            complaint = self.complaint("--users", path)
            self.assertIn(f"{path}, line 3: ", complaint)
            self.assertIn(problem, complaint)


class DemoProtocolTests(unittest.SynchronousTestCase):
    """What the demonstration server does when answers or queries are long in coming."""

    def setUp(self) -> None:
        program = EXAMPLES / "demo" / "finger.py"
        if not program.exists():
            raise unittest.SkipTest(f"there is no {program}")
        demo = runpy.run_path(str(program))
        self.found: Deferred[str] = Deferred()
        factory = demo["FingerFactory"]({})
        factory.getUser = lambda user: self.found
        self.clock = Clock()
        self.protocol: Any = factory.buildProtocol(None)
        self.protocol.callLater = self.clock.callLater
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)

    def test_answerLater(self) -> None:
        self.protocol.dataReceived(b"moshez\r\n")
        self.assertEqual(self.transport.value(), b"")
        self.assertFalse(self.transport.disconnecting)
        self.found.callback("Happy\nand well\n")
        self.assertEqual(self.transport.value(), b"Happy\r\nand well\r\n")
        self.assertTrue(self.transport.disconnecting)

    def test_answerFails(self) -> None:
        """The asker learns that, and the log what."""
        self.protocol.dataReceived(b"moshez\r\n")
        self.found.errback(ZeroDivisionError())
        self.assertEqual(self.transport.value(), b"Internal error in server\r\n")
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_patience(self) -> None:
        """A minute is enough, also for who sends a little now and then."""
        self.clock.advance(59)
        self.protocol.dataReceived(b"mosh")
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)

    def test_gone(self) -> None:
        self.transport.loseConnection()
        self.protocol.connectionLost(None)
        self.assertEqual(self.clock.getDelayedCalls(), [])
