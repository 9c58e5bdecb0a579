"""A server of resources: give a `Site` to a reactor or to an endpoint, and it serves its root.

Chapter 2.8 of the documentation, and ``docs/howto/web.md``, tell the whole story.
"""

from twisted.web.error import UnsupportedMethod as UnsupportedMethod
from twisted.web.server._gzip import GzipEncoderFactory as GzipEncoderFactory
from twisted.web.server._request import NOT_DONE_YET as NOT_DONE_YET
from twisted.web.server._request import Request as Request
from twisted.web.server._request import supportedMethods as supportedMethods
from twisted.web.server._request import version as version
from twisted.web.server._session import Session as Session
from twisted.web.server._site import Site as Site

__all__ = [
    "NOT_DONE_YET",
    "GzipEncoderFactory",
    "Request",
    "Session",
    "Site",
    "UnsupportedMethod",
    "supportedMethods",
    "version",
]
