"""What an application does before it serves, and after: the lifespan of ASGI.

The application is called once, with a scope of the type ``lifespan``, and runs until the service
is stopped. One that raises an exception at once knows nothing of lifespans, and is served without.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from twisted.application.service import Service
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.asgi._messages import MessageError
from twisted.web.asgi._scope import ASGI

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages
__all__ = ["Event", "LifespanError", "LifespanService", "State", "TRANSITIONS"]

_log = Logger(namespace="twisted.web.asgi")

#: How long an application may take to clean up, seconds; as long as process managers wait.
SHUTDOWN_SECONDS = 30.0


class LifespanError(Exception):
    """The application has said that it cannot start."""


class State(Enum):
    """What the application does."""

    IDLE = auto()
    STARTING = auto()
    SERVING = auto()
    STOPPING = auto()
    FAILED = auto()
    WITHOUT = auto()  # it knows nothing of lifespans


class Event(Enum):
    """What happens."""

    START = auto()
    STARTED = auto()
    REFUSED = auto()
    STOP = auto()
    STOPPED = auto()
    ENDED = auto()


TRANSITIONS = {
    (State.IDLE, Event.START): State.STARTING,
    (State.STARTING, Event.STARTED): State.SERVING,
    (State.STARTING, Event.REFUSED): State.FAILED,
    (State.STARTING, Event.ENDED): State.WITHOUT,
    (State.STARTING, Event.STOP): State.STOPPING,
    (State.SERVING, Event.STOP): State.STOPPING,
    (State.SERVING, Event.ENDED): State.WITHOUT,
    (State.STOPPING, Event.STARTED): State.STOPPING,
    (State.STOPPING, Event.REFUSED): State.STOPPING,
    (State.STOPPING, Event.STOPPED): State.STOPPING,
    (State.STOPPING, Event.ENDED): State.IDLE,
    (State.FAILED, Event.ENDED): State.FAILED,
    (State.FAILED, Event.STOP): State.IDLE,
    (State.WITHOUT, Event.STOP): State.IDLE,
}

_EVENTS = {
    "lifespan.startup.complete": Event.STARTED,
    "lifespan.startup.failed": Event.REFUSED,
    "lifespan.shutdown.complete": Event.STOPPED,
    "lifespan.shutdown.failed": Event.STOPPED,
}


class LifespanService(Service):
    """Has an application prepare before it is served, and clean up afterwards.

    While it prepares, requests to the resource wait; when it cannot start, they are answered 503.

    Args:
        resource: an `ASGIResource`.
        reactor: has the clock; the installed one by default.
        shutdownSeconds: how long the application may take to clean up.

    Attributes:
        state: what the application does.
    """

    def __init__(
        self, resource: Any, reactor: Any = None, shutdownSeconds: float = SHUTDOWN_SECONDS
    ) -> None:
        self._resource = resource
        self._reactor = reactor
        self._seconds = shutdownSeconds
        self._whenReady: list[Deferred[None]] = []
        self._problem: LifespanError | None = None
        self._call: Deferred[Any] | None = None
        self._messages: list[dict[str, str]] = []
        self._receiving: Deferred[None] | None = None
        self._stopped: Deferred[None] | None = None
        self.state = State.IDLE
        resource._lifespan = self

    def whenReady(self) -> Deferred[None]:
        """A Deferred that fires when the application serves.

        It fails with `LifespanError` if the application cannot start.
        """
        waiting: Deferred[None] = Deferred()
        self._whenReady.append(waiting)
        self._tellReady()
        return waiting

    def _tellReady(self) -> None:
        if self.state in (State.IDLE, State.STARTING):
            return
        waiting, self._whenReady = self._whenReady, []
        for one in waiting:
            if one.called:
                continue
            if self._problem is None:
                one.callback(None)
            else:
                one.errback(self._problem)

    def startService(self) -> None:
        """Call the application, and have it prepare."""
        super().startService()
        self._go(Event.START)
        self._problem = None
        self._messages = [{"type": "lifespan.startup"}]
        scope = {"type": "lifespan", "asgi": ASGI.copy(), "state": self._resource.state}
        self._call = Deferred.fromCoroutine(
            self._resource.application(scope, self._receive, self._send)
        )
        self._call.addBoth(self._ended)

    def stopService(self) -> Deferred[None]:
        """Have the application clean up.

        Returns:
            Fires when it has; it is cancelled if that takes too long.
        """
        super().stopService()
        self._go(Event.STOP)
        if self.state is State.IDLE or self._call is None:
            self.state = State.IDLE
            return succeed(None)
        self._messages.append({"type": "lifespan.shutdown"})
        self._wake()
        stopped: Deferred[None] = Deferred()
        if self._call is None:
            return succeed(None)
        self._stopped = stopped
        reactor = installedReactor() if self._reactor is None else self._reactor
        late = reactor.callLater(self._seconds, self._giveUp)

        def done(result: Any) -> None:
            if late.active():
                late.cancel()

        return stopped.addCallback(done)

    def _giveUp(self) -> None:
        _log.error(
            "{application} has not cleaned up within {seconds} seconds",
            application=self._resource.application,
            seconds=self._seconds,
        )
        if self._call is not None:
            self._call.cancel()

    def _go(self, event: Event) -> None:
        state = TRANSITIONS.get((self.state, event))
        if state is None:
            raise MessageError(f"{event.name} does not happen while it is {self.state.name}")
        self.state = state

    # --- For the application ---

    async def _receive(self) -> dict[str, str]:
        while not self._messages:
            self._receiving = Deferred()
            await self._receiving
        return self._messages.pop(0)

    def _wake(self) -> None:
        receiving, self._receiving = self._receiving, None
        if receiving is not None:
            receiving.callback(None)

    async def _send(self, message: dict[str, Any]) -> None:
        event = _EVENTS.get(message["type"])
        if event is None:
            raise MessageError(f"a lifespan has no message {message['type']!r}")
        self._go(event)
        told = message.get("message", "")
        if message["type"] == "lifespan.shutdown.failed":
            _log.error("The application cannot clean up: {why}", why=told)
        if event is Event.REFUSED:
            _log.critical("The application cannot start: {why}", why=told)
            self._problem = LifespanError(told)
        self._tellReady()

    def _ended(self, result: Any) -> None:
        """The application has returned, or raised an exception."""
        self._call = None
        before = self.state
        self._go(Event.ENDED)
        if isinstance(result, Failure):
            if before is State.STARTING:
                _log.info("The application knows no lifespan: {why}", why=result.getErrorMessage())
            elif before is not State.FAILED and not result.check(CancelledError):
                _log.failure("In the lifespan of an application", result)
        self._tellReady()
        stopped, self._stopped = self._stopped, None
        if stopped is not None:
            stopped.callback(None)
