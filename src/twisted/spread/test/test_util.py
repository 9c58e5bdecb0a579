"""Tests of paging, and of local objects that are used as remote ones."""

from __future__ import annotations

import io
from typing import Any

from zope.interface import Interface, implementer

from twisted.internet.defer import fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.spread import pb, util
from twisted.spread.test.pair import Pair
from twisted.trial import unittest

TEXT = bytes(range(256)) * 300


class Library(pb.Root):
    """Sends large things."""

    def __init__(self) -> None:
        self.finished: list[Any] = []
        self.pagers: list[util.Pager] = []
        self.file = io.BytesIO(TEXT)

    def remote_text(self, collector: Any, text: bytes, size: int) -> None:
        done = self.finished.append
        self.pagers.append(util.StringPager(collector, text, size, done, "sent"))

    def remote_file(self, collector: Any) -> None:
        self.pagers.append(util.FilePager(collector, self.file, self.finished.append, "sent"))

    def remote_broken(self, collector: Any) -> None:
        raise pb.Error("no pages today")

    def remote_ping(self) -> str:
        return "pong"


class PagingTests(unittest.SynchronousTestCase):
    """Pages."""

    def setUp(self) -> None:
        self.library = Library()
        self.pair = Pair(self.library)

    def pages(self, *args: Any) -> Any:
        """Get all pages of something."""
        return self.pair.result(util.getAllPages(self.pair.root, *args))

    def test_string(self) -> None:
        """A string comes in pages of the size that was asked for; its sender is told of the end."""
        self.assertEqual(self.pages("text", b"x" * 20, 8), [b"x" * 8, b"x" * 8, b"x" * 4])
        self.assertEqual(self.library.finished, ["sent"])
        self.assertIsNone(self.pair.server.transport.producer)

    def test_edges(self) -> None:
        """A string that fills its pages has no more; an empty one is one page."""
        self.assertEqual(self.pages("text", b"x" * 16, 8), [b"x" * 8, b"x" * 8])
        self.assertEqual(self.pages("text", b"", 8), [b""])

    def test_file(self) -> None:
        """A file comes in pieces, and stays open."""
        self.assertEqual(b"".join(self.pages("file")), TEXT)
        self.assertEqual(self.library.finished, ["sent"])
        self.assertFalse(self.library.file.closed)

    def test_emptyFile(self) -> None:
        """An empty file has no pages."""
        self.library.file = io.BytesIO()
        self.assertEqual(self.pages("file"), [])
        self.assertEqual(self.library.finished, ["sent"])

    def test_together(self) -> None:
        """Several go side by side, and calls between them."""
        first = util.getAllPages(self.pair.root, "text", b"a" * 100, 10)
        second = util.getAllPages(self.pair.root, "file")
        ping = self.pair.root.callRemote("ping")
        self.assertEqual(self.pair.result(ping), "pong")
        self.assertEqual(len(self.pair.result(first)), 10)
        self.assertEqual(b"".join(self.pair.result(second)), TEXT)

    def test_onDemand(self) -> None:
        """A page is sent when the transport asks for it, and not before."""
        collected: list[Any] = []
        collector = util.CallbackPageCollector(collected.append)
        self.pair.root.callRemoteOnly("text", collector, b"x" * 20, 10)
        client, server = self.pair.client, self.pair.server
        server.dataReceived(client.transport.value())
        client.transport.clear()
        self.assertEqual(self.library.pagers[0].pointer, 0)  # type: ignore[attr-defined]  # a StringPager
        server.resumeProducing()
        self.assertEqual(self.library.pagers[0].pointer, 10)  # type: ignore[attr-defined]  # a StringPager
        self.pair.pump()
        self.assertEqual(collected, [[b"x" * 10, b"x" * 10]])

    def test_broken(self) -> None:
        """If the call fails there are no pages, and the caller knows."""
        self.assertTrue(self.pages("broken").check(pb.Error))

    def test_connectionLost(self) -> None:
        """A connection that ends between pages ends them."""
        pages = util.getAllPages(self.pair.root, "text", b"x" * 20, 10)
        client, server = self.pair.client, self.pair.server
        server.dataReceived(client.transport.value())
        server.resumeProducing()
        self.pair.disconnect(ConnectionDone())
        server.stopProducing()
        self.failureResultOf(pages, pb.PBConnectionLost)


class IGreeter(Interface):
    """Something that greets."""

    def greet(name: str) -> str:
        """Greet somebody."""


@implementer(IGreeter)
class Greeter:
    """Greets."""

    def greet(self, name: str) -> str:
        return f"hello {name}"

    def other(self) -> None:
        raise AssertionError("this is not in the interface")


class Local(util.LocalAsRemote):
    """A local object."""

    def sync_add(self, a: int, b: int = 1) -> int:
        return a + b

    def async_add(self, a: int) -> Any:
        raise AssertionError("the other is first")

    def async_later(self, value: Any) -> Any:
        return succeed(value)

    def async_fail(self) -> Any:
        return fail(ValueError("no"))


class LocalTests(unittest.SynchronousTestCase):
    """LocalAsRemote and LocalAsyncForwarder."""

    def test_calls(self) -> None:
        """Methods of either kind give Deferreds; they can be kept."""
        local = Local()
        self.assertEqual(self.successResultOf(local.callRemote("add", 1, b=2)), 3)
        self.assertEqual(self.successResultOf(local.remoteMethod("later")(4)), 4)

    def test_failures(self) -> None:
        """What fails is logged, and is the caller's."""
        local = Local()
        self.failureResultOf(local.callRemote("fail"), ValueError)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.failureResultOf(local.callRemote("nothing"), pb.NoSuchMethod)

    def test_quiet(self) -> None:
        """Or is the caller's alone."""
        local = Local()
        local.reportAllTracebacks = False
        self.failureResultOf(local.callRemote("fail"), ValueError)

    def test_forwarder(self) -> None:
        """A forwarder knows the methods of an interface."""
        forwarder = util.LocalAsyncForwarder(Greeter(), IGreeter)
        self.assertEqual(self.successResultOf(forwarder.callRemote("greet", "you")), "hello you")
        self.assertIsNone(self.successResultOf(forwarder.callRemote("other")))
        strict = util.LocalAsyncForwarder(Greeter(), IGreeter, failWhenNotImplemented=True)
        self.failureResultOf(strict.callRemote("other"), NotImplementedError)
