"""Tests for twisted.python.util."""

from __future__ import annotations

import contextlib
import errno
import functools
import getpass
import grp
import io
import itertools
import os
import pwd
import sys
import warnings
from typing import Any, ClassVar

from twisted.python import util
from twisted.trial import unittest


class InsensitiveDictTests(unittest.SynchronousTestCase):
    """`InsensitiveDict`."""

    def test_preserve(self) -> None:
        """Keys are the same whatever their capitals; they are given back as written last."""
        d = util.InsensitiveDict({"Foo": 1, b"BAR": 2, 3: 4})
        for key in ("foo", "FOO", "Foo"):
            self.assertEqual(d[key], 1)
            self.assertIn(key, d)
            self.assertTrue(d.has_key(key))
        self.assertEqual(d[b"bar"], 2)
        self.assertNotIn("bar", d)
        self.assertEqual(d[3], 4)
        self.assertEqual(list(d), ["Foo", b"BAR", 3])
        d["fOO"] = 5
        self.assertEqual(list(d.items()), [("fOO", 5), (b"BAR", 2), (3, 4)])
        self.assertEqual(len(d), 3)

    def test_noPreserve(self) -> None:
        """Keys may be given back in lower case."""
        d = util.InsensitiveDict({"Foo": 1, b"Bar": 2}, preserve=False)
        self.assertEqual(list(d), ["foo", b"bar"])

    def test_methods(self) -> None:
        """The methods of a dict."""
        d = util.InsensitiveDict([("A", 1), ("B", 2)])
        self.assertEqual((d.get("a"), d.get("x"), d.get("x", 0)), (1, None, 0))
        self.assertEqual(d.setdefault("a", 9), 1)
        self.assertEqual(d.setdefault("c", 3), 3)
        self.assertEqual(d.pop("C"), 3)
        self.assertEqual(d.pop("C", None), None)
        self.assertRaises(KeyError, d.pop, "C")
        self.assertEqual(list(d.iterkeys()), ["A", "B"])
        self.assertEqual(list(d.itervalues()), [1, 2])
        self.assertEqual(list(d.iteritems()), [("A", 1), ("B", 2)])
        del d["a"]
        self.assertRaises(KeyError, lambda: d["A"])
        d.update({"b": 7})
        self.assertEqual(d.popitem(), ("b", 7))
        d["x"] = 1
        d.clear()
        self.assertEqual(len(d), 0)

    def test_copy(self) -> None:
        """A copy is another dict, of the same kind."""
        d = util.InsensitiveDict({"Foo": 1}, preserve=False)
        copied = d.copy()
        copied["BAR"] = 2
        self.assertEqual((len(d), list(copied)), (1, ["foo", "bar"]))

    def test_equality(self) -> None:
        """Another mapping is equal if it says the same."""
        d = util.InsensitiveDict({"Foo": 1})
        self.assertEqual(d, util.InsensitiveDict({"fOO": 1}))
        self.assertEqual(d, {"FOO": 1})
        self.assertNotEqual(d, {"Foo": 2})
        self.assertNotEqual(d, {"Foo": 1, "x": 2})
        self.assertNotEqual(d, 3)
        self.assertRaises(TypeError, hash, d)

    def test_repr(self) -> None:
        """Its text shows what is in it."""
        self.assertEqual(repr(util.InsensitiveDict({"Foo": 1})), "InsensitiveDict({'Foo': 1})")


class Point(util.FancyEqMixin, util.FancyStrMixin):
    """Equal by its place."""

    compareAttributes = ("x", "y")
    showAttributes: ClassVar[Any] = ("x", ("y", lambda y: f"<{y}>"), ("x", "wide", "%03d"))

    def __init__(self, x: int, y: int, colour: str = "red") -> None:
        self.x = x
        self.y = y
        self.colour = colour


class Point3(Point):
    """A subclass that compares the same."""


class FancyTests(unittest.SynchronousTestCase):
    """`FancyEqMixin` and `FancyStrMixin`."""

    def test_equal(self) -> None:
        """Only the attributes named count, and the class."""
        self.assertTrue(Point(1, 2) == Point(1, 2, "blue"))
        self.assertFalse(Point(1, 2) != Point(1, 2))
        self.assertTrue(Point(1, 2) != Point(1, 3))
        self.assertTrue(Point(1, 2) == Point3(1, 2))
        self.assertTrue(Point3(1, 2) == Point(1, 2))
        self.assertFalse(Point(1, 2) == (1, 2))
        self.assertEqual(hash(Point(1, 2)), hash(Point3(1, 2)))

    def test_otherDecides(self) -> None:
        """With an object of another class, that one may decide."""

        class Anything:
            __hash__ = object.__hash__

            def __eq__(self, other: object) -> bool:
                return True

        self.assertTrue(Point(1, 2) == Anything())

    def test_noAttributes(self) -> None:
        """Without attributes, an object equals itself alone."""

        class Bare(util.FancyEqMixin): ...

        bare = Bare()
        self.assertTrue(bare == bare)
        self.assertFalse(bare == Bare())
        self.assertEqual(hash(bare), hash(bare))

    def test_text(self) -> None:
        """Each way to show an attribute."""
        self.assertEqual(str(Point(1, 2)), "<Point x=1 y=<2> wide=001>")
        self.assertEqual(repr(Point(1, 2)), str(Point(1, 2)))

    def test_basename(self) -> None:
        """The name of the class can be replaced."""

        class Named(util.FancyStrMixin):
            fancybasename = "Better"

        self.assertEqual(str(Named()), "<Better>")


class SequenceTests(unittest.SynchronousTestCase):
    """Lists and steps."""

    def test_uniquify(self) -> None:
        """The first of equal items stays."""
        self.assertEqual(util.uniquify([3, 1, 3, 2, 1]), [3, 1, 2])

    def test_padTo(self) -> None:
        """A list is filled up, a longer one refused, the given one left alone."""
        given = [1]
        self.assertEqual(util.padTo(3, given), [1, None, None])
        self.assertEqual(util.padTo(2, given, default=0), [1, 0])
        self.assertEqual(util.padTo(1, (5,)), [5])
        self.assertEqual(given, [1])
        self.assertRaises(ValueError, util.padTo, 1, [1, 2])

    def test_lineLog(self) -> None:
        """The last lines are kept."""
        log = util.LineLog(2)
        self.assertEqual(log.str(), b"")
        for line in (b"a", b"b", "c"):
            log.append(line)
        self.assertEqual(log.str(), b"b\nc")
        self.assertEqual(log[0:1], [b"b"])
        log.clear()
        self.assertEqual(log.str(), b"")
        empty = util.LineLog(-1)
        empty.append("a")
        self.assertEqual(empty.str(), b"")

    def take(self, intervals: list[int], count: int, default: int = 60) -> list[Any]:
        return list(itertools.islice(util.IntervalDifferential(intervals, default), count))

    def test_intervals(self) -> None:
        """Each interval comes at its multiples; of two at once, the first goes first."""
        self.assertEqual(
            self.take([2, 3], 7), [(2, 0), (1, 1), (1, 0), (2, 0), (0, 1), (2, 0), (1, 1)]
        )
        self.assertEqual(self.take([5], 2), [(5, 0), (5, 0)])

    def test_noIntervals(self) -> None:
        """Without intervals, the default comes for ever."""
        self.assertEqual(self.take([], 2, 7), [(7, None), (7, None)])


class TextTests(unittest.SynchronousTestCase):
    """What makes texts."""

    def test_println(self) -> None:
        """The arguments are written with spaces between them."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            util.println("a", 1, None)
            util.println()
        self.assertEqual(out.getvalue(), "a 1 None\n\n")

    def test_nameToLabel(self) -> None:
        """Words begin where capitals do."""
        table = {
            "f": "F",
            "fo": "Fo",
            "foo": "Foo",
            "fooBar": "Foo Bar",
            "fooBarBaz": "Foo Bar Baz",
            "getHTTPHeader": "Get HTTP Header",
            "": "",
        }
        for name, expected in table.items():
            self.assertEqual(util.nameToLabel(name), expected)

    def test_statBar(self) -> None:
        """A bar of a constant width moves from one end to the other."""
        bar = util.makeStatBar(22, 100)
        self.assertEqual(bar(0), "[>-------------------]")
        self.assertEqual(bar(50), "[==========>---------]")
        self.assertEqual(bar(100), "[====================]")
        self.assertEqual(bar(150), bar(100))
        self.assertEqual({len(bar(i)) for i in range(101)}, {22})
        self.assertEqual(util.makeStatBar(8, 2, "#", ".", "@")(1), "[###@..]")


class PathTests(unittest.SynchronousTestCase):
    """`sibpath`, `searchupwards` and the directories of plugins."""

    def test_sibpath(self) -> None:
        """A path in the same directory, in text or bytes."""
        self.assertEqual(util.sibpath("/a/b.txt", "c"), "/a/c")
        self.assertEqual(util.sibpath(b"/a/b.txt", b"c"), b"/a/c")
        self.assertEqual(util.sibpath("here", "c"), os.path.join(os.getcwd(), "c"))

    def test_searchupwards(self) -> None:
        """The nearest directory with everything in it."""
        root = os.path.abspath(self.mktemp())
        deep = os.path.join(root, "a", "b")
        os.makedirs(deep)
        os.mkdir(os.path.join(root, "wanted.d"))
        for directory in (root, deep):
            with open(os.path.join(directory, "wanted"), "w"):
                pass
        self.assertEqual(util.searchupwards(deep, files=["wanted"]), deep + os.sep)
        self.assertEqual(
            util.searchupwards(deep, files=["wanted"], dirs=["wanted.d"]), root + os.sep
        )
        self.assertIsNone(util.searchupwards(deep, files=["no such file at all"]))
        # A directory is no file.
        self.assertIsNone(util.searchupwards(root, files=["wanted.d"]))

    def test_pluginDirs(self) -> None:
        """Directories of plugins are those that exist; they can be added to the path."""
        self.patch(sys, "path", ["x"])
        found = util.getPluginDirs()
        self.assertTrue(all(os.path.isdir(place) for place in found))
        util.addPluginDir()
        self.assertEqual(sys.path, ["x", *found])


class PasswordTests(unittest.SynchronousTestCase):
    """`getPassword`, without a terminal."""

    def answers(self, text: str) -> None:
        self.patch(sys, "stdin", io.StringIO(text))

    def test_pipe(self) -> None:
        """From a pipe, one line is read."""
        self.answers("secret \nmore\n")
        self.assertEqual(util.getPassword(), "secret ")
        self.assertEqual(util.getPassword(), "more")
        self.assertRaises(EOFError, util.getPassword)

    def test_confirm(self) -> None:
        """Two answers must be the same; else it is asked again."""
        self.answers("a\nb\nc\nc\n")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(util.getPassword(confirm=True, mismatchMessage="no"), "c")
        self.assertEqual(out.getvalue(), "no\n")

    def test_terminal(self) -> None:
        """A terminal is asked with the prompts."""

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        prompts: list[str] = []

        def ask(prompt: str) -> str:
            prompts.append(prompt)
            return "secret"

        self.patch(sys, "stdin", Terminal())
        self.patch(getpass, "getpass", ask)
        self.assertEqual(util.getPassword("first", True, confirmPrompt="second"), "secret")
        self.assertEqual(prompts, ["first", "second"])

    def test_noTerminal(self) -> None:
        """Where a terminal is required and missing, it is said so."""
        self.patch(os.path, "exists", lambda path: False)
        self.assertRaises(RuntimeError, util.getPassword, forceTTY=True)


class FakeIds:
    """The ids of a process, with the rules of the system and a list of the calls."""

    def __init__(self, euid: int = 0, egid: int = 0) -> None:
        self.euid, self.egid = euid, egid
        self.savedRoot = euid == 0
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def record(*args: Any) -> None:
            self.calls.append((name, *args))

        if name in ("setuid", "setgid", "setgroups", "initgroups"):
            return record
        return getattr(os, name)

    def geteuid(self) -> int:
        return self.euid

    getuid = geteuid

    def getegid(self) -> int:
        return self.egid

    def seteuid(self, uid: int) -> None:
        if self.euid != 0 and not (uid == 0 and self.savedRoot):
            raise PermissionError(errno.EPERM, "not allowed")
        self.calls.append(("seteuid", uid))
        self.euid = uid

    def setegid(self, gid: int) -> None:
        if self.euid != 0:
            raise PermissionError(errno.EPERM, "not allowed")
        self.calls.append(("setegid", gid))
        self.egid = gid


class IdTests(unittest.SynchronousTestCase):
    """Users and groups, on ids that are not those of the tests."""

    def fake(self, euid: int = 0, egid: int = 0) -> FakeIds:
        ids = FakeIds(euid, egid)
        self.patch(util, "os", ids)
        return ids

    def test_fromString(self) -> None:
        """Numbers and names of users and groups that exist."""
        user, group = pwd.getpwall()[0], grp.getgrall()[0]
        self.assertEqual(util.uidFromString("12345"), 12345)
        self.assertEqual(util.uidFromString(user.pw_name), user.pw_uid)
        self.assertEqual(util.gidFromString("12345"), 12345)
        self.assertEqual(util.gidFromString(group.gr_name), group.gr_gid)
        self.assertRaises(KeyError, util.uidFromString, "no such user at all")
        self.assertRaises(KeyError, util.gidFromString, "no such group at all")

    def test_asNobody(self) -> None:
        """Root becomes another user for a call, and returns."""
        ids = self.fake()
        seen = util.runAsEffectiveUser(1, 2, lambda *a, **k: (ids.euid, ids.egid, a, k), 3, x=4)
        self.assertEqual(seen, (1, 2, (3,), {"x": 4}))
        self.assertEqual((ids.euid, ids.egid), (0, 0))

    def test_asRoot(self) -> None:
        """Who was root becomes root for a call, and returns."""
        ids = self.fake(1, 2)
        ids.savedRoot = True
        self.assertEqual(util.runAsEffectiveUser(0, 0, lambda: (ids.euid, ids.egid)), (0, 0))
        self.assertEqual((ids.euid, ids.egid), (1, 2))

    def test_asSame(self) -> None:
        """Nothing is changed if nothing needs to."""
        ids = self.fake(1, 2)
        self.assertEqual(util.runAsEffectiveUser(1, 2, lambda: "done"), "done")
        self.assertEqual(ids.calls, [])

    def test_returnsAfterError(self) -> None:
        """An exception is let through, with the ids as before."""
        ids = self.fake()
        self.assertRaises(ZeroDivisionError, util.runAsEffectiveUser, 1, 2, divmod, 1, 0)
        self.assertEqual((ids.euid, ids.egid), (0, 0))

    def test_switch(self) -> None:
        """Group first, then the user's groups, then the user: the other way round is refused."""
        ids = self.fake()
        user = pwd.getpwuid(0)
        self.patch(pwd, "getpwuid", lambda uid: user)
        util.switchUID(12, 34)
        self.assertEqual(
            ids.calls, [("setgid", 34), ("initgroups", user.pw_name, 34), ("setuid", 12)]
        )

    def test_switchEffective(self) -> None:
        """Only the effective ids, if asked; the user's own group without another."""
        ids = self.fake()
        user = pwd.getpwuid(0)
        self.patch(pwd, "getpwuid", lambda uid: user)
        util.switchUID(12, 34, euid=True)
        self.assertEqual((ids.euid, ids.egid), (12, 34))
        ids = self.fake()
        util.switchUID(12, None)
        self.assertEqual(ids.calls, [("initgroups", user.pw_name, user.pw_gid), ("setuid", 12)])

    def test_switchUnknownUser(self) -> None:
        """A user without an entry has no further groups."""

        def unknown(uid: int) -> None:
            raise KeyError(uid)

        self.patch(pwd, "getpwuid", unknown)
        ids = self.fake()
        util.switchUID(12, 34)
        self.assertEqual(ids.calls, [("setgid", 34), ("setgroups", [34]), ("setuid", 12)])

    def test_switchToSelf(self) -> None:
        """To become who one is changes nothing and is worth a warning."""
        ids = self.fake(12, 34)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            util.switchUID(12, None)
        self.assertEqual(ids.calls, [])
        self.assertIn("user 12", str(caught[0].message))
        self.assertEqual(os.path.basename(caught[0].filename), os.path.basename(__file__))


class FunctionTests(unittest.SynchronousTestCase):
    """What is done with functions."""

    def test_raises(self) -> None:
        """Whether a call raises; other exceptions pass."""
        self.assertTrue(util.raises(ZeroDivisionError, divmod, 1, 0))
        self.assertFalse(util.raises(ZeroDivisionError, divmod, 1, 1))
        self.assertRaises(TypeError, util.raises, ZeroDivisionError, divmod, 1)

    def test_untilConcludes(self) -> None:
        """A call is repeated while signals interrupt it; other errors pass."""
        errors = [errno.EINTR, errno.EINTR, None]

        def call(a: int, b: int) -> int:
            code = errors.pop(0)
            if code is not None:
                raise OSError(code, "interrupted")
            return a + b

        self.assertEqual(util.untilConcludes(call, 1, b=2), 3)
        self.assertEqual(errors, [])
        errors.append(errno.EBADF)
        self.assertRaises(OSError, util.untilConcludes, call, 1, 2)

    def test_mergeFunctionMetadata(self) -> None:
        """Name, docstring, module and attributes are taken over."""

        def original(a: int) -> None:
            """Documented."""

        original.attribute = 1  # type: ignore[attr-defined]  # functions take any

        def other() -> str:
            return "other"

        other.own = 2  # type: ignore[attr-defined]  # functions take any
        merged: Any = util.mergeFunctionMetadata(original, other)
        self.assertIs(merged, other)
        self.assertEqual(merged(), "other")
        self.assertEqual(
            (merged.__name__, merged.__doc__, merged.__module__, merged.attribute, merged.own),
            ("original", "Documented.", __name__, 1, 2),
        )
        self.assertFalse(hasattr(merged, "__wrapped__"))

    def test_mergeWithoutName(self) -> None:
        """A callable without metadata has none to give."""

        def other() -> str:
            return "other"

        merged = util.mergeFunctionMetadata(functools.partial(print), other)
        self.assertEqual(merged.__name__, "other")

    def test_suppress(self) -> None:
        """Filters hold for the call and no longer."""

        def call(message: str, kind: Any = UserWarning) -> str:
            warnings.warn(message, kind, stacklevel=1)
            return message

        filters = [(("ignore", ".*quiet.*"), {}), (("ignore",), {"category": SyntaxWarning})]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.assertEqual(util.runWithWarningsSuppressed(filters, call, "be quiet"), "be quiet")
            util.runWithWarningsSuppressed(filters, call, "loud", kind=SyntaxWarning)
            self.assertEqual(caught, [])
            util.runWithWarningsSuppressed(filters, call, "loud")
            call("be quiet")
        self.assertEqual([str(w.message) for w in caught], ["loud", "be quiet"])

    def test_spewer(self) -> None:
        """Calls of functions and methods are shown, other events are not."""

        class Thing:
            def frame(self) -> Any:
                return sys._getframe()

        def frame() -> Any:
            return sys._getframe()

        with contextlib.redirect_stdout(io.StringIO()) as out:
            util.spewer(Thing().frame(), "call", None)
            util.spewer(frame(), "call", None)
            util.spewer(frame(), "line", None)
        first, second = out.getvalue().splitlines()
        self.assertIn(f"method frame of {__name__}.Thing", first)
        self.assertIn(f"function frame of module {__name__}", second)
