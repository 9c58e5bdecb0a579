"""The reactor on Windows' waits."""

from __future__ import annotations

from typing import Any

from zope.interface import classImplementsOnly

from twisted.internet._bugs import reportBug
from twisted.internet._lifecycle import State
from twisted.internet._socketwaker import SocketWaker
from twisted.internet.interfaces import (
    IReactorCore,
    IReactorFDSet,
    IReactorMulticast,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorThreads,
    IReactorTime,
    IReactorUDP,
    IReactorWin32Events,
    IReadDescriptor,
    IWriteDescriptor,
)
from twisted.internet.main import installReactor
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.win32eventreactor._events import EventMultiplexer
from twisted.internet.win32eventreactor._kernel import Kernel, platform_kernel
from twisted.python._turn import turn
from twisted.python.failure import Failure

__name__ = "twisted.internet.win32eventreactor"  # the public path, for pickles and messages


class Win32Reactor(PosixReactorBase):
    """A reactor that waits for sockets, for handles of Windows, and for the messages of windows.

    A message that says to quit (``PostQuitMessage``) stops it.

    Args:
        kernel: what does as Windows does; by default Windows.

    Raises:
        ImportError: this is not Windows.
    """

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._waiter = EventMultiplexer(kernel or platform_kernel(), self._quit)
        self._entries: dict[int, tuple[Any, str]] = {}
        super().__init__()

    def _makeMultiplexer(self) -> EventMultiplexer:
        return self._waiter

    def installWaker(self) -> None:
        """Make the sockets that end the wait, and watch one of them."""
        if self.waker is None:
            self.waker = SocketWaker(self)
        self.addReader(self.waker)

    def _release(self) -> None:
        super()._release()
        self._waiter.close()

    def _quit(self) -> None:
        if self._lifecycle.state is State.RUNNING:
            self.stop()

    def doIteration(self, delay: float | None) -> None:
        """Wait, at most `delay` seconds (None: for ever), and call who is ready."""
        super().doIteration(delay)
        signalled, self._waiter.signalled = self._waiter.signalled, []
        for handle, problem in signalled:
            # An earlier one may have removed it.
            if handle in self._entries:
                self._serve(handle, problem)
        turn.owner = None

    def _serve(self, handle: int, problem: OSError | None) -> None:
        fd, action = self._entries[handle]
        turn.owner = fd
        why: Any = problem
        if why is None:
            try:
                why = getattr(fd, action)()
            except BaseException:
                why = reportBug(f"Unhandled error in {action} of {fd!r}")
        if why is not None:
            self.removeEvent(handle)
            try:
                fd.connectionLost(why if isinstance(why, Failure) else Failure(why))
            except BaseException:
                reportBug(f"Unhandled error while disconnecting {fd!r}")

    # IReactorWin32Events

    def addEvent(self, event: Any, fd: Any, action: str) -> None:
        """Call the method `action` of `fd` whenever a handle is set.

        The method resets the handle, if that does not do so itself; what the method returns, other
        than None, or raises, ends the waiting, and is the reason that `fd.connectionLost` is told.

        Args:
            event: the handle, of pywin32 or as a number; one that is added already gets this
                method instead.
            fd: the object, with `connectionLost` and `logPrefix` as an `IReadDescriptor`.
            action: the name of its method.

        Raises:
            ValueError: there are as many handles as Windows can wait for.
        """
        handle = int(event)
        if handle not in self._entries:
            self._waiter.add_handle(handle)
        self._entries[handle] = (fd, action)

    def removeEvent(self, event: Any) -> None:
        """Stop waiting for a handle; harmless if nobody waits for it."""
        if self._entries.pop(int(event), None) is not None:
            self._waiter.remove_handle(int(event))

    def removeAll(self) -> list[IReadDescriptor | IWriteDescriptor]:
        """Watch nothing but the waker; returns what was watched, those with a handle included."""
        removed = super().removeAll()
        for handle, (fd, _) in list(self._entries.items()):
            self.removeEvent(handle)
            if fd not in removed:
                removed.append(fd)
        return removed


classImplementsOnly(
    Win32Reactor,
    IReactorCore,
    IReactorTime,
    IReactorThreads,
    IReactorFDSet,
    IReactorTCP,
    IReactorSSL,
    IReactorUDP,
    IReactorMulticast,
    IReactorSocket,
    IReactorPluggableResolver,
    IReactorPluggableNameResolver,
    IReactorWin32Events,
)


def install() -> None:
    """Make a `Win32Reactor` the reactor of this process.

    Raises:
        ImportError: this is not Windows.
    """
    installReactor(Win32Reactor())
