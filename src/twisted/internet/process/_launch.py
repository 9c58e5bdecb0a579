"""Starting a program with the descriptors that it is to have, and no others.

Theory of operation
-------------------
Between `fork` and `exec` a child of a program with threads may do very little: any lock may
be held by a thread that the child does not have.  So Python code is kept out of there.

* The usual child, which is given three descriptors as 0, 1 and 2, is started by
  `subprocess.Popen`.  Its C code changes directory, user and groups, closes all else with one
  system call, and reports what failed, up to and including `exec`, through a pipe to the caller.
  Of Popen nothing but that is used: pipes and status are ours.
* A child with other descriptors, with fewer than these three, or on a terminal, is started by
  `os.posix_spawn`, which can arrange descriptors and open a terminal in a new session, and
  reports failure as well.  It closes what it is told to; descriptors are not inherited unless
  somebody has said so (PEP 446), so these few are looked up.
* `posix_spawn` knows no directory, user or group.  Only a child that needs both one of these and
  unusual descriptors is arranged by Python code after the fork: a few system calls, on numbers
  that were computed before.

In the last two ways each descriptor is first duplicated to a number above all those that the child
is to have, so that none is overwritten before it has been put in place.

What does not work: `fork` and `exec` from Python, for which a program with many connections pays
with a copy of its page tables, and which fails where nobody hears of it; `posix_spawn` for
everything, because reading the list of ten thousand open descriptors takes longer than it saves.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pwd
import resource
import signal
import termios
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

Text = str | bytes
_STANDARD = (0, 1, 2)
#: What Python ignores, and other programs expect not to be ignored.
_DEFAULT_SIGNALS = [
    getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)
]
_LISTINGS = ("/proc/self/fd", "/dev/fd")
_NO_ID = (1 << 32) - 1  # what the system calls take for "leave as it is"


class Launch:
    """Everything about a program that is to be started, checked.

    Args:
        executable: its path, or its name.
        arguments: which begin with its name.
        environment: None for ours.
        path: the directory to start in; None for ours.
        uid: None for ours.
        gid: None for ours.
        descriptors: those of the child, and which of ours each of them is.
        terminal: of the child, instead: a descriptor of ours, and its name.
    """

    def __init__(
        self,
        executable: bytes,
        arguments: list[bytes],
        environment: dict[bytes, bytes] | None,
        path: bytes | None,
        uid: int | None,
        gid: int | None,
        descriptors: dict[int, int],
        terminal: tuple[int, bytes] | None = None,
    ) -> None:
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.path = path
        self.uid = uid
        self.gid = gid
        self.descriptors = descriptors
        self.terminal = terminal

    def candidates(self) -> list[bytes]:
        """Where the program may be."""
        if b"/" in self.executable:
            return [self.executable]
        # Its stub does not know that it takes bytes as well.
        folders = os.get_exec_path(cast(Any, self.environment))
        return [os.path.join(os.fsencode(folder), self.executable) for folder in folders]

    def start(self) -> int:
        """Start it.

        Returns:
            the process identifier.

        Raises:
            OSError: it cannot be started; what is said is for users.
        """
        try:
            if self.terminal is None and self.descriptors.keys() == set(_STANDARD):
                return self._start_usual()
            if self.path is None and self.uid is None and self.gid is None:
                return self._start_arranged()
            return self._start_by_python()
        except OSError as problem:
            raise _explained(problem, self) from None

    # The usual way

    def _start_usual(self) -> int:
        mine = self.descriptors
        return self._popen(stdin=mine[0], stdout=mine[1], stderr=mine[2])

    def _popen(self, **how: Any) -> int:
        # Late, because it takes long to load, and few programs start another.
        import subprocess

        child = subprocess.Popen(
            self.arguments,
            executable=self.executable,
            env=self.environment,
            cwd=self.path,
            user=self.uid,
            group=self.gid,
            extra_groups=self._groups(),
            **how,
        )
        # For its destructor: there is nothing for it to wait for.
        child.returncode = 0
        return child.pid

    def _groups(self) -> Sequence[int] | None:
        """The other groups of the user; None to change nothing."""
        if self.uid is None or os.geteuid() != 0:
            return None
        gid = os.getegid() if self.gid is None else self.gid
        try:
            name = pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return [gid]
        return os.getgrouplist(name, gid)

    # With other descriptors

    def _start_arranged(self) -> int:
        with _Raised(self.descriptors) as sources:
            actions: list[tuple[Any, ...]] = []
            if self.terminal is not None:
                # The first terminal that the leader of a session opens is its own.
                actions.append((os.POSIX_SPAWN_OPEN, 0, self.terminal[1], os.O_RDWR, 0))
                actions += [(os.POSIX_SPAWN_DUP2, 0, number) for number in _STANDARD[1:]]
                taken = set(_STANDARD)
            else:
                actions += [
                    (os.POSIX_SPAWN_DUP2, source, number) for number, source in sources.items()
                ]
                taken = set(sources)
            actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inherited() - taken]
            return self._spawn(actions, setsid=self.terminal is not None)

    def _spawn(self, actions: list[tuple[Any, ...]], setsid: bool) -> int:
        environment = os.environb if self.environment is None else self.environment
        refusal: OSError | None = None
        for candidate in self.candidates():
            try:
                return os.posix_spawn(
                    candidate,
                    self.arguments,
                    environment,
                    file_actions=actions,
                    setsid=setsid,
                    setsigdef=_DEFAULT_SIGNALS,
                )
            except OSError as problem:
                if problem.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                    raise
                # One that may not be run says more than one that is not there.
                if refusal is None or problem.errno == errno.EACCES:
                    refusal = problem
        raise refusal or FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    # With both

    def _start_by_python(self) -> int:
        if self.terminal is not None:
            return self._popen(preexec_fn=_terminal_taker(self.terminal[0]), start_new_session=True)
        with _Raised(self.descriptors) as sources, _Reserved(sources):
            kept = [number for number in sources if number > 2]
            return self._popen(preexec_fn=_arranger(sources), pass_fds=kept)


def _terminal_taker(slave: int) -> Callable[[], None]:
    """What makes the leader of a session the master of its terminal."""

    def take() -> None:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for number in _STANDARD:
            os.dup2(slave, number)

    return take


def _arranger(sources: Mapping[int, int]) -> Callable[[], None]:
    """What puts descriptors in their places."""
    unwanted = [number for number in _STANDARD if number not in sources]

    def arrange() -> None:
        for number, source in sources.items():
            os.dup2(source, number)
        for number in unwanted:
            try:
                os.close(number)
            except OSError:
                pass  # we have none ourselves

    return arrange


class _Raised:
    """Duplicates of descriptors, above all the numbers under which they are wanted."""

    def __init__(self, descriptors: Mapping[int, int]) -> None:
        self._descriptors = descriptors
        self._opened: list[int] = []

    def __enter__(self) -> dict[int, int]:
        lowest = max(self._descriptors, default=0) + 1
        try:
            for mine in self._descriptors.values():
                self._opened.append(fcntl.fcntl(mine, fcntl.F_DUPFD_CLOEXEC, lowest))
        except BaseException:
            self._close()
            raise
        return dict(zip(self._descriptors, self._opened, strict=True))

    def __exit__(self, *problem: object) -> None:
        self._close()

    def _close(self) -> None:
        for fd in self._opened:
            os.close(fd)


class _Reserved:
    """Keeps numbers that the child is to have from being given to what Popen opens for itself."""

    def __init__(self, sources: Mapping[int, int]) -> None:
        self._sources = sources
        self._opened: list[int] = []

    def __enter__(self) -> None:
        for number, source in self._sources.items():
            fd = fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, number)
            if fd == number:
                self._opened.append(fd)
            else:
                os.close(fd)  # we have that number ourselves already

    def __exit__(self, *problem: object) -> None:
        for fd in self._opened:
            os.close(fd)


def _inherited() -> set[int]:
    """Our descriptors that a child would have, the standard ones included."""
    numbers: Iterable[int] | None = None
    for listing in _LISTINGS:
        try:
            numbers = [int(name) for name in os.listdir(listing)]
            break
        except OSError:
            continue
    if numbers is None:
        numbers = range(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    found = set()
    for fd in numbers:
        try:
            if os.get_inheritable(fd):
                found.add(fd)
        except OSError:
            pass  # the descriptor of the listing itself
    return found


# Looking at what callers give


def checked_arguments(executable: object, args: object) -> tuple[bytes, list[bytes]]:
    """The program and its argument list, as the kernel takes them.

    Raises:
        TypeError, ValueError: they cannot be that.
    """
    program = _encoded("executable", executable)
    if not program:
        raise ValueError("executable is empty: give the path of a program")
    if isinstance(args, (str, bytes)) or not isinstance(args, Iterable):
        raise TypeError(f"args is a list that begins with the program's name, not {args!r}")
    arguments = [_encoded(f"args[{number}]", one) for number, one in enumerate(args)]
    return program, arguments or [program]


def checked_environment(env: object) -> dict[bytes, bytes] | None:
    """The environment, as the kernel takes it; None for ours.

    Raises:
        TypeError, ValueError: it cannot be one.
    """
    if env is None:
        return None
    if not isinstance(env, Mapping):
        raise TypeError(f"env is a mapping of names to values, or None for ours, not {env!r}")
    encoded = {}
    for name, value in env.items():
        key = _encoded("a name in env", name)
        if not key or b"=" in key:
            raise ValueError(f"{name!r} cannot be the name of an environment variable")
        encoded[key] = _encoded(f"env[{name!r}]", value)
    return encoded


def checked_path(path: object) -> bytes | None:
    """The directory to start in; None for ours."""
    return None if path is None else _encoded("path", path)


def checked_id(what: str, number: object) -> int | None:
    """A user or group; None for ours.

    Raises:
        TypeError, ValueError: it cannot be one.
    """
    if number is None:
        return None
    if not isinstance(number, int):
        raise TypeError(f"{what} is a number, not {number!r}: see the modules pwd and grp")
    if not 0 <= number < _NO_ID:
        raise ValueError(f"{what} {number} is out of range")
    return int(number)


def checked_descriptors(childFDs: object) -> dict[int, int | str]:
    """What each descriptor of a child is: one of ours, "r" or "w".

    Raises:
        TypeError, ValueError: the child cannot be given that.
    """
    if not isinstance(childFDs, Mapping):
        raise TypeError(f"childFDs maps descriptors of the child to 'r', 'w' or ours: {childFDs!r}")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for number, what in childFDs.items():
        if not isinstance(number, int):
            raise TypeError(f"childFDs: the descriptor {number!r} of the child is not a number")
        if number < 0 or (number >= limit != resource.RLIM_INFINITY):
            raise ValueError(f"childFDs: a child cannot have the descriptor {number}")
        if isinstance(what, int):
            try:
                os.fstat(what)
            except (OSError, OverflowError) as problem:
                raise ValueError(
                    f"childFDs: {number} is to be our descriptor {what}, which is not open"
                ) from problem
        elif what not in ("r", "w"):
            raise ValueError(
                f"childFDs: {number} can be 'r' (a pipe that we read), 'w' (one that we write), "
                f"or the number of one of our descriptors, but not {what!r}"
            )
    return dict(childFDs)


def _encoded(what: str, value: object) -> bytes:
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise TypeError(f"{what} must be str or bytes, not {value!r}")
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError(f"{what} contains a NUL, which would end it: {value!r}")
    return encoded


def _explained(problem: OSError, launch: Launch) -> OSError:
    """The same error, saying what is wrong with what was asked for."""
    filename = os.fsdecode(launch.executable)
    folder = launch.path
    reason = problem.strerror or str(problem)
    if folder is not None and not os.path.isdir(folder):
        filename, reason = os.fsdecode(folder), "the directory to start in is not one"
    elif problem.errno == errno.ENOENT:
        reason = "there is no such program"
        if _has_file(launch):
            reason = "the interpreter that its first line names does not exist"
    elif problem.errno == errno.EACCES and b"/" in launch.executable:
        where = os.path.join(folder or b"", launch.executable)
        if os.path.isdir(where):
            reason = "this is a directory, not a program"
        elif os.path.exists(where) and not os.access(where, os.X_OK):
            reason = "this file may not be run: `chmod +x` it if it is a program"
    elif problem.errno == errno.ENOEXEC:
        reason = "this is no program for this system, nor a script that begins with #!"
    elif problem.errno == errno.EPERM and (launch.uid is not None or launch.gid is not None):
        reason = f"only root may run it as user {launch.uid}, group {launch.gid}"
    return OSError(problem.errno, reason, filename)


def _has_file(launch: Launch) -> bool:
    return any(os.path.isfile(os.path.join(launch.path or b"", c)) for c in launch.candidates())
