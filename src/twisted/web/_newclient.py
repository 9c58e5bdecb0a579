"""What programs know of the inside of clients: names from which Scrapy derives classes of its own.

A connection is a `HTTP11ClientProtocol`, and can be subclassed. Its parser is a name only: what
servers send is read by one strict grammar, and the parser of a subclass is not asked.
"""

from __future__ import annotations

from typing import Any

from twisted.web.client import (
    RequestGenerationFailed,
    RequestNotSent,
    RequestTransmissionFailed,
    Response,
    ResponseDone,
    ResponseFailed,
    ResponseNeverReceived,
    WrongBodyLength,
)
from twisted.web.client._connection import ClientConnection
from twisted.web.client._sending import ClientRequest as Request

__all__ = [
    "HEADER",
    "HTTP11ClientProtocol",
    "HTTPClientParser",
    "Request",
    "RequestGenerationFailed",
    "RequestNotSent",
    "RequestTransmissionFailed",
    "Response",
    "ResponseDone",
    "ResponseFailed",
    "ResponseNeverReceived",
    "STATUS",
    "WrongBodyLength",
]

#: What a parser of lines is at.
STATUS = "STATUS"
HEADER = "HEADER"


class HTTPClientParser:
    """The name of a parser."""


class HTTP11ClientProtocol(ClientConnection):
    """A connection to a server, under the name that subclasses know."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parser = HTTPClientParser()
