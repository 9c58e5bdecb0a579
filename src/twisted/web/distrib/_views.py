"""Twisted's own at the other end: requests that are answered through a view of the original.

Such a copy comes with all of its body, and is answered in the words of `server.Request`. It cannot
be broken off, and says nothing of a client that goes away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.spread import pb
from twisted.web.distrib._wire import VIEWED, call

__name__ = "twisted.web.distrib"  # the public path, for pickles and messages

#: The words of `addCookie` for the attributes of a cookie.
_ATTRIBUTES = {"expires", "domain", "path", "max_age", "comment", "secure", "httpOnly", "sameSite"}
_WORDS = {word.lower().replace("_", "-").encode("ascii"): word for word in _ATTRIBUTES}


class Viewed(pb.Copyable):
    """A request, as it is copied for a publisher that takes all at once."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def getTypeToCopy(self) -> str:
        return VIEWED

    def getStateToCopyFor(self, perspective: Any) -> dict[str, Any]:
        state: dict[str, Any] = self._request.getStateToCopyFor(perspective)
        return state


class _Producing(pb.Referenceable):
    """What paces the producer of a response."""

    def __init__(self, control: Any) -> None:
        self.remote_pauseProducing = control.remote_pauseProducing
        self.remote_resumeProducing = control.remote_resumeProducing
        self.remote_stopProducing = control.remote_gone


class Views:
    """Answers as an `_Answering` does, through a view.

    Args:
        view: the reference to it.
        body: of the request.
    """

    def __init__(self, view: Any, body: bytes) -> None:
        self._view = view
        self._body = body
        self._control: Any = None
        self.notifyOnDisconnect: Callable[..., None] = view.notifyOnDisconnect
        self.dontNotifyOnDisconnect: Callable[..., None] = view.dontNotifyOnDisconnect

    def callRemote(self, what: str, *args: Any) -> Deferred[Any]:
        """Do what an `_Answering` is asked for."""
        if what == "begin":
            (self._control,) = args
            return succeed(None)
        if what == "read":
            body, self._body = self._body, b""
            return succeed(body or None)
        if what == "head":
            return self._head(*args)
        if what == "registerProducer":
            return call(self._view, what, _Producing(self._control), True)
        # There is no way to break off: it ends, and is too short.
        return call(self._view, "finish" if what == "abort" else what, *args)

    def _head(self, code: int, message: bytes, fields: list[tuple[bytes, bytes]]) -> Deferred[Any]:
        calls = [call(self._view, "setResponseCode", code, message)]
        headers: dict[bytes, bytes] = {}
        for name, value in fields:
            if name.lower() == b"set-cookie":
                calls.append(self._cookie(value))
            else:
                headers[name] = headers[name] + b", " + value if name in headers else value
        calls += [call(self._view, "setHeader", *header) for header in headers.items()]
        return DeferredList(calls, fireOnOneErrback=True, consumeErrors=True)

    def _cookie(self, value: bytes) -> Deferred[Any]:
        pair, *attributes = value.split(b";")
        name, _, content = pair.partition(b"=")
        words: dict[str, Any] = {}
        for attribute in attributes:
            key, given, said = attribute.strip().partition(b"=")
            words[_WORDS[key.lower()]] = said if given else True
        return call(self._view, "addCookie", name, content, **words)


def fromView(state: dict[str, Any]) -> dict[str, Any]:
    """The state of a copy in our words, from that of one in theirs."""
    body = state["content_data"]
    if not isinstance(body, bytes):
        raise TypeError("a body is bytes")
    headers = state["requestHeaders"]
    return {
        "method": state["method"],
        "uri": state["uri"],
        "minor": int(state["clientproto"].endswith(b"1.1")),
        "headers": [(name, value) for name, values in headers for value in values],
        "prepath": state["prepath"],
        "postpath": state["postpath"],
        "length": len(body),
        "peer": _address(state["client"]),
        "host": _address(state["host"]),
        "secure": state.get("_forceSSL", False),
        "answering": Views(state["remote"], body),
    }


def _address(said: tuple[Any, ...]) -> tuple[str, Any, Any]:
    return ("TCP", said[1], said[2]) if said[0] == "INET" else ("UNIX", None, None)
