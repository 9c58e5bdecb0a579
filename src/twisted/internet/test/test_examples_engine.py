"""The listings of the chapters on the reactor, UDP, scheduling and threads run."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import twisted
from twisted.trial import unittest

EXAMPLES = Path(twisted.__file__).resolve().parents[2] / "docs" / "examples"

# Seconds after which a broken example is given up.
PATIENCE = 30
# What the examples that let time pass are told instead, in seconds.
SOON = "0.01"
LOOPBACK = "127.0.0.1"


class EngineExampleCase(unittest.SynchronousTestCase):
    """Runs the programs of one chapter; skipped where the documentation is not installed."""

    chapter = ""
    #: Of the programs; None: that of the tests.
    environment: dict[str, str] | None = None

    def setUp(self) -> None:
        if not EXAMPLES.is_dir():
            raise unittest.SkipTest(f"there is no {EXAMPLES}")

    def start(self, name: str, *arguments: object) -> subprocess.Popen[str]:
        """Begin to run a program."""
        # Shells have programs in the background ignore Ctrl-C, which programs inherit.
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            program = subprocess.Popen(
                [sys.executable, str(EXAMPLES / self.chapter / name), *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=self.environment,
            )
        finally:
            signal.signal(signal.SIGINT, previous)
        late = threading.Timer(PATIENCE, program.kill)
        late.start()
        self.addCleanup(late.cancel)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def finish(self, program: subprocess.Popen[str], interrupt: bool = False) -> str:
        """What a program writes until it ends in good order, of itself or by Ctrl-C."""
        if interrupt:
            program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=PATIENCE)
        self.assertEqual((program.returncode, err), (0, ""))
        return out

    def output(self, name: str, *arguments: object) -> str:
        """Run a program to its end; all that it writes."""
        return self.finish(self.start(name, *arguments))

    def line(self, program: subprocess.Popen[str]) -> str:
        """The next line that a program writes."""
        assert program.stdout is not None
        line = program.stdout.readline()
        if not line:
            self.finish(program)
        return line.rstrip("\n")

    def portOf(self, program: subprocess.Popen[str]) -> int:
        """The port that a program says it listens on."""
        line = self.line(program)
        self.assertTrue(line.startswith("Listening on port "), line)
        return int(line.split()[-1])

    def assertChapter(self, *names: str) -> None:
        """These are all the programs of the chapter: none goes untested."""
        found = {path.name for path in (EXAMPLES / self.chapter).glob("*.py")}
        self.assertEqual(found, set(names))

    def socket(self) -> socket.socket:
        """A plain UDP socket."""
        plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(plain.close)
        plain.settimeout(PATIENCE)
        plain.bind((LOOPBACK, 0))
        return plain


class ReactorExampleTests(EngineExampleCase):
    """The reactor itself."""

    chapter = "ch03_reactor"

    def test_all(self) -> None:
        self.assertChapter("interfaces.py", "choose.py", "shutdown.py")

    def test_interfaces(self) -> None:
        provided = self.output("interfaces.py").split()
        for ability in ("Core", "FDSet", "TCP", "Threads", "Time", "UDP", "UNIX"):
            self.assertIn(f"IReactor{ability}", provided)

    def test_choose(self) -> None:
        for name, kind in (("select", "SelectReactor"), ("poll", "PollReactor")):
            self.assertEqual(self.output("choose.py", name), f"{kind}\n")

    def test_shutdown(self) -> None:
        program = self.start("shutdown.py")
        self.assertEqual(self.line(program), "running")
        self.assertEqual(
            self.finish(program, interrupt=True),
            "waiting for the work in progress\neverything is closed\n",
        )


class UDPExampleTests(EngineExampleCase):
    """Datagrams, against plain sockets."""

    chapter = "ch03_udp"

    def test_all(self) -> None:
        self.assertChapter(
            "echo.py", "connected.py", "resolve.py", "MulticastServer.py", "MulticastClient.py"
        )

    def test_echo(self) -> None:
        program = self.start("echo.py", 0)
        port = self.portOf(program)
        plain = self.socket()
        plain.sendto(b"hello", (LOOPBACK, port))
        self.assertEqual(plain.recvfrom(100), (b"hello", (LOOPBACK, port)))
        ours = plain.getsockname()[1]
        self.assertEqual(self.line(program), f"received b'hello' from {LOOPBACK}:{ours}")
        self.finish(program, interrupt=True)

    def test_connected(self) -> None:
        plain = self.socket()
        host, port = plain.getsockname()
        program = self.start("connected.py", host, port)
        data, peer = plain.recvfrom(100)
        self.assertEqual(data, b"hello")
        plain.sendto(b"hello yourself", peer)
        self.assertEqual(
            self.finish(program),
            f"we can only send to {(host, port)} now\n"
            f"received b'hello yourself' from {host}:{port}\n",
        )

    def test_connectedToNobody(self) -> None:
        plain = self.socket()
        host, port = plain.getsockname()
        plain.close()
        self.assertIn("No one listening\n", self.output("connected.py", host, port))

    def test_resolve(self) -> None:
        self.assertEqual(
            self.output("resolve.py", "localhost"), f"IP of 'localhost' is {LOOPBACK}\n"
        )

    def test_multicast(self) -> None:
        server = self.start("MulticastServer.py", 0, LOOPBACK)
        port = self.portOf(server)
        self.assertEqual(self.output("MulticastClient.py", port, LOOPBACK), "Received: b'data'\n")
        self.assertEqual(self.line(server), "Server Received: b'UniqueID'")
        self.finish(server, interrupt=True)


class SchedulingExampleTests(EngineExampleCase):
    """Tasks for the future, which is near here."""

    chapter = "ch03_scheduling"

    def test_all(self) -> None:
        self.assertChapter(
            "call_later.py",
            "defer_later.py",
            "looping_call.py",
            "cancel.py",
            "frames.py",
            "share.py",
            "test_clock.py",
        )

    def test_callLater(self) -> None:
        self.assertEqual(
            self.output("call_later.py", SOON),
            f"this will run {SOON} seconds after it was scheduled: hello, world\n",
        )

    def test_deferLater(self) -> None:
        self.assertEqual(
            self.output("defer_later.py", SOON),
            f"This will run {SOON} seconds after it was scheduled: hello, world\n",
        )

    def test_loopingCall(self) -> None:
        program = self.start("looping_call.py", SOON)
        for _ in range(3):
            self.assertEqual(self.line(program), "a second has passed")
        self.finish(program, interrupt=True)

    def test_cancel(self) -> None:
        program = self.start("cancel.py")
        self.assertEqual(self.line(program), "cancelled")
        self.assertEqual(self.finish(program, interrupt=True), "")

    def test_frames(self) -> None:
        counts = [int(line.split()[-1]) for line in self.output("frames.py", "0.05").splitlines()]
        self.assertEqual(len(counts), 4)
        self.assertGreaterEqual(counts[2], 3)

    def test_share(self) -> None:
        self.assertEqual(
            self.output("share.py"), "".join(f"first {n}\nsecond {n}\n" for n in range(3))
        )

    def test_clock(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "unittest", "test_clock"],
            cwd=EXAMPLES / self.chapter,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Ran 1 test", done.stderr)


class ThreadExampleTests(EngineExampleCase):
    """Threads, and the way back."""

    chapter = "ch03_threads"

    def test_all(self) -> None:
        self.assertChapter(
            "call_from_thread.py",
            "call_in_thread.py",
            "multiple_in_thread.py",
            "defer_to_thread.py",
            "blocking_call.py",
            "pool_size.py",
        )

    def test_callFromThread(self) -> None:
        self.assertEqual(self.output("call_from_thread.py"), "called with 3 in MainThread\n")

    def test_callInThread(self) -> None:
        program = self.start("call_in_thread.py", SOON)
        self.assertEqual(self.line(program), f"{SOON} seconds have passed")
        self.finish(program, interrupt=True)

    def test_multipleInThread(self) -> None:
        program = self.start("multiple_in_thread.py", SOON)
        self.assertEqual(self.line(program), "Calling First")
        self.assertEqual(self.line(program), "And the second")
        self.finish(program, interrupt=True)

    def test_deferToThread(self) -> None:
        self.assertEqual(self.output("defer_to_thread.py"), "3\n")

    def blockingCall(self, answer: bytes) -> str:
        """What is written of a site that answers so."""
        with socket.create_server((LOOPBACK, 0)) as site:
            site.settimeout(PATIENCE)

            def serve() -> None:
                visitor, _ = site.accept()
                with visitor:
                    visitor.recv(1000)
                    visitor.sendall(answer)

            server = threading.Thread(target=serve)
            server.start()
            host, port = site.getsockname()
            said = self.output("blocking_call.py", f"http://{host}:{port}/")
            server.join()
        return said

    def test_blockingCall(self) -> None:
        self.assertEqual(self.blockingCall(b"HTTP/1.0 200 OK\r\n\r\nWelcome."), "Welcome.\n")

    def test_blockingCallThatFails(self) -> None:
        """The thread gets the exception, be it of the web or of the connection."""
        said = self.blockingCall(b"HTTP/1.0 404 Not Found\r\n\r\n")
        self.assertEqual(said, "404 Not Found\n")
        with socket.create_server((LOOPBACK, 0)) as site:
            host, port = site.getsockname()
        said = self.output("blocking_call.py", f"http://{host}:{port}/")
        self.assertIn("refused", said)

    def test_poolSize(self) -> None:
        self.assertEqual(
            self.output("pool_size.py"), "from 5 to 10 threads\nfrom 5 to 30 threads\n"
        )
