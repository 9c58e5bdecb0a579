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

    _state: State | None = None

    def getInitialState(self) -> State:
        """The first state. Override this."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define getInitialState(self), "
            "which returns a function and the number of bytes that it wants."
        )

    def makeConnection(self, transport: Any) -> None:
        """Begin in the initial state with this transport."""
        self._takeUnread()
        self._state = self.getInitialState()
        super().makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Call the functions whose bytes are complete now."""
        if self._state is None:
            self._state = self.getInitialState()
        super().dataReceived(data)

    def _isWorthParsing(self, unread: bytearray, before: int) -> bool:
        return self._state is None or len(unread) >= self._state[1]

    def _parse(self, watched: Any) -> bool:
        while self._state is not None:
            function, size = self._state
            begin = self._pos
            if len(self._data) - begin < size:
                return True
            self._pos = begin + size
            nextState = function(self._data[begin : begin + size])
            if watched.disconnecting:
                self._takeUnread()
                return False
            if nextState is not None:
                self._state = nextState
            elif size == 0:
                raise RuntimeError(
                    f"{function!r} wants no bytes and names no next state: "
                    "it would be called for ever."
                )
        return False
