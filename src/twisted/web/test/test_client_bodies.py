"""The bodies of requests: files, and forms."""

from __future__ import annotations

import io
from typing import Any

from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock, Cooperator
from twisted.trial import unittest
from twisted.web.client import FileBodyProducer
from twisted.web.client._bodies import BytesBody
from twisted.web.client._forms import makeBody, query
from twisted.web.iweb import UNKNOWN_LENGTH
from twisted.web.test._clients import SessionCase


class FileBodyProducerTests(unittest.SynchronousTestCase):
    """Files as bodies."""

    def setUp(self) -> None:
        self.calls: list[Any] = []

    def turn(self) -> None:
        """Give the cooperator a turn, if it wants one."""
        calls, self.calls[:] = list(self.calls), []
        for call in calls:
            call()

    def producer(self, file: Any, size: int = 2) -> FileBodyProducer:
        return FileBodyProducer(
            file, Cooperator(lambda: lambda: True, self._later, started=True), size
        )

    def _later(self, call: Any) -> Any:
        self.calls.append(call)
        return Clock().callLater(0, call)

    def test_produce(self) -> None:
        """A file is read a piece at a time, from where it stands, and closed."""
        file = io.BytesIO(b"xabcde")
        file.read(1)
        producer = self.producer(file)
        self.assertEqual(producer.length, 5)
        sent = io.BytesIO()
        done = producer.startProducing(sent)
        self.turn()
        self.assertEqual(sent.getvalue(), b"ab")
        producer.pauseProducing()
        self.turn()
        self.assertEqual(sent.getvalue(), b"ab")
        producer.resumeProducing()
        for _ in range(5):
            self.turn()
        self.successResultOf(done)
        self.assertEqual(sent.getvalue(), b"abcde")
        self.assertTrue(file.closed)
        producer.stopProducing()

    def test_stop(self) -> None:
        file = io.BytesIO(b"abc")
        producer = self.producer(file)
        done = producer.startProducing(io.BytesIO())
        producer.stopProducing()
        self.assertTrue(file.closed)
        self.assertNoResult(done)

    def test_unknownLength(self) -> None:
        """What cannot seek, or cannot be closed, will do."""

        class Stream:
            pieces = [b"a", b""]

            def read(self, size: int) -> bytes:
                return self.pieces.pop(0)

        producer = self.producer(Stream())
        self.assertEqual(producer.length, UNKNOWN_LENGTH)
        done = producer.startProducing(io.BytesIO())
        for _ in range(3):
            self.turn()
        self.successResultOf(done)

    def test_readFails(self) -> None:
        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise OSError("broken")

        done = self.producer(Broken(b"ab")).startProducing(io.BytesIO())
        self.turn()
        self.failureResultOf(done, OSError)

    def test_cancel(self) -> None:
        file = io.BytesIO(b"abc")
        done = self.producer(file).startProducing(io.BytesIO())
        done.cancel()
        self.failureResultOf(done, CancelledError)
        self.assertTrue(file.closed)

    def test_bytes(self) -> None:
        """Bytes need no turns."""
        sent = io.BytesIO()
        body = BytesBody(b"ab")
        self.assertEqual(body.length, 2)
        self.successResultOf(body.startProducing(sent))
        self.assertEqual(sent.getvalue(), b"ab")


class MultipartTests(SessionCase):
    """Forms with files."""

    def form(self, **arguments: Any) -> bytes:
        """The body, with a boundary that is the same in each test."""
        heard = self.heard(method="POST", **arguments)
        head, _, body = heard.partition(b"\r\n\r\n")
        boundary = head.partition(b"boundary=")[2].partition(b"\r\n")[0]
        self.assertGreater(len(boundary), 20)
        self.assertIn(b"Content-Length: %d" % len(body), head)
        return body.replace(boundary, b"*")

    def test_form(self) -> None:
        body = self.form(
            data={"name": "\xe4", "n": 1},
            files={"f": ("a.txt", b"abc"), "g": ("b", "\xe4", "x/y"), "h": b"raw"},
        )
        self.assertEqual(
            body.decode().split("\r\n"),
            [
                "--*",
                'Content-Disposition: form-data; name="name"', "", "\xe4", "--*",
                'Content-Disposition: form-data; name="n"', "", "1", "--*",
                'Content-Disposition: form-data; name="f"; filename="a.txt"',
                "Content-Type: text/plain", "", "abc", "--*",
                'Content-Disposition: form-data; name="g"; filename="b"',
                "Content-Type: x/y", "", "\xe4", "--*",
                'Content-Disposition: form-data; name="h"; filename="file"',
                "Content-Type: application/octet-stream", "", "raw", "--*--", "",
            ],
        )  # fmt: skip

    def test_injection(self) -> None:
        """Names cannot end the line, or the quotes, that they are in; types cannot either."""
        evil = 'a"\r\nX: y\r\n\r\n--'
        body = self.form(data={evil: "v"}, files={evil: (evil, b"")})
        self.assertNotIn(b"\r\nX: y", body)
        self.assertEqual(body.count(b'name="a%22%0D%0AX: y%0D%0A%0D%0A--"'), 3)
        for kind in ("a/b\r\nX: y", "a\0", b"a/b\n"):
            self.assertRaises(ValueError, self.ask, files={"a": ("b", b"c", kind)})

    def test_openFiles(self) -> None:
        """Files are read as the connection takes them, and closed; the length is known."""
        path = self.mktemp()
        with open(path, "wb") as made:
            made.write(b"x" * 300_000)
        file = io.BufferedReader(io.FileIO(path))
        body = makeBody({"a": "b"}, files={"f": file})
        assert body.make is not None
        self.assertFalse(body.repeatable)
        producer = body.make()
        sent = io.BytesIO()
        pieces = producer._pieces(sent)
        for _ in pieces:
            pass
        self.assertEqual(producer.length, len(sent.getvalue()))
        self.assertIn(b'filename="temp"', sent.getvalue())
        self.assertTrue(file.closed)

    def test_unknownLength(self) -> None:
        class Stream:
            def read(self, size: int) -> bytes:
                return b""

            def close(self) -> None:
                self.closed = True

        stream = Stream()
        body = makeBody(files=[("f", ("name", stream))])
        assert body.make is not None
        producer = body.make()
        self.assertNotIsInstance(producer.length, int)
        producer._inputFile.close()
        self.assertTrue(stream.closed)

    def test_query(self) -> None:
        self.assertEqual(query({"a": "b/c"}), b"a=b%2Fc")
