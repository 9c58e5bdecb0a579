"""Services that have no other home: names and ids, ordered and case-blind dicts, small mixins."""

from __future__ import annotations

import errno
import functools
import getpass
import os
import re
import sys
import types
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar, ParamSpec, TypeVar

__all__ = [
    "FancyEqMixin",
    "FancyStrMixin",
    "InsensitiveDict",
    "IntervalDifferential",
    "LineLog",
    "OrderedDict",
    "addPluginDir",
    "getPassword",
    "getPluginDirs",
    "gidFromString",
    "makeStatBar",
    "mergeFunctionMetadata",
    "nameToLabel",
    "padTo",
    "println",
    "raises",
    "runAsEffectiveUser",
    "runWithWarningsSuppressed",
    "searchupwards",
    "sibpath",
    "spewer",
    "switchUID",
    "uidFromString",
    "uniquify",
    "untilConcludes",
]

try:
    import grp
    import pwd
except ImportError:
    # Windows has neither; what needs them says so when it is used.
    pass

_K = TypeVar("_K")
_V = TypeVar("_V")
_T = TypeVar("_T")
_P = ParamSpec("_P")
_R = TypeVar("_R")
_F = TypeVar("_F", bound=Callable[..., Any])


# Dicts


class InsensitiveDict(MutableMapping[_K, _V]):
    """A dict whose keys of `str` or `bytes` are the same whatever their capitals.

    Args:
        dict: what to begin with.
        preserve: whether to give keys back as they were written last; else in lower case.
    """

    def __init__(
        self,
        dict: Mapping[_K, _V] | Iterable[tuple[_K, _V]] | None = None,
        preserve: bool = True,
    ) -> None:
        self._entries: OrderedDict[Any, tuple[_K, _V]] = OrderedDict()
        self.preserve = preserve
        if dict is not None:
            self.update(dict)

    @staticmethod
    def _fold(key: Any) -> Any:
        return key.lower() if isinstance(key, (str, bytes)) else key

    def __getitem__(self, key: _K) -> _V:
        return self._entries[self._fold(key)][1]

    def __setitem__(self, key: _K, value: _V) -> None:
        folded = self._fold(key)
        self._entries[folded] = (key if self.preserve else folded, value)

    def __delitem__(self, key: _K) -> None:
        del self._entries[self._fold(key)]

    def __contains__(self, key: object) -> bool:
        return self._fold(key) in self._entries

    def __iter__(self) -> Iterator[_K]:
        return (key for key, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        """Whether another mapping says the same, whatever the capitals of its keys."""
        if not isinstance(other, Mapping):
            return NotImplemented
        return {key: value for key, (_, value) in self._entries.items()} == {
            self._fold(key): value for key, value in other.items()
        }

    __hash__ = None  # type: ignore[assignment]  # a mutable mapping has no hash

    def __repr__(self) -> str:
        inside = ", ".join(f"{key!r}: {value!r}" for key, value in self._entries.values())
        return f"{type(self).__name__}({{{inside}}})"

    def copy(self) -> InsensitiveDict[_K, _V]:
        """Another such dict with the same items and the same way with keys."""
        return type(self)(self, self.preserve)

    def has_key(self, key: object) -> bool:
        """Whether the key is there."""
        return key in self

    def iterkeys(self) -> Iterator[_K]:
        """The keys, to go through once."""
        return iter(self)

    def itervalues(self) -> Iterator[_V]:
        """The values, to go through once."""
        return (value for _, value in self._entries.values())

    def iteritems(self) -> Iterator[tuple[_K, _V]]:
        """The pairs, to go through once."""
        return iter(list(self._entries.values()))


# Mixins


class FancyEqMixin:
    """Equality by attributes: objects of one class are equal when ``compareAttributes`` are."""

    compareAttributes: ClassVar[Sequence[str]] = ()

    def __eq__(self, other: object) -> bool:
        if not self.compareAttributes:
            return self is other
        if not (isinstance(other, type(self)) or isinstance(self, type(other))):
            return NotImplemented
        return self._compared() == [getattr(other, name) for name in self.compareAttributes]

    def __hash__(self) -> int:
        if not self.compareAttributes:
            return object.__hash__(self)
        return hash(tuple(self._compared()))

    def _compared(self) -> list[Any]:
        return [getattr(self, name) for name in self.compareAttributes]


class FancyStrMixin:
    """A text that shows ``showAttributes``: the name of the class, and each attribute.

    An item is the name of an attribute; or a pair of that and a function that gives its text; or
    three of name, name to show, and a ``%`` format.  ``fancybasename`` replaces the name of the
    class.
    """

    showAttributes: ClassVar[
        Sequence[str | tuple[str, Callable[[Any], str]] | tuple[str, str, str]]
    ] = ()

    def __str__(self) -> str:
        label = getattr(self, "fancybasename", None) or type(self).__name__
        shown = [self._showOne(item) for item in self.showAttributes]
        return f"<{' '.join([label, *shown])}>"

    __repr__ = __str__

    def _showOne(self, item: Any) -> str:
        if isinstance(item, str):
            return f"{item}={getattr(self, item)!r}"
        if len(item) == 2:
            name, formatter = item
            return f"{name}={formatter(getattr(self, name))}"
        name, label, form = item
        return f"{label}={form % (getattr(self, name),)}"


# Sequences


def uniquify(lst: Iterable[_T]) -> list[_T]:
    """The items of a list, each once, in the order in which they came first."""
    return list(dict.fromkeys(lst))


def padTo(n: int, seq: Sequence[Any], default: Any = None) -> list[Any]:
    """A list of at least the given length.

    Args:
        n: how long.
        seq: what it begins with.
        default: what fills it up.

    Raises:
        ValueError: ``seq`` is longer than that.
    """
    missing = n - len(seq)
    if missing < 0:
        raise ValueError(f"a sequence of {len(seq)} items cannot be padded to {n}")
    return [*seq, *[default] * missing]


class LineLog:
    """The last lines of something.

    Args:
        size: how many lines to keep.
    """

    def __init__(self, size: int = 10) -> None:
        self.size = size = max(size, 0)
        self.log: list[Any] = [None] * size

    def append(self, line: Any) -> None:
        """Add a line, and drop the oldest."""
        if self.size:
            del self.log[0]
            self.log.append(line)

    def str(self) -> bytes:
        """The lines that were added, of text or bytes, as bytes with line breaks between."""
        return b"\n".join(
            line if isinstance(line, bytes) else line.encode() for line in filter(None, self.log)
        )

    def __getitem__(self, item: Any) -> list[Any]:
        return list(filter(None, self.log[item]))

    def clear(self) -> None:
        """Forget every line."""
        self.log = [None] * self.size


class IntervalDifferential:
    """When to do things that happen every so many steps, each with an interval of its own.

    Iterating gives pairs: how many steps to the next thing, and which of the intervals it is.  It
    does not end.

    Args:
        intervals: the intervals, in steps.
        default: how long to wait when there are none; the second of the pair is None then.
    """

    def __init__(self, intervals: Iterable[int], default: int = 60) -> None:
        self.intervals = list(intervals)
        self.default = default

    def __iter__(self) -> Iterator[tuple[int, int | None]]:
        if not self.intervals:
            while True:
                yield self.default, None
        due = [(interval, place) for place, interval in enumerate(self.intervals)]
        now = 0
        while True:
            due.sort()
            when, place = due[0]
            yield when - now, place
            now = when
            due[0] = (when + self.intervals[place], place)


# Text


def println(*a: object) -> None:
    """Write the arguments to standard output with spaces between them: `print` as a callback."""
    sys.stdout.write(" ".join(map(str, a)) + "\n")


_WORD_START = re.compile(r"(?<=[^A-Z\s])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^A-Z])")


def nameToLabel(mname: str) -> str:
    """A name in camel case as words: ``getHTTPHeader`` becomes ``Get HTTP Header``."""
    label = _WORD_START.sub(" ", mname)
    return label[:1].upper() + label[1:]


def makeStatBar(
    width: int,
    maxPosition: int,
    doneChar: str = "=",
    undoneChar: str = "-",
    currentChar: str = ">",
) -> Callable[[int], str]:
    """A function that draws how far something has come: ``[====>-----]``.

    Args:
        width: how many characters the bar has, the brackets included.
        maxPosition: the position at which all is done.
        doneChar: the part behind.
        undoneChar: the part ahead.
        currentChar: where it is now.

    Returns:
        A function of the position (and of ``force``, which changes nothing), giving the text.
    """
    inside = width - 2

    def statBar(position: int, force: int = 0) -> str:
        done = min(inside, max(0, int(inside * position / maxPosition)))
        head = currentChar if done < inside else ""
        return f"[{doneChar * done}{head}{undoneChar * (inside - done - len(head))}]"

    return statBar


def sibpath(path: str | bytes, sibling: str | bytes) -> Any:
    """The path of a file in the same directory as another one.

    Args:
        path: the other file, often ``__file__``.
        sibling: the name.
    """
    directory: Any = os.path.dirname(os.path.abspath(path))
    return os.path.join(directory, sibling)


def searchupwards(start: str, files: Iterable[str] = (), dirs: Iterable[str] = ()) -> str | None:
    """The nearest directory, from one upwards, that holds all of these files and directories.

    Args:
        start: where to begin.
        files: names of files to find.
        dirs: names of directories to find.

    Returns:
        Its path with a separator at the end, or None.
    """
    names, subdirectories = list(files), list(dirs)
    here = os.path.abspath(start)
    while True:
        if all(os.path.isfile(os.path.join(here, name)) for name in names) and all(
            os.path.isdir(os.path.join(here, name)) for name in subdirectories
        ):
            return os.path.join(here, "")
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def getPassword(
    prompt: str = "Password: ",
    confirm: bool = False,
    forceTTY: bool = False,
    confirmPrompt: str = "Confirm password: ",
    mismatchMessage: str = "Passwords don't match.",
) -> str:
    """Ask for a password; from a terminal it is not shown, from a pipe a line is read.

    Args:
        prompt: what to ask.
        confirm: ask twice, until both answers are the same.
        forceTTY: ask the terminal even when standard input is none.
        confirmPrompt: what to ask the second time.
        mismatchMessage: what to say when they differ.

    Raises:
        RuntimeError: ``forceTTY`` is set and there is no terminal.
        EOFError: standard input has ended.
    """
    if forceTTY and not os.path.exists("/dev/tty"):
        raise RuntimeError("There is no terminal to ask for a password.")
    while True:
        first = _askSecret(prompt, forceTTY)
        if not confirm or first == _askSecret(confirmPrompt, forceTTY):
            return first
        println(mismatchMessage)


def _askSecret(prompt: str, forceTTY: bool) -> str:
    if forceTTY or sys.stdin.isatty():
        return getpass.getpass(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError("standard input ended before a password came")
    return line.rstrip("\r\n")


# Users and groups


def uidFromString(uidString: str) -> int:
    """A user id from digits or from the name of a user.

    Raises:
        KeyError: no user has the name.
    """
    try:
        return int(uidString)
    except ValueError:
        return pwd.getpwnam(uidString).pw_uid


def gidFromString(gidString: str) -> int:
    """A group id from digits or from the name of a group.

    Raises:
        KeyError: no group has the name.
    """
    try:
        return int(gidString)
    except ValueError:
        return grp.getgrnam(gidString).gr_gid


def runAsEffectiveUser(
    euid: int, egid: int, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs
) -> _R:
    """Call a function with another effective user and group, and return to those of before.

    Args:
        euid: the user id to have meanwhile.
        egid: the group id to have meanwhile.
        function: called with the other arguments; what it returns is returned.

    Raises:
        OSError: the process may not do that.
    """
    before = os.geteuid(), os.getegid()
    if before == (euid, egid):
        return function(*args, **kwargs)
    try:
        _become(euid, egid)
        return function(*args, **kwargs)
    finally:
        _become(*before)


def _become(euid: int, egid: int) -> None:
    """Change the effective ids; only user 0 may change both, hence the way over it."""
    if os.geteuid() != 0 and (os.geteuid() != euid or os.getegid() != egid):
        os.seteuid(0)
    if os.getegid() != egid:
        os.setegid(egid)
    if os.geteuid() != euid:
        os.seteuid(euid)


def switchUID(uid: int, gid: int | None, euid: bool = False) -> None:
    """Give up the rights of this user for those of another, other groups included.

    Args:
        uid: the user to become; None changes no user.
        gid: the group to have; None changes no group.
        euid: change the effective ids alone, so that the process may go back.

    Raises:
        OSError: the process may not do that.
    """
    setUser, setGroup = (os.seteuid, os.setegid) if euid else (os.setuid, os.setgid)
    getUser = os.geteuid if euid else os.getuid
    if gid is not None:
        setGroup(gid)
    if uid is None:
        return
    if uid == getUser():
        warnings.warn(
            f"tried to drop privileges to user {uid}, but this process is that user already;"
            " should we be root? Continuing.",
            stacklevel=2,
        )
        return
    initgroups(uid, gid)
    setUser(uid)


def initgroups(uid: int, primaryGid: int | None) -> None:
    """Give this process the groups of a user; nothing happens if it may not choose groups.

    Args:
        uid: the user.
        primaryGid: a group to have in any case; None for the user's own.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        # A user without an entry belongs to no further group.
        os.setgroups([] if primaryGid is None else [primaryGid])
        return
    os.initgroups(entry.pw_name, entry.pw_gid if primaryGid is None else primaryGid)


# Functions


def raises(
    exception: type[BaseException] | tuple[type[BaseException], ...],
    f: Callable[_P, object],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> bool:
    """Whether a call raises one of these exceptions; any other one is let through."""
    try:
        f(*args, **kwargs)
    except exception:
        return True
    return False


def untilConcludes(f: Callable[_P, _R], *a: _P.args, **kw: _P.kwargs) -> _R:
    """Call a function again for as long as a signal interrupts it (``EINTR``)."""
    while True:
        try:
            return f(*a, **kw)
        except OSError as error:
            if error.errno != errno.EINTR:
                raise


def mergeFunctionMetadata(f: Callable[..., Any], g: _F) -> _F:
    """Give one function the name, docstring, module and attributes of another.

    Args:
        f: the function to be like.
        g: the function that gets them.

    Returns:
        ``g``.
    """
    functools.update_wrapper(g, f)
    # A wrapper says that its signature is the other one's; that was not asked for.
    g.__dict__.pop("__wrapped__", None)
    return g


def runWithWarningsSuppressed(
    suppressedWarnings: Iterable[tuple[tuple[Any, ...], dict[str, Any]]],
    f: Callable[_P, _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _R:
    """Call a function while some warnings are filtered.

    Args:
        suppressedWarnings: a pair of positional and keyword arguments of
            `warnings.filterwarnings` for each filter.
        f: called with the other arguments; what it returns is returned.
    """
    with warnings.catch_warnings():
        for positional, named in suppressedWarnings:
            warnings.filterwarnings(*positional, **named)
        return f(*args, **kwargs)


def spewer(frame: types.FrameType, s: str, ignored: object) -> None:
    """A trace function, for `sys.settrace`, that prints each call as it happens.

    Args:
        frame: what runs.
        s: what happens: only ``"call"`` is of interest.
        ignored: whatever the interpreter has to say about it.
    """
    if s != "call":
        return
    code = frame.f_code
    owner = frame.f_locals.get("self")
    if owner is None:
        module = frame.f_globals.get("__name__", "?")
        println(f"function {code.co_name} of module {module}, line {frame.f_lineno}")
    else:
        kind = type(owner)
        println(f"method {code.co_name} of {kind.__module__}.{kind.__name__} at {id(owner)}")


# Plugins


def getPluginDirs() -> list[str]:
    """The directories in which plugins are looked for besides ``sys.path``."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    places = [
        os.path.join(os.path.dirname(here), "plugins"),
        os.path.join(os.path.expanduser("~"), "TwistedPlugins"),
        os.path.join(here, "plugins"),
    ]
    return [place for place in places if os.path.isdir(place)]


def addPluginDir() -> None:
    """Add the directories of `getPluginDirs` to ``sys.path``."""
    sys.path.extend(getPluginDirs())
