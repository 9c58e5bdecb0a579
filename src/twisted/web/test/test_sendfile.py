"""Files that the system sends: over real sockets, and where it cannot."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import ssl
from io import UnsupportedOperation
from pathlib import Path
from typing import Any

from twisted.internet.ssl import KeyPair
from twisted.internet.tcp import _connection
from twisted.web import resource, server, static
from twisted.web.test._serving import ServedTestCase

SIZE = 5 * 1024 * 1024 + 17
GET = b"GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Opened(static.File):
    """Opens its file as subclasses may: it is no file of the system."""

    def openForReading(self) -> Any:
        data = super().openForReading()
        return _Wrapped(data)


class _Wrapped:
    def __init__(self, file: Any) -> None:
        self.read, self.seek, self.close, self._file = file.read, file.seek, file.close, file
        self.asked = 0

    def fileno(self) -> int:
        # The first to ask wants to know the size.
        self.asked += 1
        if self.asked > 1:
            raise UnsupportedOperation("fileno")
        number: int = self._file.fileno()
        return number


class SendFileTests(ServedTestCase):
    """A file of several megabytes."""

    def setUp(self) -> None:
        super().setUp()
        self.path = Path(self.mktemp())
        self.data = os.urandom(SIZE)
        self.path.write_bytes(self.data)
        self.root = resource.Resource()
        self.root.putChild(b"file", static.File(str(self.path)))

    def fetch(self, port: int, context: ssl.SSLContext | None = None) -> bytes:
        """What comes back, and how it ends."""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            client = plain if context is None else context.wrap_socket(plain)
            client.sendall(GET)
            received = b""
            while data := client.recv(65536):
                received += data
            return received.partition(b"\r\n\r\n")[2]

    def assertSame(self, received: bytes) -> None:
        """The file came, whole."""
        self.assertEqual(len(received), SIZE)
        self.assertEqual(hashlib.sha256(received).digest(), hashlib.sha256(self.data).digest())

    async def test_plain(self) -> None:
        port = self.listen(server.Site(self.root))
        self.assertSame(await self.inThread(self.fetch, port))

    async def test_underTLS(self) -> None:
        """What goes through TLS is read, not sent as it is."""
        certificate = KeyPair.generate().selfSignedCert(1, CN="localhost")
        port = self.listen(server.Site(self.root), certificate.options())
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.assertSame(await self.inThread(self.fetch, port, context))

    async def test_noFileOfTheSystem(self) -> None:
        self.root.putChild(b"file", Opened(str(self.path)))
        port = self.listen(server.Site(self.root))
        self.assertSame(await self.inThread(self.fetch, port))

    async def test_refused(self) -> None:
        """A system that cannot send this file, even in the middle, has it read."""
        sent = []

        def once(out: int, file: int, offset: int, count: int) -> int:
            sent.append(offset)
            if len(sent) > 1:
                raise OSError(errno.EINVAL, "not this file")
            return os.sendfile(out, file, offset, min(count, 100_000))

        self.patch(_connection, "_sendfile", once)
        port = self.listen(server.Site(self.root))
        self.assertSame(await self.inThread(self.fetch, port))
        self.assertGreater(sent[-1], 0)

    async def test_shrinks(self) -> None:
        """A file that ends early ends the connection: the client must not take it for whole."""

        def shrunk(out: int, file: int, offset: int, count: int) -> int:
            return os.sendfile(out, file, offset, 1000) if not offset else 0

        self.patch(_connection, "_sendfile", shrunk)
        port = self.listen(server.Site(self.root))
        error = await self.inThread(self.assertRaises, ConnectionResetError, self.fetch, port)
        self.assertIsInstance(error, ConnectionResetError)

    async def test_onRealShrinking(self) -> None:
        """The same, as the system tells it."""
        size = 20 * SIZE  # more than the buffers of any socket, and nearly nothing on the disk
        os.truncate(self.path, size)
        port = self.listen(server.Site(self.root))

        def fetch() -> int:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(GET)
                received = len(client.recv(1000))
                os.truncate(self.path, 1)
                try:
                    while data := client.recv(65536):
                        received += len(data)
                except ConnectionResetError:
                    pass
                return received

        self.assertLess(await self.inThread(fetch), size)

    async def test_clientLeaves(self) -> None:
        """Nothing is left of a download that is not read to its end."""
        port = self.listen(server.Site(self.root))

        def fetch() -> None:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                client.sendall(GET)
                client.recv(1000)

        await self.inThread(fetch)
        self.assertSame(await self.inThread(self.fetch, port))
