"""From the client to the application's thread, no faster than the application reads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from io import RawIOBase
from threading import Condition
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IConsumer, IReactorFromThreads
from twisted.python.failure import Failure
from twisted.web.http import BodyStream
from twisted.web.wsgi._output import ClientGone

__name__ = "twisted.web.wsgi"  # the public path, for pickles and messages
__all__ = ["Input"]

#: How much of a body must be there before a thread is taken for it, unless that is all: clients
#: that send slowly would have all threads wait for them.
BEGIN_BYTES = 65536
#: How much may wait for the application.
QUEUE_BYTES = 131072


@implementer(IConsumer)
class Input(RawIOBase):
    """The body of a request, read in another thread than it arrives in.

    Args:
        reactor: in whose thread the body arrives.
        stream: the body.
        begin: is called once with this, when it is time to read; that may be at once.
    """

    def __init__(
        self, reactor: IReactorFromThreads, stream: BodyStream, begin: Callable[[Input], object]
    ) -> None:
        self._reactor = reactor
        self._begin: Callable[[Input], object] | None = begin
        self._condition = Condition()
        self._pieces: deque[memoryview] = deque()
        self._waiting = 0
        self._ended = False
        self._failed = False
        self._paused = False
        self._producer: Any = None
        stream.deliverTo(self).addCallbacks(self._complete, self._broken)

    # --- In the thread of the reactor ---

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """The body comes from there."""
        self._producer = producer

    def unregisterProducer(self) -> None:
        """Nothing more comes."""
        self._producer = None

    def write(self, data: bytes) -> None:  # type: ignore[override]  # a consumer, not a file
        """A piece has arrived."""
        with self._condition:
            self._pieces.append(memoryview(data))
            self._waiting += len(data)
            if self._waiting > QUEUE_BYTES:
                self._paused = True
                self._producer.pauseProducing()
            self._condition.notify()
        if self._waiting >= BEGIN_BYTES:
            self._start()

    def _start(self) -> None:
        begin, self._begin = self._begin, None
        if begin is not None:
            begin(self)

    def _complete(self, result: object) -> None:
        self._end(False)
        self._start()

    def _broken(self, reason: Failure) -> None:
        # Why is known to whoever answers the request.
        self._begin = None
        self._end(True)

    def _end(self, failed: bool) -> None:
        with self._condition:
            self._ended = True
            self._failed = failed
            self._condition.notify()

    def _resume(self) -> None:
        if self._producer is not None:
            self._producer.resumeProducing()

    # --- In the thread of the application ---

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, or wait for it.

        Raises:
            ClientGone: the rest will not come.
        """
        with self._condition:
            while not self._pieces and not self._ended:
                self._condition.wait()
            if not self._pieces:
                if self._failed:
                    raise ClientGone("the client has closed the connection before the body ended")
                return 0
            piece = self._pieces[0]
            size = min(len(buffer), len(piece))
            buffer[:size] = piece[:size]
            if size == len(piece):
                self._pieces.popleft()
            else:
                self._pieces[0] = piece[size:]
            self._waiting -= size
            if self._paused and not self._pieces:
                self._paused = False
                self._reactor.callFromThread(self._resume)
            return size
