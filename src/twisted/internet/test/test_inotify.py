"""Changes of real files and directories, over every reactor; and what real ones do not show."""

from __future__ import annotations

import errno
import os
import re
import struct
import sys
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.internet import inotify
from twisted.internet._inotify import Event, _function, parse_events
from twisted.internet.inotify import INotify, humanReadableMask
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.test.conformance import ReactorSuite, casesFor, shippedReactors
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance.recorders import Fault, Watched
from twisted.logger import capturedLogs, formatEvent
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath
from twisted.trial import unittest

IS_LINUX = sys.platform == "linux"


class Changes(Watched):
    """Keeps what it is told as lines: the path below `root`, and what happened."""

    def __init__(self, root: FilePath[str]) -> None:
        super().__init__()
        self.root = os.fsencode(root.path)

    def changed(self, ignored: object, path: FilePath[bytes], mask: int) -> None:
        below = os.path.relpath(path.path, self.root).decode("ascii", "backslashreplace")
        self.note(f"{below} {'+'.join(humanReadableMask(mask))}")

    async def wait(self, line: str) -> None:
        await self.when(lambda: line in self.events)


class RealSuite(ReactorSuite):
    """The kernel's own."""

    capability = Capability.INOTIFY

    def setUp(self) -> None:
        if not IS_LINUX:
            raise unittest.SkipTest("inotify is Linux's")
        super().setUp()
        self.root = FilePath(self.mktemp())
        self.root.makedirs()
        self.changes = Changes(self.root)

    def begin(self) -> INotify:
        notifier = INotify(self.reactor)
        notifier.startReading()
        return notifier

    def watchRoot(self, notifier: INotify, **options: Any) -> int:
        return notifier.watch(self.root, callbacks=[self.changes.changed], **options)

    async def end(self, notifier: INotify) -> None:
        notifier.loseConnection()
        await self.until(lambda: notifier.disconnected)
        self.assertEqual(notifier.fileno(), -1)

    def test_entries(self) -> None:
        """Making, writing, renaming and deleting an entry of a directory."""

        async def scenario() -> None:
            notifier = self.begin()
            self.assertTrue(verifyObject(IReadDescriptor, notifier))
            self.watchRoot(notifier)
            one, two = self.root.child("one"), self.root.child("two")
            with one.open("w") as opened:
                opened.write(b"x")
            one.moveTo(two)
            two.chmod(0o600)
            two.remove()
            os.mkdir(self.root.child("sub").path)
            await self.changes.wait("sub create+is_dir")
            self.assertEqual(
                self.changes.events,
                [
                    "one create",
                    "one modify",
                    "one moved_from",
                    "two moved_to",
                    "two attrib",
                    "two delete",
                    "sub create+is_dir",
                ],
            )
            await self.end(notifier)

        self.play(scenario())

    def test_file(self) -> None:
        """A file itself, and the end of it."""

        async def scenario() -> None:
            notifier = self.begin()
            file = self.root.child("file")
            file.touch()
            number = notifier.watch(file, inotify.IN_MODIFY, callbacks=[self.changes.changed])
            self.assertEqual(notifier.watch(file, inotify.IN_DELETE_SELF), number)
            with file.open("w") as opened:
                opened.write(b"x")
            file.remove()
            await self.changes.wait("file delete_self")
            self.assertEqual(self.changes.events, ["file modify", "file delete_self"])
            # The watch has gone with it.
            self.assertRaises(KeyError, notifier.ignore, file)
            await self.end(notifier)

        self.play(scenario())

    def test_mask(self) -> None:
        """Only what was asked for is told, tree or not."""

        async def scenario() -> None:
            notifier = self.begin()
            self.watchRoot(notifier, mask=inotify.IN_DELETE, autoAdd=True)
            file = self.root.child("file")
            file.touch()
            file.remove()
            await self.changes.wait("file delete")
            self.assertEqual(self.changes.events, ["file delete"])
            await self.end(notifier)

        self.play(scenario())

    def test_oneShot(self) -> None:
        async def scenario() -> None:
            notifier = self.begin()
            self.watchRoot(notifier, mask=inotify.IN_CREATE | inotify.IN_ONESHOT)
            self.root.child("one").touch()
            self.root.child("two").touch()
            await self.changes.wait("one create")
            await self.turns(3)
            self.assertEqual(self.changes.events, ["one create"])
            self.assertRaises(KeyError, notifier.ignore, self.root)
            await self.end(notifier)

        self.play(scenario())

    def test_severalCallbacks(self) -> None:
        """One that raises does not keep the others from being called; each is called once."""

        def broken(*event: object) -> None:
            raise Fault("told")

        async def scenario() -> None:
            notifier = self.begin()
            notifier.watch(self.root, callbacks=[broken])
            for _ in range(2):
                self.watchRoot(notifier)
            self.root.child("one").touch()
            await self.changes.wait("one create")
            await self.turns(3)
            self.assertEqual(self.changes.events.count("one create"), 1)
            self.assertEqual(
                len(self.flushLoggedErrors(Fault)), len(self.changes.events), self.changes.events
            )
            await self.end(notifier)

        self.play(scenario())

    def test_ignore(self) -> None:
        async def scenario() -> None:
            notifier = self.begin()
            self.watchRoot(notifier)
            self.root.child("unheard").touch()
            notifier.ignore(self.root)
            error = self.assertRaises(KeyError, notifier.ignore, self.root)
            self.assertIn("is not watched", str(error))
            self.watchRoot(notifier)
            self.root.child("heard").touch()
            await self.changes.wait("heard create")
            self.assertNotIn("unheard create", self.changes.events)
            await self.end(notifier)

        self.play(scenario())

    def test_ignoreWhatIsGone(self) -> None:
        """A path can be ignored though it is there no more, and watched again."""

        async def scenario() -> None:
            notifier = self.begin()
            file = self.root.child("file")
            for _ in range(2):
                file.touch()
                notifier.watch(file, callbacks=[self.changes.changed])
                file.remove()
                notifier.ignore(file)
            await self.turns(3)
            self.assertEqual(self.changes.events, [])
            await self.end(notifier)

        self.play(scenario())

    def test_missing(self) -> None:
        async def scenario() -> None:
            notifier = self.begin()
            self.assertRaises(FileNotFoundError, notifier.watch, self.root.child("missing"))
            self.root.child("file").touch()
            with self.assertRaises(NotADirectoryError):
                notifier.watch(self.root.child("file"), inotify.IN_OPEN | inotify.IN_ONLYDIR)
            await self.end(notifier)

        self.play(scenario())

    def test_recursive(self) -> None:
        """Directories that are there are watched; links are not followed."""

        async def scenario() -> None:
            deep = self.root.child("a").child("b")
            deep.makedirs()
            os.symlink("/", self.root.child("link").path)
            os.symlink("..", deep.child("up").path)
            notifier = self.begin()
            self.watchRoot(notifier, recursive=True)
            deep.child("file").touch()
            await self.changes.wait("a/b/file create")
            os.mkdir(deep.child("new").path)
            await self.changes.wait("a/b/new create+is_dir")
            deep.child("new").child("unseen").touch()
            await self.turns(3)
            self.assertNotIn("a/b/new/unseen create", self.changes.events)
            self.assertRaises(KeyError, notifier.ignore, self.root.child("link"))
            await self.end(notifier)

        self.play(scenario())

    def test_autoAdd(self) -> None:
        """All that is made in new directories is told once, however quick it is made."""

        async def scenario() -> None:
            notifier = self.begin()
            self.watchRoot(notifier, autoAdd=True)
            deep = self.root.child("a").child("b")
            deep.makedirs()
            deep.child("early").touch()
            await self.changes.wait("a/b/early close_write+create")
            self.assertEqual(
                self.changes.events,
                ["a create+is_dir", "a/b create+is_dir", "a/b/early close_write+create"],
            )
            deep.child("late").touch()
            await self.changes.wait("a/b/late create")
            # What was found, deleted, and is made again is news.
            deep.child("early").remove()
            deep.child("early").touch()
            await self.changes.wait("a/b/early create")
            await self.end(notifier)

        self.play(scenario())

    def test_autoAddMoved(self) -> None:
        """A directory that is renamed has its new name; one that leaves is watched no more."""

        async def scenario() -> None:
            notifier = self.begin()
            self.watchRoot(notifier, autoAdd=True)
            outside = FilePath(self.mktemp())
            outside.makedirs()
            outside.child("inner").makedirs()
            arrived, renamed = self.root.child("arrived"), self.root.child("renamed")
            os.rename(outside.path, arrived.path)
            await self.changes.wait("arrived moved_to+is_dir")
            arrived.child("inner").child("one").touch()
            await self.changes.wait("arrived/inner/one create")
            os.rename(arrived.path, renamed.path)
            await self.changes.wait("renamed moved_to+is_dir")
            renamed.child("inner").child("two").touch()
            await self.changes.wait("renamed/inner/two create")
            os.rename(renamed.path, outside.path)
            outside.child("inner").child("unseen").touch()
            self.root.child("last").touch()
            await self.changes.wait("last create")
            self.assertFalse([line for line in self.changes.events if "unseen" in line])
            await self.end(notifier)

        self.play(scenario())

    def test_strangeNames(self) -> None:
        """Names are bytes, whatever they are."""

        async def scenario() -> None:
            notifier = self.begin()
            self.watchRoot(notifier)
            with open(os.path.join(os.fsencode(self.root.path), b"\xff\n" + b"x" * 253), "wb"):
                pass
            await self.changes.wait("\\xff\n" + "x" * 253 + " create")
            await self.end(notifier)

        self.play(scenario())

    def test_endInCallback(self) -> None:
        """After `loseConnection` nothing is told any more."""

        async def scenario() -> None:
            notifier = self.begin()
            notifier.watch(self.root, callbacks=[lambda *event: notifier.loseConnection()])
            self.watchRoot(notifier)
            for name in ("one", "two"):
                self.root.child(name).touch()
            await self.until(lambda: notifier.disconnected)
            self.assertEqual(self.changes.events, ["one create"])

        self.play(scenario())

    def test_shutdown(self) -> None:
        """The descriptor is closed with the reactor."""

        async def scenario() -> INotify:
            notifier = self.begin()
            self.watchRoot(notifier)
            return notifier

        self.assertTrue(self.play(scenario()).disconnected)


REACTORS = {name: make for name, make in shippedReactors().items() if name != "Fake"}
globals().update(casesFor([RealSuite], REACTORS, __name__))
# The suite itself has no reactor.
del RealSuite


class StandIn:
    """A reactor that does nothing."""

    def addReader(self, reader: object) -> None: ...

    removeReader = addWriter = removeWriter = addReader

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        raise AssertionError("nothing is to be planned")


class KernelTests(unittest.SynchronousTestCase):
    """What a kernel says that is hard to have said: a pipe stands in for it."""

    def setUp(self) -> None:
        queue, self.kernel = os.pipe()
        self.addCleanup(os.close, self.kernel)
        self.addCleanup(os.close, queue)
        os.set_blocking(queue, False)
        self.patch(inotify, "open_queue", lambda: os.dup(queue))
        self.patch(inotify, "add_watch", self.addWatch)
        self.watched: list[bytes] = []
        self.limit = 100
        self.root = FilePath(self.mktemp())
        self.root.makedirs()
        self.changes = Changes(self.root)
        self.notifier = INotify(StandIn())
        self.addCleanup(self.notifier.connectionLost, Failure(Fault("over")))

    def addWatch(self, queue: int, path: bytes, mask: int) -> int:
        if len(self.watched) == self.limit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.watched.append(path)
        return len(self.watched)

    def say(self, watch: int, mask: int, name: bytes = b"") -> None:
        os.write(self.kernel, struct.pack("iIII", watch, mask, 0, len(name)) + name)
        self.assertIsNone(self.notifier.doRead())

    def test_overflow(self) -> None:
        """Whoever is told of changes is told that there were others."""
        self.notifier.watch(self.root, callbacks=[self.changes.changed])
        with capturedLogs() as logged:
            self.say(-1, inotify.IN_Q_OVERFLOW)
        self.assertEqual(self.changes.events, [". queue_overflow"])
        self.assertIn("max_queued_events", formatEvent(logged[0]))

    def test_toldTwice(self) -> None:
        """What is found in a new directory, and told by the kernel as well, is told once."""
        self.notifier.watch(self.root, autoAdd=True, callbacks=[self.changes.changed])
        sub = self.root.child("sub")
        sub.makedirs()
        sub.child("file").touch()
        self.say(1, inotify.IN_CREATE | inotify.IN_ISDIR, b"sub")
        self.assertEqual(self.watched[1:], [os.fsencode(sub.path)])
        for _ in range(2):
            self.say(2, inotify.IN_CREATE, b"file")
        self.assertEqual(
            self.changes.events,
            ["sub create+is_dir", "sub/file close_write+create", "sub/file create"],
        )

    def test_goneAgain(self) -> None:
        """A directory that was deleted before it could be watched is told of all the same."""
        self.notifier.watch(self.root, autoAdd=True, callbacks=[self.changes.changed])

        def gone(*call: object) -> int:
            raise FileNotFoundError(errno.ENOENT, "gone")

        self.patch(inotify, "add_watch", gone)
        with capturedLogs() as logged:
            self.say(1, inotify.IN_CREATE | inotify.IN_ISDIR, b"sub")
        self.assertEqual((self.changes.events, logged), (["sub create+is_dir"], []))

    def test_limit(self) -> None:
        """At the limit of the user `watch` raises; a tree that grows over it says so in the log."""
        self.limit = 1
        self.notifier.watch(self.root, autoAdd=True, callbacks=[self.changes.changed])
        sub = self.root.child("sub")
        sub.makedirs()
        error = self.assertRaises(OSError, self.notifier.watch, sub)
        self.assertEqual(error.errno, errno.ENOSPC)
        with capturedLogs() as logged:
            self.say(1, inotify.IN_CREATE | inotify.IN_ISDIR, b"sub")
        self.assertIn("max_user_watches", formatEvent(logged[0]))
        self.assertEqual(self.changes.events, ["sub create+is_dir"])

    def test_unknownWatch(self) -> None:
        """Events of a watch that has been ended meanwhile are nobody's."""
        self.notifier.watch(self.root, callbacks=[self.changes.changed])
        self.say(77, inotify.IN_CREATE, b"file")
        self.assertEqual(self.changes.events, [])

    def test_unmount(self) -> None:
        """What was unmounted is watched no more."""
        self.notifier.watch(self.root, callbacks=[self.changes.changed])
        self.say(1, inotify.IN_UNMOUNT)
        self.say(1, inotify.IN_IGNORED)
        self.assertEqual(self.changes.events, [". unmount"])
        self.assertRaises(KeyError, self.notifier.ignore, self.root)

    def test_noInotify(self) -> None:
        """On other systems it says what is missing."""
        with self.assertRaises(NotImplementedError) as raised:
            _function("inotify_that_is_not_there")
        self.assertIn("Linux", str(raised.exception))


class WireTests(unittest.SynchronousTestCase):
    """The bytes of events, and the names of masks."""

    @settings(deadline=None, max_examples=50)
    @given(
        st.lists(
            st.tuples(
                st.integers(-1, 1 << 30),
                st.integers(0, (1 << 32) - 1),
                st.integers(0, (1 << 32) - 1),
                st.binary(max_size=255).filter(lambda name: b"\0" not in name),
                st.integers(0, 16),
            )
        )
    )
    def test_events(self, given: list[tuple[int, int, int, bytes, int]]) -> None:
        """Whatever is packed is found again, names without what they were filled up with."""
        data = b"".join(
            struct.pack("iIII", watch, mask, cookie, len(name) + fill) + name + b"\0" * fill
            for watch, mask, cookie, name, fill in given
        )
        self.assertEqual(list(parse_events(data)), [Event(*one[:4]) for one in given])

    def test_names(self) -> None:
        self.assertEqual(humanReadableMask(0), [])
        self.assertEqual(humanReadableMask(inotify.IN_CLOSE), ["close_write", "close_nowrite"])
        self.assertEqual(
            humanReadableMask(inotify.IN_CREATE | inotify.IN_ISDIR), ["create", "is_dir"]
        )
        self.assertEqual(
            humanReadableMask(inotify.IN_ONESHOT | inotify.IN_Q_OVERFLOW),
            ["queue_overflow", "one_shot"],
        )

    def test_numbers(self) -> None:
        """The numbers are those of the kernel's header."""
        header = "/usr/include/linux/inotify.h"
        if not os.path.exists(header):
            self.skipTest(f"there is no {header}")
        with open(header) as opened:
            for name, value in re.findall(r"#define\s+(IN_\w+)\s+(0x[0-9a-f]+)", opened.read()):
                if name in inotify.__all__:
                    self.assertEqual(getattr(inotify, name), int(value, 16), name)
