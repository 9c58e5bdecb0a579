"""Helpers for Perspective Broker: large data in pages, and local objects used as remote ones.

A page is one call; the next is made when the transport has room for it, so that other calls get
between, and nothing large waits in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, BinaryIO

from zope.interface import implementer

from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.interfaces import IConsumer
from twisted.logger import Logger
from twisted.protocols.basic import FileSender
from twisted.python.failure import Failure
from twisted.spread.flavors import NoSuchMethod
from twisted.spread.pb import Referenceable

__all__ = [
    "CallbackPageCollector",
    "FilePager",
    "LocalAsRemote",
    "LocalAsyncForwarder",
    "LocalMethod",
    "Pager",
    "StringPager",
    "getAllPages",
]

_log = Logger()


class LocalMethod:
    """A method of a `LocalAsRemote`, to be called later."""

    def __init__(self, local: LocalAsRemote, name: str) -> None:
        self.local = local
        self.name = name

    def __call__(self, *args: Any, **kw: Any) -> Deferred[Any]:
        """Call it; see `LocalAsRemote.callRemote`."""
        return self.local.callRemote(self.name, *args, **kw)


class LocalAsRemote:
    """A base class of objects of this process that are used as remote ones are.

    Its methods are called `sync_<name>` or `async_<name>`; the latter return Deferreds.

    Attributes:
        reportAllTracebacks: whether exceptions are logged too.
    """

    reportAllTracebacks = True

    def callRemote(self, name: str, *args: Any, **kw: Any) -> Deferred[Any]:
        """Call a method.

        Args:
            name: without its prefix.
            *args: what it is called with.
            **kw: the same, by name.

        Returns:
            A Deferred of what it returns, which fails with what it raises.
        """
        method = getattr(self, f"sync_{name}", None) or getattr(self, f"async_{name}", None)
        if method is None:
            return fail(NoSuchMethod(f"No such method: sync_{name} or async_{name}"))
        result: Deferred[Any] = maybeDeferred(method, *args, **kw)
        if self.reportAllTracebacks:
            result.addErrback(self._report)
        return result

    def _report(self, reason: Any) -> Any:
        _log.failure("Local method called as a remote one failed", failure=reason)
        return reason

    def remoteMethod(self, name: str) -> LocalMethod:
        """A method, to be called later."""
        return LocalMethod(self, name)


class LocalAsyncForwarder:
    """Calls the methods of an interface, of an object of this process, as if it were remote.

    Args:
        forwarded: the object.
        interfaceClass: what it may be called by.
        failWhenNotImplemented: whether a method that is not in the interface is a failure; it
            returns None else.
    """

    def __init__(
        self, forwarded: Any, interfaceClass: Any, failWhenNotImplemented: bool = False
    ) -> None:
        assert interfaceClass.providedBy(forwarded), f"{forwarded!r} has no {interfaceClass!r}"
        self.forwarded = forwarded
        self.interfaceClass = interfaceClass
        self.failWhenNotImplemented = failWhenNotImplemented

    def callRemote(self, method: str, *args: Any, **kw: Any) -> Deferred[Any]:
        """Call a method; returns a Deferred of what it returns."""
        if self.interfaceClass.queryDescriptionFor(method) is not None:
            return maybeDeferred(getattr(self.forwarded, method), *args, **kw)
        if self.failWhenNotImplemented:
            return fail(NotImplementedError(f"No such method in interface: {method}"))
        return succeed(None)


class Pager:
    """Sends something in pages.  Override `nextPage`.

    Args:
        collector: a reference to the peer's collector of pages.
        callback: called when all is sent.
        *args: what `callback` is called with.
        **kw: the same, by name.
    """

    def __init__(
        self, collector: Any, callback: Callable[..., Any] | None = None, *args: Any, **kw: Any
    ) -> None:
        self._paging = True
        self.collector = collector
        self._callback = callback
        self._arguments = args, kw
        collector.broker.registerPageProducer(self)

    def stillPaging(self) -> bool:
        """Whether there are more pages; when there are none `callback` is called, once."""
        if not self._paging and self._callback is not None:
            callback, self._callback = self._callback, None
            args, kw = self._arguments
            callback(*args, **kw)
        return self._paging

    def sendNextPage(self) -> None:
        """Send a page; the transport has room for it."""
        self.collector.callRemoteOnly("gotPage", self.nextPage())
        if not self._paging:
            self.collector.callRemoteOnly("endedPaging")

    def nextPage(self) -> Any:
        """The next page.  Override this, and call `stopPaging` with the last."""
        raise NotImplementedError(f"{type(self).__qualname__} does not say what its pages are")

    def stopPaging(self) -> None:
        """The page that is being sent is the last."""
        self._paging = False


class StringPager(Pager):
    """Sends a byte string in pages.

    Args:
        collector: a reference to the peer's collector of pages.
        st: what to send.
        chunkSize: bytes of a page.
        callback: called when all is sent.
        *args: what `callback` is called with.
        **kw: the same, by name.
    """

    def __init__(
        self,
        collector: Any,
        st: bytes,
        chunkSize: int = 8192,
        callback: Callable[..., Any] | None = None,
        *args: Any,
        **kw: Any,
    ) -> None:
        self.string = st
        self.pointer = 0
        self.chunkSize = chunkSize
        super().__init__(collector, callback, *args, **kw)

    def nextPage(self) -> bytes:
        """The next bytes."""
        page = self.string[self.pointer : self.pointer + self.chunkSize]
        self.pointer += self.chunkSize
        if self.pointer >= len(self.string):
            self.stopPaging()
        return page


@implementer(IConsumer)
class FilePager(Pager):
    """Sends a file in pages.

    Args:
        collector: a reference to the peer's collector of pages.
        fd: a file that is open for reading bytes; it is read to its end, and not closed.
        callback: called when all is sent.
        *args: what `callback` is called with.
        **kw: the same, by name.
    """

    def __init__(
        self,
        collector: Any,
        fd: BinaryIO,
        callback: Callable[..., Any] | None = None,
        *args: Any,
        **kw: Any,
    ) -> None:
        self._chunks: deque[bytes] = deque()
        self._producer: Any = None
        self.startProducing(fd)
        super().__init__(collector, callback, *args, **kw)

    def startProducing(self, fd: BinaryIO) -> None:
        """Begin to read a file."""
        self.deferred: Deferred[Any] = FileSender().beginFileTransfer(fd, self)
        # The end is told by unregisterProducer, and a pager that is let go of has no one to tell.
        self.deferred.addErrback(lambda _: None)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Take who reads the file, and read its first piece."""
        self._producer = producer
        producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """The file is at its end."""
        self._producer = None

    def write(self, chunk: bytes) -> None:
        """Take a piece of the file."""
        self._chunks.append(chunk)

    def sendNextPage(self) -> None:
        """Send a piece of the file, and read the next."""
        if self._producer is not None:
            self._producer.resumeProducing()
        if self._chunks:
            super().sendNextPage()
        else:
            self.stopPaging()
            self.collector.callRemoteOnly("endedPaging")

    def nextPage(self) -> bytes:
        """The next piece."""
        page = self._chunks.popleft()
        if not self._chunks and self._producer is None:
            self.stopPaging()
        return page


class CallbackPageCollector(Referenceable):
    """Collects pages, and calls back with a list of them.

    Args:
        callback: takes the list.
    """

    def __init__(self, callback: Callable[[list[Any]], Any]) -> None:
        self.pages: list[Any] = []
        self.callback = callback

    def remote_gotPage(self, page: Any) -> None:
        """Take a page."""
        self.pages.append(page)

    def remote_endedPaging(self) -> None:
        """That was the last."""
        self.callback(self.pages)


def getAllPages(referenceable: Any, methodName: str, *args: Any, **kw: Any) -> Deferred[list[Any]]:
    """Call a remote method that takes a collector first, and collect the pages that it sends.

    Args:
        referenceable: a reference.
        methodName: the method, without its prefix.
        *args: what it is called with, after the collector.
        **kw: the same, by name.

    Returns:
        A Deferred of the list of pages.  It fails if the call does.
    """
    pages: Deferred[list[Any]] = Deferred()
    collector = CallbackPageCollector(pages.callback)
    call = referenceable.callRemote(methodName, collector, *args, **kw)
    call.addErrback(_unlessCalled, pages)
    return pages


def _unlessCalled(reason: Failure, pages: Deferred[list[Any]]) -> None:
    if not pages.called:
        pages.errback(reason)
