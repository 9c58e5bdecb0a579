"""Tests for twisted.python.filepath: files and directories."""

from __future__ import annotations

import errno
import os
import socket
import stat
from typing import Any

from twisted.python import filepath
from twisted.python.filepath import (
    RWX,
    FilePath,
    LinkError,
    Permissions,
    UnlistableError,
)
from twisted.python.test._tree import PathCase


class SearchTests(PathCase):
    """Paths that exist."""

    def test_listing(self) -> None:
        """What is in a directory."""
        self.assertEqual(set(self.path.listdir()), {"file1", "sub1", "sub3"})
        self.assertEqual(
            set(self.path.children()), {self.path.child(name) for name in self.names()}
        )

    def test_unlistable(self) -> None:
        """What cannot be listed is reported as such, and looks like the system's error."""
        for path, code in (
            (self.path.child("file1"), errno.ENOTDIR),
            (self.path.child("nothing"), errno.ENOENT),
        ):
            error = self.assertRaises(UnlistableError, path.children)
            self.assertIsInstance(error, OSError)
            self.assertEqual((error.errno, error.originalException.errno), (code, code))
            self.assertEqual(error.filename, path.path)
            self.assertRaises(OSError, path.listdir)

    def test_forbidden(self) -> None:
        """A directory that may not be read is unlistable; a failing disk is another matter."""
        for code, expected in ((errno.EACCES, UnlistableError), (errno.EIO, OSError)):
            error = OSError(code, os.strerror(code))

            def listdir(path: str, error: OSError = error) -> None:
                raise error

            self.patch(os, "listdir", listdir)
            caught = self.assertRaises(OSError, self.path.children)
            self.assertIs(type(caught), type(error) if expected is OSError else expected)

    def test_windowsCode(self) -> None:
        """On Windows, its own codes say that something cannot be listed."""
        error = OSError(errno.EINVAL, "wrong")
        error.winerror = filepath.ERROR_DIRECTORY  # type: ignore[attr-defined]  # as on Windows

        def listdir(path: str) -> None:
            raise error

        self.patch(os, "listdir", listdir)
        self.assertRaises(UnlistableError, self.path.children)

    def test_walk(self) -> None:
        """A directory comes before what is in it; everything comes once."""
        walked = list(self.path.walk())
        self.assertEqual(len(walked), 7)
        self.assertEqual(walked[0], self.path)
        for path in walked[1:]:
            self.assertLess(walked.index(path.parent()), walked.index(path))
        self.assertEqual(list(self.path.child("file1").walk()), [self.path.child("file1")])

    def test_walkDescend(self) -> None:
        """A directory that is not to be looked into comes, but not what is in it."""
        asked = []

        def descend(path: FilePath[str]) -> bool:
            asked.append(path.basename())
            return path.basename() != "sub1"

        walked = {path.basename() for path in self.path.walk(descend)}
        self.assertEqual(sorted(asked), ["sub1", "sub3"])
        self.assertIn("sub1", walked)
        self.assertNotIn("file2", walked)
        self.assertIn("file3.ext1", walked)

    def test_walkLink(self) -> None:
        """A link to a directory elsewhere is walked through."""
        os.symlink(os.path.join(self.root, "sub3"), os.path.join(self.root, "sub1", "link"))
        walked = list(self.path.walk())
        self.assertIn(self.path.descendant(["sub1", "link", "file3.ext1"]), walked)

    def test_walkLoop(self) -> None:
        """A link to a directory above is an error, unless it is not looked into."""
        os.symlink(self.root, os.path.join(self.root, "sub1", "loop"))
        self.assertRaises(LinkError, list, self.path.walk())
        walked = list(self.path.walk(lambda path: not path.islink()))
        self.assertIn(self.path.descendant(["sub1", "loop"]), walked)

    def test_walkLoopToItself(self) -> None:
        """Links that only lead to each other are no directories."""
        os.symlink(os.path.join(self.root, "b"), os.path.join(self.root, "a"))
        os.symlink(os.path.join(self.root, "a"), os.path.join(self.root, "b"))
        self.assertIn(self.path.child("a"), list(self.path.walk()))

    def test_walkDeep(self) -> None:
        """Depth is no matter of Python's stack."""
        deep = self.path
        for _ in range(300):
            deep = deep.child("d")
        deep.makedirs()
        self.assertEqual(len(list(self.path.child("d").walk())), 300)
        self.path.child("d").remove()

    def test_globChildren(self) -> None:
        """Patterns fit names below; what the directory is called is no pattern."""
        found = self.path.globChildren("*/file3.*")
        self.assertEqual({path.basename() for path in found}, {"file3.ext1", "file3.ext2"})
        odd = self.path.child("[odd]*")
        odd.makedirs()
        odd.child("x").touch()
        self.assertEqual(odd.globChildren("?"), [odd.child("x")])
        self.assertEqual(self.path.globChildren("nothing*"), [])

    def test_childSearchPreauth(self) -> None:
        """The first that exists."""
        self.assertEqual(
            self.path.childSearchPreauth("nothing", "sub1/file2", "file1"),
            self.path.descendant(["sub1", "file2"]),
        )
        self.assertIsNone(self.path.childSearchPreauth("nothing"))

    def test_siblingExtensionSearch(self) -> None:
        """The first ending with which there is a file."""
        base = self.path.child("sub3").child("file3")
        search = base.siblingExtensionSearch
        self.assertEqual(search(".not", ".ext2", ".ext1"), base.siblingExtension(".ext2"))
        self.assertEqual(search("*"), base.siblingExtension(".ext1"))
        self.assertIsNone(search(".not", ""))
        file1 = self.path.child("file1")
        self.assertEqual(file1.siblingExtensionSearch(".x", ""), file1)
        self.assertIsNone(file1.siblingExtensionSearch("*"))

    def test_realpath(self) -> None:
        """Links are resolved; a path without any is given back."""
        os.symlink(os.path.join(self.root, "sub1"), os.path.join(self.root, "link"))
        real = self.path.realpath()
        self.assertIs(real.realpath(), real)
        self.assertEqual(self.path.child("link").realpath(), real.child("sub1"))
        os.symlink(os.path.join(self.root, "loop"), os.path.join(self.root, "loop"))
        self.assertRaises(LinkError, self.path.child("loop").realpath)


class StatTests(PathCase):
    """What the system says about a file."""

    def test_kinds(self) -> None:
        """What something is, and what it is not."""
        directory, file1, nothing = self.path, self.path.child("file1"), self.path.child("no")
        questions = ("exists", "isdir", "isfile", "islink", "isSocket", "isBlockDevice")
        for path, answers in ((directory, (1, 1, 0)), (file1, (1, 0, 1)), (nothing, (0, 0, 0))):
            for question, answer in zip(questions, (*answers, 0, 0, 0), strict=True):
                self.assertIs(getattr(path, question)(), bool(answer), (path, question))

    def test_link(self) -> None:
        """A link is what it leads to, and a link; one that leads nowhere is not there."""
        self.path.child("file1").linkTo(self.path.child("link"))
        link = self.path.child("link")
        self.assertTrue(link.islink() and link.isfile() and link.exists())
        self.path.child("nothing").linkTo(self.path.child("dangling"))
        self.assertTrue(self.path.child("dangling").islink())
        self.assertFalse(self.path.child("dangling").exists())

    def test_socket(self) -> None:
        """A socket is known as one."""
        directory = os.getcwd()
        self.addCleanup(os.chdir, directory)
        os.chdir(self.root)  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind("s")
        self.assertTrue(self.path.child("s").isSocket())

    def test_blockDevice(self) -> None:
        """A block device is known as one."""
        self.path.restat()
        fake = list(os.stat(self.root))
        fake[0] = stat.S_IFBLK
        self.patch(os, "stat", lambda path: os.stat_result(fake))
        self.assertTrue(FilePath("/dev/x").isBlockDevice())

    def test_values(self) -> None:
        """Each value is the system's."""
        path = self.path.child("file1")
        expected = os.stat(path.path)
        self.assertEqual(
            (
                path.getsize(),
                path.getInodeNumber(),
                path.getDevice(),
                path.getNumberOfHardLinks(),
                path.getUserID(),
                path.getGroupID(),
                path.getModificationTime(),
                path.getStatusChangeTime(),
                path.getAccessTime(),
            ),
            (
                6,
                expected.st_ino,
                expected.st_dev,
                1,
                expected.st_uid,
                expected.st_gid,
                expected.st_mtime,
                expected.st_ctime,
                expected.st_atime,
            ),
        )
        os.utime(path.path, (1.75, 2.75))
        path.restat()
        self.assertEqual((path.getatime(), path.getmtime()), (1, 2))
        self.assertEqual(path.getctime(), int(expected.st_ctime))

    def test_missing(self) -> None:
        """What is not there has no values."""
        for name in ("getsize", "getModificationTime", "getPermissions", "getInodeNumber"):
            self.assertRaises(FileNotFoundError, getattr(self.path.child("nothing"), name))

    def test_remembered(self) -> None:
        """What was asked once is remembered until one says that it changed."""
        path = self.path.child("file1")
        self.assertEqual(path.getsize(), 6)
        with open(path.path, "ab") as target:
            target.write(b"more")
        self.assertEqual(path.getsize(), 6)
        path.changed()
        self.assertEqual(path.getsize(), 10)
        os.remove(path.path)
        self.assertTrue(path.exists())
        path.restat(False)
        self.assertFalse(path.exists())
        self.assertRaises(FileNotFoundError, path.restat)

    def test_absenceIsNotRemembered(self) -> None:
        """That something is not there is asked each time."""
        path = self.path.child("later")
        self.assertFalse(path.exists())
        with open(path.path, "w"):
            pass
        self.assertTrue(path.exists())

    def test_changesAreNoticed(self) -> None:
        """What is changed by way of the path itself is not remembered wrongly."""
        path = self.path.child("new")
        self.assertFalse(path.exists())
        path.setContent(b"12")
        self.assertEqual(path.getsize(), 2)
        path.setContent(b"123")
        self.assertEqual(path.getsize(), 3)
        path.remove()
        self.assertFalse(path.exists())


class PermissionTests(PathCase):
    """`Permissions` and `RWX`."""

    def test_rwx(self) -> None:
        """All combinations, as objects and as text."""
        for bits in range(8):
            r, w, x = (bool(bits & bit) for bit in (4, 2, 1))
            rwx = RWX(r, w, x)
            self.assertEqual((rwx.read, rwx.write, rwx.execute), (r, w, x))
            shown = "".join(c if on else "-" for c, on in zip("rwx", (r, w, x), strict=True))
            self.assertEqual(rwx.shorthand(), shown)
            self.assertEqual(rwx, RWX(r, w, x))
            self.assertNotEqual(rwx, RWX(not r, w, x))
            self.assertNotEqual(rwx, bits)

    def test_permissions(self) -> None:
        """Three of them, from a mode."""
        permissions = Permissions(0o754)
        self.assertEqual(permissions.user, RWX(True, True, True))
        self.assertEqual(permissions.group, RWX(True, False, True))
        self.assertEqual(permissions.other, RWX(True, False, False))
        self.assertEqual(permissions.shorthand(), "rwxr-xr--")
        self.assertEqual(permissions, Permissions(0o100754))
        self.assertNotEqual(permissions, Permissions(0o755))
        self.assertIn("RWX(read=True, write=False, execute=True)", repr(permissions))

    def test_chmod(self) -> None:
        """A mode that is set is the mode that is told."""
        path = self.path.child("file1")
        for mode in (0o600, 0o444, 0o751):
            path.chmod(mode)
            self.assertEqual(path.getPermissions(), Permissions(mode))


class ContentTests(PathCase):
    """Read and write."""

    def test_getContent(self) -> None:
        """Everything that is in a file."""
        self.assertEqual(self.path.child("file1").getContent(), b"file 1")
        self.assertRaises(FileNotFoundError, self.path.child("nothing").getContent)

    def test_open(self) -> None:
        """A file is open in binary mode, whatever was said."""
        path = self.path.child("file1")
        for mode in ("r", "rb"):
            with path.open(mode) as source:
                self.assertEqual(source.read(), b"file 1")
        with path.open("a") as target:
            target.write(b"+")
        with path.open("r+") as both:
            both.write(b"F")
        self.assertEqual(path.getContent(), b"File 1+")

    def test_create(self) -> None:
        """A new file must be new; a link of its name counts."""
        with self.path.child("new").create() as target:
            target.write(b"abc")
            target.seek(0)
            self.assertEqual(target.read(), b"abc")
        self.assertRaises(FileExistsError, self.path.child("file1").create)
        self.path.child("nothing").linkTo(self.path.child("trap"))
        self.assertRaises(FileExistsError, self.path.child("trap").create)

    def test_alwaysCreate(self) -> None:
        """A path may be one at which files are only made."""
        path = FilePath(os.path.join(self.root, "file1"), alwaysCreate=True)
        self.assertRaises(FileExistsError, path.open)
        path.requireCreate(False)
        path.open().close()
        path.requireCreate()
        self.assertRaises(FileExistsError, path.open, "w")

    def test_setContent(self) -> None:
        """A file is made or replaced, and nothing is left beside it."""
        for name in ("file1", "new"):
            self.path.child(name).setContent(b"content")
            self.assertEqual(self.path.child(name).getContent(), b"content")
        self.assertEqual(self.names(), {"file1", "new", "sub1", "sub3"})

    def test_setContentText(self) -> None:
        """Text is refused with the way to do it."""
        error = self.assertRaises(TypeError, self.path.child("file1").setContent, "text")
        self.assertIn("encode", str(error))
        self.assertEqual(self.path.child("file1").getContent(), b"file 1")

    def test_setContentAtomic(self) -> None:
        """Until all is written, the old content is there; the ending is that of the other file."""
        seen: list[Any] = []
        replace = os.replace

        def watch(source: str, target: str) -> None:
            seen.append((os.path.splitext(source)[1], self.path.child("file1").getContent()))
            replace(source, target)

        self.patch(os, "replace", watch)
        self.path.child("file1").setContent(b"new", ".tmp")
        self.path.child("file1").setContent(b"newer")
        self.assertEqual(seen, [(".tmp", b"file 1"), (".new", b"new")])

    def test_setContentFails(self) -> None:
        """If it cannot be done, the old content stays, and half a file is not left."""

        def fail(source: str, target: str) -> None:
            raise OSError(errno.ENOSPC, "full")

        self.patch(os, "replace", fail)
        self.assertRaises(OSError, self.path.child("file1").setContent, b"new")
        self.assertEqual(self.path.child("file1").getContent(), b"file 1")
        self.assertEqual(self.names(), {"file1", "sub1", "sub3"})

    def test_temporarySibling(self) -> None:
        """A new path in the same directory, with the ending asked for, that must be made."""
        path = self.path.child("file1")
        found = [path.temporarySibling(), path.temporarySibling(".ext")]
        self.assertEqual({one.parent() for one in found}, {self.path})
        self.assertTrue(found[1].basename().endswith(".ext"))
        self.assertEqual(len({found[0].path, path.temporarySibling().path}), 2)
        self.assertTrue(all(one.alwaysCreate for one in found))
        self.assertIsInstance(path.temporarySibling(b".x").path, bytes)
        self.assertIsInstance(path.asBytesMode().temporarySibling().path, bytes)

    def test_touch(self) -> None:
        """An empty file is made; one that is there gets the time of now."""
        new = self.path.child("new")
        new.touch()
        self.assertEqual(new.getContent(), b"")
        old = self.path.child("file1")
        os.utime(old.path, (1, 1))
        old.touch()
        self.assertTrue(old.getModificationTime() > 1)
        self.assertEqual(old.getContent(), b"file 1")


class TreeTests(PathCase):
    """Directories and everything in them."""

    def snapshot(self, path: FilePath[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in path.walk(lambda one: not one.islink()):
            name = "/".join(one.segmentsFrom(path))
            if one.islink():
                found[name] = os.readlink(one.path)
            else:
                found[name] = one.getContent() if one.isfile() else None
        return found

    def test_directories(self) -> None:
        """One directory, or with those above."""
        self.path.child("one").createDirectory()
        self.assertTrue(self.path.child("one").isdir())
        self.assertRaises(FileExistsError, self.path.child("one").createDirectory)
        deep = self.path.descendant(["a", "b", "c"])
        self.assertRaises(FileNotFoundError, deep.createDirectory)
        deep.makedirs()
        self.assertTrue(deep.isdir())
        self.assertRaises(FileExistsError, deep.makedirs)
        deep.makedirs(ignoreExistingDirectory=True)

    def test_makedirsOverFile(self) -> None:
        """A file in the way is an error in any case."""
        for ignore in (False, True):
            self.assertRaises(FileExistsError, self.path.child("file1").makedirs, ignore)

    def test_remove(self) -> None:
        """Files, trees, links; what a link leads to stays."""
        self.path.child("file1").remove()
        self.path.child("sub1").linkTo(self.path.child("sub3").child("link"))
        self.path.child("sub3").remove()
        self.assertEqual(self.names(), {"sub1"})
        self.assertTrue(self.path.descendant(["sub1", "file2"]).exists())
        self.assertRaises(FileNotFoundError, self.path.child("nothing").remove)

    def test_removeStale(self) -> None:
        """What was remembered of a file is not believed."""
        path = self.path.child("x")
        path.createDirectory()
        self.assertTrue(path.isdir())
        os.rmdir(path.path)
        path.setContent(b"now a file")
        path.remove()
        self.assertFalse(path.exists())

    def test_copyFile(self) -> None:
        """A copy has the content, also of a large file, and replaces what is there."""
        large = self.path.child("large")
        large.setContent(b"x" * 200_000)
        destination = self.path.child("copy")
        for source in (large, self.path.child("file1")):
            source.copyTo(destination)
            self.assertEqual(destination.getContent(), source.getContent())

    def test_copyTree(self) -> None:
        """A tree is copied; into a directory that is there, it is merged."""
        destination = FilePath(self.mktemp())
        self.path.copyTo(destination)
        self.assertEqual(self.snapshot(destination), self.snapshot(self.path))
        destination.child("more").setContent(b"more")
        self.path.copyTo(destination)
        self.assertTrue(destination.child("more").exists())

    def test_copyLinks(self) -> None:
        """Links are followed, or copied as links."""
        self.path.child("file1").linkTo(self.path.child("link"))
        self.path.child("nothing").linkTo(self.path.child("sub1").child("dangling"))
        followed, kept = FilePath(self.mktemp()), FilePath(self.mktemp())
        self.path.copyTo(kept, followLinks=False)
        self.assertEqual(self.snapshot(kept), self.snapshot(self.path))
        self.assertRaises(OSError, self.path.copyTo, followed)
        self.path.child("sub1").child("dangling").remove()
        followed = FilePath(self.mktemp())
        self.path.copyTo(followed)
        self.assertFalse(followed.child("link").islink())
        self.assertEqual(followed.child("link").getContent(), b"file 1")

    def test_copyNothing(self) -> None:
        """What is not there, and what is no file, cannot be copied."""
        destination = self.path.child("copy")
        self.assertRaises(FileNotFoundError, self.path.child("nothing").copyTo, destination)
        os.mkfifo(os.path.join(self.root, "fifo"))
        self.assertRaises(NotImplementedError, self.path.child("fifo").copyTo, destination)

    def test_copyToBytes(self) -> None:
        """The destination may be in bytes while this path is in text."""
        self.path.child("sub1").copyTo(self.path.child(b"copy"))
        self.assertEqual(self.path.child("copy").child("file2").getContent(), b"file 2")

    def test_move(self) -> None:
        """A file or a tree gets another path; both paths know."""
        source, destination = self.path.child("file1"), self.path.child("moved")
        self.assertTrue(source.exists())
        source.moveTo(destination)
        self.assertFalse(source.exists())
        self.assertEqual(destination.getContent(), b"file 1")
        self.path.child("sub1").moveTo(self.path.child("sub2"))
        self.assertEqual(self.path.descendant(["sub2", "file2"]).getContent(), b"file 2")
        self.assertRaises(FileNotFoundError, source.moveTo, destination)

    def crossDevice(self) -> None:
        """Let renaming work only within a directory, as if each were a device."""
        rename = os.rename

        def fake(source: str, target: str) -> None:
            if os.path.dirname(source) != os.path.dirname(target):
                raise OSError(errno.EXDEV, "another device")
            rename(source, target)

        self.patch(os, "rename", fake)

    def test_moveAcross(self) -> None:
        """To another device a file, a tree, or a link is copied and removed."""
        self.crossDevice()
        elsewhere = FilePath(self.mktemp())
        elsewhere.makedirs()
        before = self.snapshot(self.path.child("sub3"))
        self.path.child("sub3").moveTo(elsewhere.child("moved"))
        self.assertEqual(self.snapshot(elsewhere.child("moved")), before)
        self.path.child("file1").moveTo(elsewhere.child("file1"))
        self.assertEqual(elsewhere.child("file1").getContent(), b"file 1")
        self.assertEqual(self.names(), {"sub1"})
        self.assertEqual(set(elsewhere.listdir()), {"moved", "file1"})

    def test_moveLinkAcross(self) -> None:
        """A link becomes what it leads to, or stays a link."""
        self.crossDevice()
        elsewhere = FilePath(self.mktemp())
        elsewhere.makedirs()
        for follow in (True, False):
            self.path.child("file1").linkTo(self.path.child("link"))
            self.path.child("link").moveTo(elsewhere.child("link"), followLinks=follow)
            self.assertIs(elsewhere.child("link").islink(), not follow)
            self.assertEqual(elsewhere.child("link").getContent(), b"file 1")
            self.assertFalse(self.path.child("link").islink())

    def test_moveFails(self) -> None:
        """Another error than that of the device is raised, and nothing is lost."""

        def fail(source: str, target: str) -> None:
            raise OSError(errno.EACCES, "no")

        self.patch(os, "rename", fail)
        self.assertRaises(OSError, self.path.child("file1").moveTo, self.path.child("x"))
        self.assertTrue(self.path.child("file1").exists())
