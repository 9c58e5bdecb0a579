"""Tests of published objects."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.spread import pb, publish
from twisted.spread.test.pair import Pair
from twisted.trial import unittest


class Page(publish.Publishable):
    """Something that is published."""

    text = "first"
    asked = 0

    def getStateToPublish(self) -> Any:
        self.asked += 1
        return {"text": self.text}


class RemotePage(publish.RemotePublished):
    """Its copy."""

    text: str
    told = False

    def activated(self) -> None:
        self.told = True


pb.setUnjellyableForClass(Page, RemotePage)


class Site(pb.Root):
    """Serves the page."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def remote_page(self) -> Any:
        return self.page


class PublishTests(unittest.SynchronousTestCase):
    """A page, and who reads it."""

    def setUp(self) -> None:
        folder = self.mktemp()
        os.makedirs(folder)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(folder)
        self.page = Page("front/../page")

    def read(self) -> Any:
        """The copy that a new peer gets."""
        pair = Pair(Site(self.page))
        copy = pair.result(publish.whenReady(pair.root.callRemote("page")))
        self.addCleanup(pair.disconnect, ConnectionDone())
        return copy

    def test_first(self) -> None:
        """The state comes after the copy, and the copy says so."""
        copy = self.read()
        self.assertIsInstance(copy, RemotePage)
        self.assertEqual((copy.text, copy.told, copy.isActivated), ("first", True, True))

    def test_again(self) -> None:
        """The next time it is taken from the file, until it changes."""
        self.read()
        self.assertEqual(self.read().text, "first")
        self.assertEqual(self.page.asked, 1)
        self.page.text = "second"
        self.page.timestamp += 1
        self.assertEqual(self.read().text, "second")
        self.assertEqual(self.page.asked, 2)

    def test_republish(self) -> None:
        """A change is told by its time."""
        self.page.timestamp = 0
        self.page.republish()
        self.assertGreater(self.page.timestamp, 0)

    def test_fileName(self) -> None:
        """What the peer calls it does not lead out of the folder."""
        copy = self.read()
        self.assertEqual(copy.getFileName(), "None-None-front%2F..%2Fpage.pub")
        self.assertEqual(os.listdir("."), [copy.getFileName()])
        self.assertEqual(copy.getFileName("txt"), "None-None-front%2F..%2Fpage.txt")

    def test_brokenFile(self) -> None:
        """A file that is not what was put there counts as none."""
        name = self.read().getFileName()
        for content in (b"", b"\xff", b"\x01\x81", b"\x02\x80\x04\x82list\x01\x81"):
            with open(name, "wb") as file:
                file.write(content)
            self.assertEqual(self.read().text, "first")

    def test_unwritable(self) -> None:
        """If the state cannot be kept it is there all the same, and the log says why."""
        self.page.publishedID = "x" * 5000
        self.assertEqual(self.read().text, "first")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_failed(self) -> None:
        """A publisher that fails is logged, at both ends."""
        self.patch(self.page, "getStateToPublish", lambda: 1 / 0)
        pair = Pair(Site(self.page))
        copy = pair.call("page")
        self.assertFalse(copy.isActivated)
        self.assertEqual(len(self.flushLoggedErrors()), 2)
        pair.disconnect(ConnectionDone())

    def test_nothing(self) -> None:
        """A publishable has to say what it publishes."""
        self.assertRaises(NotImplementedError, publish.Publishable("x").getStateToPublish)
