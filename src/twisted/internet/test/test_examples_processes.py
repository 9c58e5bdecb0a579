"""The listings of the chapter on processes run."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from twisted.internet.test.test_examples_engine import (
    EXAMPLES,
    LOOPBACK,
    PATIENCE,
    EngineExampleCase,
)

# Stands in for GnuPG: it has the same arguments and descriptors.
GPG = """#!/bin/sh
test "$*" = "--decrypt --passphrase-fd 3 --status-fd 4 --batch" || exit 2
test "$(cat <&3)" = secret || { echo "bad passphrase" >&2; exit 1; }
echo "[GNUPG:] GOODSIG" >&4
tr a-z A-Z
"""


class ProcessExampleTests(EngineExampleCase):
    """Child processes."""

    chapter = "ch03_processes"

    def test_all(self) -> None:
        self.assertChapter(
            "echo.py",
            "wc.py",
            "process.py",
            "quotes.py",
            "trueandfalse.py",
            "gpg.py",
            "terminal.py",
        )

    def test_echo(self) -> None:
        self.assertEqual(self.output("echo.py"), "foo\n")

    def test_wc(self) -> None:
        self.assertEqual(
            self.output("wc.py", "three short words"),
            "Received counts from wc.\nLines: 1\nWords: 3\nCharacters: 18\n",
        )

    def test_process(self) -> None:
        """Every event, in an order that is not wholly determined."""
        lines = self.output("process.py").splitlines()
        self.assertEqual(lines[0], "connectionMade!")
        self.assertEqual(lines[-2:], ["processEnded, status 0", "quitting"])
        self.assertEqual(
            set(lines[1:-2]),
            {
                "inConnectionLost! stdin is closed! (we probably did it)",
                "outReceived! with 24 bytes!",
                "outConnectionLost! The child closed their stdout!",
                "I saw 40 lines",
                "errConnectionLost! The child closed their stderr.",
                "processExited, status 0",
            },
        )

    def test_quotes(self) -> None:
        program = self.start("quotes.py", 0, "/bin/echo", "be prepared")
        self.assertEqual(self.quote(program), b"be prepared\n")
        program = self.start("quotes.py", 0, "/no/such/fortune")
        self.assertEqual(self.quote(program), b"")

    def quote(self, program: subprocess.Popen[str]) -> bytes:
        """What the server sends until it closes."""
        with socket.create_connection((LOOPBACK, self.portOf(program)), PATIENCE) as client:
            said = b"".join(iter(lambda: client.recv(1000), b""))
        self.finish(program, interrupt=True)
        return said

    def test_trueAndFalse(self) -> None:
        self.assertEqual(
            self.output("trueandfalse.py"),
            "/bin/true exits with rc=0\n/bin/false exits with rc=1\n",
        )

    def test_gpg(self) -> None:
        gpg, text = Path(self.mktemp()).resolve(), Path(self.mktemp()).resolve()
        gpg.write_text(GPG)
        gpg.chmod(0o700)
        text.write_text("hidden\n")
        for passphrase, expected in (
            ("secret", ("HIDDEN\n", "1 lines of status\n")),
            ("guess", ("", "bad passphrase\n")),
        ):
            result = subprocess.run(
                [sys.executable, str(EXAMPLES / self.chapter / "gpg.py"), str(text), str(gpg)],
                input=passphrase + "\n",
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=True,
            )
            self.assertEqual(result.stdout, expected[0])
            self.assertIn(expected[1], result.stderr)

    def test_terminal(self) -> None:
        self.assertIn("\nwe have a terminal\n", self.output("terminal.py").replace("# ", "\n"))
