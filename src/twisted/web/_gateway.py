"""What is told of a request to programs behind a gateway: the variables of CGI (RFC 3875, 4.1).

WSGI (PEP 3333) has the same. Headers of the client become variables that begin with ``HTTP_``, but
for two kinds. `Proxy` would be ``HTTP_PROXY``, which many libraries take for the proxy to use
(CVE-2016-1000111). A name with an underscore would be the same variable as the name with a hyphen,
and so could stand for one that a server in front of this one has set or taken away.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer
from twisted.web.http import BodyStream

__all__ = ["headerVariables", "requestVariables", "spooled"]

# The server has undone the transfer coding; the body has a length, or an end.
_NOT_TOLD = (b"proxy", b"transfer-encoding")
_OWN = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def headerVariables(request: Any) -> dict[str, str]:
    """The headers of a request, as variables; what is not ASCII in them is Latin-1."""
    variables: dict[str, str] = {}
    for wireName, values in request.requestHeaders.getAllRawHeaders():
        name = wireName.lower()
        if name in _NOT_TOLD or b"_" in name:
            continue
        if name in _OWN:
            variables[_OWN[name]] = values[-1].decode("latin-1")
            continue
        between = b"; " if name == b"cookie" else b","
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        variables[key] = between.join(values).decode("latin-1")
    return variables


def _path(parts: list[bytes]) -> str:
    return "".join(["/" + part.decode("latin-1") for part in parts])


def requestVariables(request: Any) -> dict[str, str]:
    """What CGI and WSGI tell alike of a request; what is not ASCII is Latin-1.

    Args:
        request: one that has led to its resource: `prepath` is that of the program, `postpath` is
            for the program to look at.
    """
    secure = request.isSecure()
    peer = request.getClientAddress()
    port = getattr(request.getHost(), "port", None)
    variables = headerVariables(request)
    variables["REQUEST_METHOD"] = request.method.decode("latin-1")
    variables["SCRIPT_NAME"] = _path(request.prepath)
    variables["PATH_INFO"] = _path(request.postpath)
    variables["QUERY_STRING"] = request.uri.partition(b"?")[2].decode("latin-1")
    variables["REMOTE_ADDR"] = request.getClientIP() or ""
    variables["REMOTE_PORT"] = str(getattr(peer, "port", ""))
    variables["SERVER_NAME"] = request.getRequestHostname().decode("latin-1") or "localhost"
    variables["SERVER_PORT"] = str(port or (443 if secure else 80))
    variables["SERVER_PROTOCOL"] = request.clientproto.decode("latin-1")
    return variables


@implementer(IConsumer)
class _Spool:
    """Keeps what is written to it: a little in memory, more in a file."""

    def __init__(self, memoryBytes: int) -> None:
        self.file = SpooledTemporaryFile(max_size=memoryBytes)  # noqa: SIM115  # its user's

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """It is as fast as the disk."""

    def unregisterProducer(self) -> None:
        """That was all."""

    def write(self, data: bytes) -> None:
        """Keep a piece."""
        self.file.write(data)


def spooled(request: Any) -> Deferred[BinaryIO]:
    """All of the body of a request, when it is there, in a file that its user closes.

    Args:
        request: one whose `content` is a stream of a length that nobody knows.
    """
    stream: BodyStream = request.content
    spool = _Spool(request.channel.limits.memoryBytes)

    def complete(result: object) -> BinaryIO:
        spool.file.seek(0)
        return cast(BinaryIO, spool.file)

    def broken(reason: Any) -> Any:
        spool.file.close()
        return reason

    return stream.deliverTo(spool).addCallbacks(complete, broken)
