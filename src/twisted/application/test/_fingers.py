"""The finger tutorial: its services, run as daemons and in the foreground, and asked."""

from __future__ import annotations

import os
import socket

from twisted.application.test._daemons import PATIENCE
from twisted.application.test._listings import ListingCase, chapter, onPath

UNKNOWN = b"No such user\r\n"

#: Names that are none: whoever sends one is answered as anybody else.
STRANGE = [b"", b"\x00", b"moshez\x00", b"mos\rhez", b"mos\nhez", b"\xff\xfe", b"x" * 10_000]

USERS = "moshez: happy and well\nshawn: alive\n"


class FingerCase(ListingCase):
    """Runs finger services, and asks them."""

    users = USERS

    def setUp(self) -> None:
        super().setUp()
        self.examples = chapter("ch02_finger")
        self.env = {
            "FINGER": "0",
            "SETTER": "0",
            "WEB": "0",
            "HTTPS": "0",
            "PB": "0",
            # Nobody is there: bots come back in vain.
            "IRC": "127.0.0.1:1",
            "USERS": self.write("users", self.users),
            "PYTHONPATH": onPath(self.examples),
        }

    def listing(self, name: str) -> str:
        return os.fspath(self.examples / name)

    def finger(self, port: int, user: bytes) -> bytes:
        """Ask for a user; the answer, once the server has hung up."""
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(user + b"\r\n")
            return connection.makefile("rb").read()

    def checkUsual(self, port: int, moshez: bytes) -> None:
        """One user is known; others are not, whatever they are called."""
        self.assertEqual(self.nc(port, b"moshez\r\n"), moshez)
        for name in [b"nobody-at-all", *STRANGE]:
            self.assertEqual(self.finger(port, name), UNKNOWN, name[:20])

    def checkFile(self, port: int) -> None:
        """The answers are those of the file."""
        self.checkUsual(port, b"happy and well\r\n")
        self.assertEqual(self.finger(port, b"shawn"), b"alive\r\n")

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
