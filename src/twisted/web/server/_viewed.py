"""Requests that are given to another process over Perspective Broker; see `twisted.web.distrib`.

Twisted's own has the copy of a request answered through a view of the original: the methods here
that begin with ``view_``. `distrib` has words of its own between two ends that know them, and uses
these with others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.python.reflect import namedAny

__name__ = "twisted.web.server"  # the public path, for pickles and messages


@implementer(IPushProducer)
class _Distant:
    """A producer in another process."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def _tell(self, what: str) -> None:
        # If the other process has gone it produces nothing any more.
        self._producer.callRemote(what).addErrback(lambda reason: None)

    def pauseProducing(self) -> None:
        self._tell("pauseProducing")

    def resumeProducing(self) -> None:
        self._tell("resumeProducing")

    def stopProducing(self) -> None:
        self._tell("stopProducing")


def _described(address: IAddress) -> tuple[Any, ...]:
    """An address, as it is in the state of a copy."""
    host = getattr(address, "host", None)
    if host is None:
        return ("UNIX", getattr(address, "name", None))
    return ("INET", host, getattr(address, "port", 0))


class Viewed:
    """What another process sees of a request; `issuer` is who asks, and of no matter."""

    # What a request has, and what it can do.
    write: Callable[[bytes], None]
    finish: Callable[[], None]
    addCookie: Callable[..., None]
    setHeader: Callable[[Any, Any], None]
    setLastModified: Callable[[float], Any]
    setETag: Callable[[bytes], Any]
    setResponseCode: Callable[..., None]
    registerProducer: Callable[[Any, bool], None]
    unregisterProducer: Callable[[], None]

    def getStateToCopyFor(self, issuer: Any) -> dict[str, Any]:
        """What is copied of the request, with all of its body, and a view to answer it by."""
        request: Any = self
        request.content.seek(0)
        names = "method uri path clientproto args prepath postpath sitepath received_cookies queued"
        return {
            **{name: getattr(request, name) for name in names.split()},
            "requestHeaders": [
                (name, list(values)) for name, values in request.requestHeaders.getAllRawHeaders()
            ],
            "client": _described(request.getClientAddress()),
            "host": _described(request.getHost()),
            "content_data": request.content.read(),
            # Whoever makes copies has loaded it; a server that makes none does without.
            "remote": namedAny("twisted.spread.flavors.ViewPoint")(issuer, request),
        }

    def view_write(self, issuer: Any, data: bytes) -> None:
        """See `write`."""
        self.write(data)

    def view_finish(self, issuer: Any) -> None:
        """See `finish`."""
        self.finish()

    def view_addCookie(self, issuer: Any, k: Any, v: Any, **kwargs: Any) -> None:
        """See `addCookie`."""
        self.addCookie(k, v, **kwargs)

    def view_setHeader(self, issuer: Any, k: Any, v: Any) -> None:
        """See `setHeader`."""
        self.setHeader(k, v)

    def view_setLastModified(self, issuer: Any, when: float) -> None:
        """See `setLastModified`."""
        self.setLastModified(when)

    def view_setETag(self, issuer: Any, tag: bytes) -> None:
        """See `setETag`."""
        self.setETag(tag)

    def view_setResponseCode(self, issuer: Any, code: int, message: bytes | None = None) -> None:
        """See `setResponseCode`."""
        self.setResponseCode(code, message)

    def view_registerProducer(self, issuer: Any, producer: Any, streaming: bool) -> None:
        """See `registerProducer`; the producer is a reference to one."""
        self.registerProducer(_Distant(producer), streaming)

    def view_unregisterProducer(self, issuer: Any) -> None:
        """See `unregisterProducer`."""
        self.unregisterProducer()
