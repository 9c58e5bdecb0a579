"""The small services of the early Internet."""

from __future__ import annotations

import calendar
import struct
import time
from typing import Any

from twisted.internet.testing import StringTransport
from twisted.protocols import wire
from twisted.trial import unittest


class WireTests(unittest.SynchronousTestCase):
    """`twisted.protocols.wire`."""

    def connect(self, protocol: Any) -> StringTransport:
        transport = StringTransport()
        protocol.makeConnection(transport)
        return transport

    def test_echo(self) -> None:
        echo = wire.Echo()
        transport = self.connect(echo)
        for piece in (b"one", b"\0\xff", b"three"):
            echo.dataReceived(piece)
        self.assertEqual(transport.value(), b"one\0\xffthree")
        self.assertFalse(transport.disconnecting)

    def test_discard(self) -> None:
        discard = wire.Discard()
        transport = self.connect(discard)
        discard.dataReceived(b"data")
        self.assertEqual(transport.value(), b"")
        self.assertFalse(transport.disconnecting)

    def test_qotd(self) -> None:
        transport = self.connect(wire.QOTD())
        self.assertEqual(transport.value(), b"An apple a day keeps the doctor away.\r\n")
        self.assertTrue(transport.disconnecting)

    def test_otherQuote(self) -> None:
        class Mine(wire.QOTD):
            def getQuote(self) -> bytes:
                return b"mine"

        self.assertEqual(self.connect(Mine()).value(), b"mine")

    def test_who(self) -> None:
        class Mine(wire.Who):
            def getUsers(self) -> bytes:
                return b"root\r\n"

        transport = self.connect(Mine())
        self.assertEqual(transport.value(), b"root\r\n")
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.connect(wire.Who()).value(), b"")

    def test_daytime(self) -> None:
        self.patch(time, "time", lambda: 0.5)
        transport = self.connect(wire.Daytime())
        self.assertEqual(transport.value(), b"Thu Jan  1 00:00:00 1970\r\n")
        self.assertTrue(transport.disconnecting)

    def test_time(self) -> None:
        """The examples of RFC 868, and the first second that does not fit."""
        for year, expected in [(1970, 2_208_988_800), (1976, 2_398_291_200), (1980, 2_524_521_600)]:
            now = calendar.timegm((year, 1, 1, 0, 0, 0))
            self.patch(time, "time", lambda now=now: now + 0.7)
            transport = self.connect(wire.Time())
            self.assertEqual(struct.unpack("!I", transport.value()), (expected,))
            self.assertTrue(transport.disconnecting)
        self.patch(time, "time", lambda: 2**32 - 2_208_988_800)
        self.assertEqual(self.connect(wire.Time()).value(), b"\0\0\0\0")

    def test_chargen(self) -> None:
        chargen = wire.Chargen()
        transport = self.connect(chargen)
        self.assertIs(transport.producer, chargen)
        self.assertFalse(transport.streaming)
        self.assertEqual(transport.value(), b"")
        chargen.resumeProducing()
        chargen.pauseProducing()
        self.assertEqual(transport.value(), chargen.noise)
        chargen.resumeProducing()
        chargen.stopProducing()
        self.assertEqual(transport.value(), chargen.noise * 2)
