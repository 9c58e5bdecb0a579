"""A protocol that always knows how many bytes it wants next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from twisted.protocols.basic._receiver import Receiver

__all__ = ["StatefulProtocol"]

State: TypeAlias = tuple[Callable[[bytes], Any], int]


class StatefulProtocol(Receiver):
    """Calls one function for each piece of the stream, each of a size known before.

    A state is a pair: a function, and the number of bytes that it wants. The function
    returns the next state, or None to stay in this one.
    """

    _recvNext: State | None = None

    def getInitialState(self) -> State:
        """The first state. Override this."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define getInitialState(self), "
            "which returns a function and the number of bytes that it wants."
        )

    def makeConnection(self, transport: Any) -> None:
        """Begin in the initial state with this transport."""
        self._recvTake()
        self._recvNext = self.getInitialState()
        super().makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Call the functions whose bytes are complete now."""
        if self._recvNext is None:
            self._recvNext = self.getInitialState()
        super().dataReceived(data)

    def _recvIsWorthParsing(self, unread: bytearray, before: int) -> bool:
        return self._recvNext is None or len(unread) >= self._recvNext[1]

    def _recvParse(self, watched: Any) -> bool:
        while self._recvNext is not None:
            function, size = self._recvNext
            begin = self._recvPos
            if len(self._recvData) - begin < size:
                return True
            self._recvPos = begin + size
            nextState = function(self._recvData[begin : begin + size])
            if watched.disconnecting:
                self._recvTake()
                return False
            if nextState is not None:
                self._recvNext = nextState
            elif size == 0:
                raise RuntimeError(
                    f"{function!r} wants no bytes and names no next state: "
                    "it would be called for ever."
                )
        return False
