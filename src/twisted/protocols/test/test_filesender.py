"""`FileSender`: a file, at the pace of the one who takes it."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.interfaces import IPullProducer
from twisted.internet.testing import StringTransport
from twisted.protocols.basic import FileSender
from twisted.trial import unittest


class FileSenderTests(unittest.SynchronousTestCase):
    """`FileSender`."""

    def setUp(self) -> None:
        self.transport = StringTransport()
        self.sender = FileSender()
        self.sender.CHUNK_SIZE = 4

    def pump(self) -> None:
        """Ask for pieces for as long as there is somebody to ask."""
        while self.transport.producer is not None:
            self.transport.producer.resumeProducing()

    def test_interface(self) -> None:
        verifyObject(IPullProducer, self.sender)

    def test_sendsPieceByPiece(self) -> None:
        done = self.sender.beginFileTransfer(BytesIO(b"0123456789"), self.transport)
        self.assertEqual((self.transport.producer, self.transport.streaming), (self.sender, False))
        self.assertEqual(self.transport.value(), b"")
        self.sender.resumeProducing()
        self.assertEqual(self.transport.value(), b"0123")
        self.assertEqual(self.sender.lastSent, b"3")
        self.sender.pauseProducing()
        self.assertNoResult(done)
        self.pump()
        self.assertEqual(self.transport.value(), b"0123456789")
        self.assertEqual(self.successResultOf(done), b"9")

    def test_emptyFile(self) -> None:
        done = self.sender.beginFileTransfer(BytesIO(), self.transport)
        self.pump()
        self.assertEqual(self.successResultOf(done), b"")

    def test_fromWhereTheFileStands(self) -> None:
        file = BytesIO(b"0123456789")
        file.seek(7)
        done = self.sender.beginFileTransfer(file, self.transport)
        self.pump()
        self.assertEqual(self.successResultOf(done), b"9")
        self.assertEqual(self.transport.value(), b"789")
        self.assertFalse(file.closed)

    def test_transform(self) -> None:
        done = self.sender.beginFileTransfer(
            BytesIO(b"abcdefgh"), self.transport, lambda data: data.replace(b"abcd", b"").upper()
        )
        self.sender.resumeProducing()
        self.assertEqual(self.transport.value(), b"EFGH")
        self.pump()
        self.assertEqual(self.successResultOf(done), b"H")

    def test_consumerStops(self) -> None:
        done = self.sender.beginFileTransfer(BytesIO(b"0123456789"), self.transport)
        self.sender.resumeProducing()
        self.sender.stopProducing()
        self.assertIn("Consumer asked us to stop", str(self.failureResultOf(done).value))
        self.sender.stopProducing()

    def test_fileCannotBeRead(self) -> None:
        class Broken(BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                raise OSError("the disk is on fire")

        done = self.sender.beginFileTransfer(Broken(), self.transport)
        self.pump()
        self.assertEqual(str(self.failureResultOf(done, OSError).value), "the disk is on fire")

    def test_textFile(self) -> None:
        file: Any = StringIO("text")
        done = self.sender.beginFileTransfer(file, self.transport)
        self.pump()
        self.assertIn("open it in mode 'rb'", str(self.failureResultOf(done, TypeError).value))
        self.assertEqual(self.transport.value(), b"")
