"""`StandardIO` in real programs, with real programs on the other sides."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from twisted.internet.test.test_examples_engine import (
    EXAMPLES,
    LOOPBACK,
    PATIENCE,
    EngineExampleCase,
)

# What a whole program does with its own standard descriptors: prints how it ended.
WHOLE = """
import sys
from twisted.internet import reactor, stdio
from twisted.internet.protocol import Protocol
class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
    def connectionLost(self, reason):
        print(reason.type.__name__, file=sys.stderr)
        reactor.stop()
stdio.StandardIO(Echo())
reactor.run()
"""


class ProgramTests(EngineExampleCase):
    """Real programs on the other sides, joined by a shell."""

    chapter = "stdio"

    def shell(self, line: str, *arguments: str) -> tuple[str, str]:
        """What a line of a shell writes and complains; in it, "$0" is the interpreter."""
        done = subprocess.run(
            ["sh", "-c", line, sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, done.stderr

    def test_all(self) -> None:
        self.assertChapter("echo.py", "sort.py", "connect.py")

    def test_pipes(self) -> None:
        """`cat` on both sides."""
        out, err = self.shell('printf "one\\ntwo\\n" | cat | "$0" -c "$1" | cat', WHOLE)
        self.assertEqual((out, err), ("one\ntwo\n", "ConnectionDone\n"))

    def test_files(self) -> None:
        path = self.mktemp()
        with open(path, "w") as made:
            made.write("line\n" * 100_000)
        self.shell('"$0" -c "$1" < "$2" > "$2.copy"; cmp "$2" "$2.copy"', WHOLE, path)

    def test_head(self) -> None:
        """`head` takes one line of an endless input, and goes."""
        out, err = self.shell('yes | "$0" -c "$1" | head -1', WHOLE)
        self.assertEqual((out, err), ("y\n", "ConnectionLost\n"))

    def test_notOpen(self) -> None:
        """A daemon may be started without any."""
        self.assertEqual(self.shell('"$0" -c "$1" <&-', WHOLE), ("", "ConnectionDone\n"))
        self.assertEqual(self.shell('printf x | "$0" -c "$1" >&-', WHOLE), ("", "ConnectionLost\n"))

    def test_modeAfterCrash(self) -> None:
        """The parent's pipe blocks again, though the program ended without its reactor."""
        crash = (
            "from twisted.internet import stdio, protocol; stdio.StandardIO(protocol.Protocol())"
        )
        ours, theirs = os.pipe()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        for _ in range(2):
            subprocess.run([sys.executable, "-c", crash], stdin=ours, check=True, timeout=PATIENCE)
            self.assertTrue(os.get_blocking(ours))

    def test_numbersStayTaken(self) -> None:
        """The numbers 0 and 1 do not go to the next file that is opened."""
        source = (
            WHOLE + "import os\nprint(os.open(os.devnull, 0) > 2, file=sys.stderr)\nprint('x')\n"
        )
        self.assertEqual(
            self.shell('printf 1 | "$0" -c "$1" | cat', source), ("1", "ConnectionDone\nTrue\n")
        )

    def test_echo(self) -> None:
        out, err = self.shell(
            'printf "one\\nquit\\nnot heard\\n" | "$0" "$1"', self.example("echo.py")
        )
        self.assertEqual((out, err), ("you said: one\nbye\n", ""))

    def example(self, name: str) -> str:
        return str(EXAMPLES / self.chapter / name)

    def test_sort(self) -> None:
        out, err = self.shell('printf "pear\\napple\\n" | "$0" "$1" | cat', self.example("sort.py"))
        self.assertEqual((out, err), ("apple\npear\n", ""))

    def test_connect(self) -> None:
        """All that is piped in reaches the server, and its answer comes out, each to its end."""
        listening = socket.create_server((LOOPBACK, 0))
        self.addCleanup(listening.close)
        listening.settimeout(PATIENCE)
        program = subprocess.Popen(
            [sys.executable, self.example("connect.py"), LOOPBACK, str(listening.getsockname()[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        server, _ = listening.accept()
        assert program.stdin is not None and program.stdout is not None
        with server, program.stdin, server.makefile("rb") as received:
            server.settimeout(PATIENCE)
            program.stdin.write(b"question")
            program.stdin.close()
            program.stdin = None
            self.assertEqual(received.read(), b"question")
            server.sendall(b"answer")
        self.assertEqual(program.stdout.read(), b"answer")
        self.assertEqual(program.wait(PATIENCE), 0)

    def test_terminal(self) -> None:
        """On the terminal of a session: a line in, a line out, and Ctrl-D is the end."""
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        with os.fdopen(slave, "rb") as terminal:
            program = subprocess.Popen(
                [sys.executable, self.example("echo.py")],
                stdin=terminal,
                stdout=terminal,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self.addCleanup(program.communicate)
            self.addCleanup(program.kill)
            os.write(master, b"hi\n")
            seen = b""
            while b"you said: hi\r\n" not in seen:
                seen += os.read(master, 100)
            os.write(master, b"\x04")
            self.assertEqual(program.wait(PATIENCE), 0)
            self.assertTrue(os.get_blocking(terminal.fileno()))
