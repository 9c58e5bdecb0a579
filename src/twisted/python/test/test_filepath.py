"""Tests for twisted.python.filepath: names, and the security of names."""

from __future__ import annotations

import builtins
import os
import pickle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.python.filepath import (
    AbstractFilePath,
    FilePath,
    IFilePath,
    InsecurePath,
)
from twisted.python.test._tree import PathCase
from twisted.trial import unittest


class NameTests(PathCase):
    """Paths from paths, without a look at the files."""

    def test_absolute(self) -> None:
        """A path is made absolute at once."""
        relative = FilePath("x/../y")
        self.assertEqual(relative.path, os.path.join(os.getcwd(), "y"))
        self.assertTrue(relative.isabs())

    def test_parts(self) -> None:
        """The parts of a path."""
        path = self.path.child("sub1").child("a.tar.gz")
        self.assertEqual(path.basename(), "a.tar.gz")
        self.assertEqual(path.dirname(), os.path.join(self.root, "sub1"))
        self.assertEqual(path.splitext(), (os.path.join(self.root, "sub1", "a.tar"), ".gz"))
        self.assertEqual(path.parent(), self.path.child("sub1"))
        self.assertEqual(path.sibling("b"), self.path.child("sub1").child("b"))
        self.assertEqual(FilePath("/").parent(), FilePath("/"))
        self.assertEqual(path.sep, os.sep)
        self.assertEqual(repr(FilePath("/a")), "FilePath('/a')")
        self.assertEqual(os.fspath(path), path.path)

    def test_interface(self) -> None:
        """The interface is provided."""
        self.assertTrue(verifyObject(IFilePath, self.path))

    def test_comparison(self) -> None:
        """Paths compare, sort and hash as their text does, and only with paths."""
        a, b = FilePath("/a"), FilePath("/b")
        self.assertTrue(a < b and b > a and a <= b and a != b)
        self.assertEqual(FilePath("/a"), a)
        self.assertEqual(len({a, FilePath("/a"), b}), 2)
        self.assertNotEqual(a, "/a")
        self.assertRaises(TypeError, lambda: a < "/b")  # type: ignore[operator]  # so it is
        self.assertEqual(sorted([b, a]), [a, b])

    def test_textIsNotBytes(self) -> None:
        """The same path in text and in bytes are two."""
        self.assertNotEqual(FilePath("/a"), FilePath(b"/a"))
        mixed: list[FilePath[Any]] = [FilePath("/a"), FilePath(b"/b"), FilePath("/")]
        self.assertEqual([path.path for path in sorted(mixed)], [b"/b", "/", "/a"])

    def test_relations(self) -> None:
        """Ancestors, and the way from one."""
        deep = self.path.descendant(["sub1", "a", "b"])
        self.assertEqual(deep.segmentsFrom(self.path), ["sub1", "a", "b"])
        self.assertEqual(self.path.segmentsFrom(self.path), [])
        above = list(deep.parents())
        self.assertEqual(above[:2], [deep.parent(), self.path.child("sub1")])
        self.assertEqual(above[-1], FilePath("/"))
        self.assertEqual(list(FilePath("/").parents()), [])
        self.assertRaises(ValueError, self.path.segmentsFrom, deep)

    def test_modes(self) -> None:
        """A path changes between text and bytes, by the file system's encoding or another."""
        path = FilePath("/\N{SNOWMAN}")
        self.assertEqual(path.asBytesMode("utf-16-le").path[:1], b"/")
        self.assertEqual(path.asBytesMode("utf-8").path, "/\N{SNOWMAN}".encode())
        self.assertEqual(path.asBytesMode("utf-8").asTextMode("utf-8"), path)
        self.assertEqual(path.asTextMode(), path)
        strange = FilePath(b"/\xff")
        self.assertEqual(strange.asTextMode().asBytesMode(), strange)
        self.assertRaises(UnicodeEncodeError, path.asBytesMode, "ascii")

    def test_nameDecides(self) -> None:
        """A name in bytes gives a path in bytes, and the other way round."""
        self.assertEqual(self.path.child(b"x").path, os.fsencode(self.root) + b"/x")
        self.assertEqual(self.path.asBytesMode().child("x").path, self.root + "/x")
        self.assertEqual(self.path.asBytesMode().sep, b"/")
        for path in self.path.asBytesMode().children():
            self.assertIsInstance(path.path, bytes)
        self.assertIsInstance(self.path.preauthChild(b"x/y").path, bytes)
        self.assertIsInstance(self.path.siblingExtension(b".x").path, bytes)
        found = self.path.asBytesMode().globChildren("file*")
        self.assertEqual([path.path for path in found], [self.root + "/file1"])

    def test_siblingExtension(self) -> None:
        """An ending is added."""
        self.assertEqual(self.path.child("a").siblingExtension(".b").path, self.root + "/a.b")

    def test_clonePath(self) -> None:
        """A subclass may make its own kind of paths."""

        class Mine(FilePath[Any]):
            def clonePath(self, path: Any, alwaysCreate: bool = False) -> FilePath[Any]:
                return Mine(path, alwaysCreate)

        class Plain(FilePath[Any]): ...

        mine = Mine(self.root)
        for path in (mine.child("x"), mine.parent(), mine.children()[0], mine.siblingExtension("")):
            self.assertIs(type(path), Mine)
        self.assertIs(type(Plain(self.root).child("x")), FilePath)

    def test_pickle(self) -> None:
        """A path can be stored; what the system said is asked anew."""
        self.path.restat()
        again = pickle.loads(pickle.dumps(self.path))
        self.assertEqual(again, self.path)
        self.assertTrue(again.isdir())
        self.assertEqual(FilePath.__module__, "twisted.python.filepath")


class SecurityTests(PathCase):
    """Names that come from strangers."""

    def test_child(self) -> None:
        """A child is directly in the directory, whatever the name."""
        for name in ("..", "../x", "a/b", "/", "/etc", "//x", "a/../../b", "../" + "x"):
            self.assertRaises(InsecurePath, self.path.child, name)
            self.assertRaises(InsecurePath, self.path.child, name.encode())
        self.assertEqual(self.path.child("..."), FilePath(self.root + "/..."))

    def test_childIsSelf(self) -> None:
        """An empty name and a dot stay where they are; a slash at the end means nothing."""
        self.assertEqual(self.path.child(""), self.path)
        self.assertEqual(self.path.child("."), self.path)
        self.assertEqual(self.path.child("x/"), self.path.child("x"))

    def test_null(self) -> None:
        """No name has a null byte in it."""
        for method in (self.path.child, self.path.preauthChild):
            for name in ("\0", "a\0b", "x\0/../.."):
                self.assertRaises(InsecurePath, method, name)
                self.assertRaises(InsecurePath, method, name.encode())

    def test_nullInPath(self) -> None:
        """A path that one makes oneself with a null byte leads nowhere."""
        self.assertFalse(FilePath("/\0").exists())
        self.assertFalse(FilePath("/\0").isdir())

    def test_preauthChild(self) -> None:
        """A path of several parts stays below."""
        self.assertEqual(self.path.preauthChild("a/b"), self.path.descendant(["a", "b"]))
        self.assertEqual(self.path.preauthChild("a/../b"), self.path.child("b"))
        self.assertEqual(self.path.preauthChild("."), self.path)
        for name in ("..", "../x", "/etc", "a/../../b", "/"):
            self.assertRaises(InsecurePath, self.path.preauthChild, name)

    def test_similarName(self) -> None:
        """A directory whose name only begins with that of the root is outside."""
        evil = "../" + self.path.basename() + "-evil/x"
        self.assertRaises(InsecurePath, self.path.preauthChild, evil)

    def test_root(self) -> None:
        """The root of the file system has children and nothing outside."""
        self.assertEqual(FilePath("/").child("etc").path, "/etc")
        self.assertEqual(FilePath("/").preauthChild("a/b").path, "/a/b")
        self.assertEqual(FilePath("/").child("..").path, "/")

    def test_descendantAndSibling(self) -> None:
        """Each step is checked."""
        self.assertRaises(InsecurePath, self.path.descendant, ["a", "..", "b"])
        self.assertRaises(InsecurePath, self.path.descendant, ["a/b"])
        self.assertRaises(InsecurePath, self.path.sibling, "../x")

    def test_linksAreFollowed(self) -> None:
        """The check is of the name: a link out of the directory is a child."""
        os.symlink("/", os.path.join(self.root, "out"))
        child = self.path.child("out")
        self.assertEqual(child.path, self.root + "/out")
        self.assertEqual(child.realpath().path, "/")

    def test_caught(self) -> None:
        """The error is no `OSError`, so that code for those does not hide it."""
        self.assertFalse(issubclass(InsecurePath, OSError))

    @settings(deadline=None, max_examples=100)
    @given(st.lists(st.sampled_from(["..", ".", "", "a", "b.c", "/", "\\", "\0", "~"])))
    def test_anyName(self, parts: list[str]) -> None:
        """Whatever the name is made of, the result stays inside."""
        root = FilePath("/some/root")
        for joint in ("", "/"):
            name = joint.join(parts)
            for method, depth in ((root.child, 1), (root.preauthChild, 99)):
                try:
                    found = method(name)
                except InsecurePath:
                    continue
                self.assertTrue(len(found.segmentsFrom(root)) <= depth)


class AbstractTests(unittest.SynchronousTestCase):
    """`AbstractFilePath` for other kinds of trees."""

    def test_subclass(self) -> None:
        """A few methods are enough to walk."""
        tree: dict[str, Any] = {"a": {"b": b"content"}, "c": b""}

        class TreePath(AbstractFilePath[str]):
            def __init__(self, *segments: str) -> None:
                self.segments = segments
                self.path = "/".join(segments)

            def __eq__(self, other: object) -> bool:
                return isinstance(other, TreePath) and self.path == other.path

            __hash__ = None  # type: ignore[assignment]  # not needed here

            def node(self) -> Any:
                node: Any = tree
                for name in self.segments:
                    node = node[name]
                return node

            def child(self, path: Any) -> Any:
                return TreePath(*self.segments, path)

            def parent(self) -> Any:
                return TreePath(*self.segments[:-1])

            def basename(self) -> str:
                return self.segments[-1]

            def isdir(self) -> bool:
                return isinstance(self.node(), dict)

            def listdir(self) -> list[str]:
                return sorted(self.node())

            def open(self, mode: Any = "r") -> Any:
                return builtins.open(os.devnull, "rb")

            def getModificationTime(self) -> float:
                return 1.5

            getAccessTime = getStatusChangeTime = getModificationTime

        root = TreePath()
        self.assertEqual([path.path for path in root.walk()], ["", "a", "a/b", "c"])
        leaf = root.descendant(["a", "b"])
        self.assertEqual(leaf.segmentsFrom(root), ["a", "b"])
        self.assertEqual(leaf.sibling("x"), root.descendant(["a", "x"]))
        self.assertEqual(leaf.getContent(), b"")
        self.assertEqual((leaf.getatime(), leaf.getmtime(), leaf.getctime()), (1, 1, 1))

    def test_undefined(self) -> None:
        """What a kind of path does not define is not there."""

        class Nothing(AbstractFilePath[str]): ...

        nothing: Any = Nothing()  # type: ignore[abstract]  # the point of the test
        self.assertRaises(NotImplementedError, nothing.isdir)
