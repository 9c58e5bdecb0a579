"""One connection of WebSocket to an application."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web._websocket import DEFAULT_LIMITS, ServerHandshake
from twisted.web.asgi._http import ClientDisconnected, causedBy
from twisted.web.asgi._messages import MessageError, Phase, Session, Step, read_fields, read_text
from twisted.web.http import FORBIDDEN
from twisted.web.websocket import WebSocketClosed, WebSocketLost, WebSocketStream
from twisted.web.websocket._opening import accept, connectionFor

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages
__all__ = ["WebSocketCall"]

_log = Logger(namespace="twisted.web.asgi")

_NORMAL = 1000
_NOT_SAID = 1006
_OUR_ERROR = 1011


class WebSocketCall:
    """A call of an application for one connection: its `receive` and its `send`.

    Args:
        request: what the client has asked.
        handshake: how.
    """

    def __init__(self, request: Any, handshake: ServerHandshake) -> None:
        self._request = request
        self._handshake = handshake
        self._session = Session()
        self._stream = WebSocketStream(request)
        self._told = False  # the application knows that somebody wants to connect
        self._connected = False  # WebSocket is spoken
        self._gone = False
        self._decided: list[Deferred[None]] = []
        request.notifyFinish().addBoth(self._finished)

    def _finished(self, result: Any) -> None:
        """The request is over: the client has left, or it was answered, or it is a connection."""
        self._gone = isinstance(result, Failure)
        self._decide()

    def _decide(self) -> None:
        waiting, self._decided = self._decided, []
        for one in waiting:
            if not one.called:
                one.callback(None)

    # --- For the application ---

    async def receive(self) -> dict[str, Any]:
        """The next message of the client, or that it has gone."""
        if not self._told:
            self._told = True
            return {"type": "websocket.connect"}
        if not self._connected and self._session.phase is not Phase.CLOSED and not self._gone:
            decided: Deferred[None] = Deferred()
            self._decided.append(decided)
            await decided
        if not self._connected:
            return {"type": "websocket.disconnect", "code": _NOT_SAID, "reason": ""}
        try:
            message = await self._stream.receive()
        except (WebSocketClosed, WebSocketLost) as ended:
            return {"type": "websocket.disconnect", "code": ended.code, "reason": ended.reason}
        kind = "text" if isinstance(message, str) else "bytes"
        return {"type": "websocket.receive", kind: message}

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message, when the client has room for it.

        Raises:
            ClientDisconnected: the client has gone.
            MessageError: it cannot be sent, or not now.
        """
        if self._gone:
            raise ClientDisconnected("the client has closed the connection")
        before = self._session.phase
        step = self._session.send(message)
        if step is Step.MESSAGE:
            try:
                await self._stream.send(read_text(message))
            except (WebSocketClosed, WebSocketLost) as ended:
                raise ClientDisconnected(str(ended)) from ended
        elif step is Step.ACCEPT:
            self._accept(message)
        elif before is Phase.CONNECTING:
            self._refuse()
        else:
            self._close(message.get("code") or _NORMAL, message.get("reason") or "")

    def _accept(self, message: dict[str, Any]) -> None:
        subprotocol = message.get("subprotocol")
        chosen = None if subprotocol is None else str(subprotocol).encode("latin-1")
        if chosen is not None and chosen not in self._handshake.protocols:
            raise MessageError(f"the client does not speak {subprotocol!r}")
        fields = read_fields(message.get("headers") or ())
        headers = [(name, value) for name, values in fields.items() for value in values]
        connection = connectionFor(self._request, self._stream, DEFAULT_LIMITS)
        self._stream.negotiationStarted(connection)
        try:
            accept(self._request, self._handshake, connection, chosen, True, headers)
        except Exception as error:  # such as a header that cannot be sent
            raise MessageError(f"the connection cannot be accepted: {error}") from error
        self._connected = True
        self._decide()

    def _refuse(self) -> None:
        """The application does not want this connection."""
        request = self._request
        request.setResponseCode(FORBIDDEN)
        request.setHeader(b"content-length", b"0")
        request.finish()

    def _close(self, code: int, reason: str) -> None:
        try:
            self._stream.transport.loseConnection(code, reason)
        except ValueError as error:
            self._stream.transport.loseConnection(_OUR_ERROR)
            raise MessageError(str(error)) from error

    # --- The end of the call ---

    def returned(self, result: object) -> None:
        """The application has returned."""
        phase = self._session.phase
        if phase is Phase.OPEN:
            self._close(_NORMAL, "")
        elif phase is Phase.CONNECTING and not self._gone:
            why = "the application has returned without 'websocket.accept'"
            self.failed(Failure(MessageError(why)))

    def failed(self, reason: Failure) -> None:
        """The application has raised an exception."""
        if causedBy(reason.value, ClientDisconnected):
            return  # it was told so
        if not self._connected and self._session.phase is not Phase.CLOSED and not self._gone:
            self._request.processingFailed(reason)
            return
        _log.failure("In a connection of WebSocket to {uri!r}", reason, uri=self._request.uri)
        if self._connected and self._session.phase is Phase.OPEN:
            self._close(_OUR_ERROR, "")
