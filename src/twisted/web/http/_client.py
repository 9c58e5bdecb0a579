"""The oldest way to be a client of HTTP: one request, one response, by callbacks."""

from __future__ import annotations

from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

__name__ = "twisted.web.http"  # the public path, for pickles and messages


class PotentialDataLoss(Exception):
    """A response ended with its connection: whether all of it has arrived cannot be told."""


class _DataLoss(Exception):
    """The rest of a body is missing, or cannot be read."""


class HTTPClient(LineReceiver):
    """Asks one thing of a server, in HTTP/1.0; override the `handle` methods.

    Attributes:
        length: how much of the body is missing; None if that is not known.
        firstLine: whether the status has not arrived.
    """

    length: int | None = None
    firstLine: bool | int = True

    def __init__(self) -> None:
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def sendCommand(self, command: bytes, path: bytes) -> None:
        """Begin a request."""
        self.transport.write(b"%b %b HTTP/1.0\r\n" % (command, path))

    def sendHeader(self, name: bytes, value: bytes | int) -> None:
        """Send a header of the request."""
        text = b"%d" % value if isinstance(value, int) else value
        self.transport.write(b"%b: %b\r\n" % (name, text))

    def endHeaders(self) -> None:
        """There are no more headers."""
        self.transport.write(b"\r\n")

    def lineReceived(self, line: bytes) -> None:
        """Read the status and the headers."""
        if self.firstLine:
            self.firstLine = False
            version, _, rest = line.partition(b" ")
            status, _, message = rest.partition(b" ")
            self.handleStatus(version, status, message)
        elif line:
            self.extractHeader(line)
        else:
            self.handleEndHeaders()
            self.setRawMode()

    def extractHeader(self, header: bytes) -> None:
        """Take a header apart, and give it to `handleHeader`."""
        key, _, value = header.partition(b":")
        if key.lower() == b"content-length" and value.strip().isdigit():
            self.length = int(value)
        self.handleHeader(key, value.strip())

    def rawDataReceived(self, data: bytes) -> None:
        """Read the body, as long as it is, and give it to `handleResponsePart`."""
        if self.length is None:
            self.handleResponsePart(data)
            return
        wanted = data[: self.length]
        self.length -= len(wanted)
        self.handleResponsePart(wanted)
        if not self.length:
            self.handleResponseEnd()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The response is complete, as far as there was one."""
        self.handleResponseEnd()

    def handleStatus(self, version: bytes, status: bytes, message: bytes) -> None:
        """The status has arrived. Override this."""

    def handleHeader(self, key: bytes, val: bytes) -> None:
        """A header has arrived. Override this."""

    def handleEndHeaders(self) -> None:
        """All headers have arrived. Override this."""

    def handleResponsePart(self, data: bytes) -> None:
        """A piece of the body has arrived. This keeps it for `handleResponse`."""
        self._body.append(data)

    def handleResponseEnd(self) -> None:
        """The response is complete. This calls `handleResponse` with its body, once."""
        body, self._body = self._body, []
        if body or not self.firstLine:
            self.firstLine = True
            self.handleResponse(b"".join(body))

    def handleResponse(self, response: bytes) -> None:
        """The response is complete. Override this."""


class StringTransport:
    """Joins what is written to it, in `writeSequence`, as a transport would send it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writeSequence(self, seq: Any) -> None:
        """Keep the pieces."""
        self._pieces.extend(seq)

    def getvalue(self) -> bytes:
        """All that was written."""
        return b"".join(self._pieces)
