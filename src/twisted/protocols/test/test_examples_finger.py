"""The finger tutorial runs: its first listings."""

from __future__ import annotations

import os

from twisted.protocols.test._programs import PATIENCE, ServerCase


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
