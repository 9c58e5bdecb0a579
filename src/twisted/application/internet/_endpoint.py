"""A service that listens at an endpoint."""

from __future__ import annotations

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.interfaces import IProtocolFactory, IStreamServerEndpoint
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.application.internet"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)


class StreamServerEndpointService(Service):
    """Listens at an endpoint, from the time when the process has its privileges on.

    An endpoint that knows at once that it cannot listen lets the start fail, with its exception;
    one that finds out later has that logged.

    Args:
        endpoint: where to listen.
        factory: what makes the protocols.
    """

    def __init__(self, endpoint: IStreamServerEndpoint, factory: IProtocolFactory) -> None:
        self.endpoint = endpoint
        self.factory = factory
        # The port, or the Deferred that becomes it.
        self._listening: Deferred[Any] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.endpoint!r}>"

    def privilegedStartService(self) -> None:
        """Begin to listen.

        Raises:
            Exception: what the endpoint has failed with already.
        """
        super().privilegedStartService()
        problems: list[Failure] = []
        starting = True

        def failed(reason: Failure) -> None:
            reason.trap(Exception)
            if reason.check(CancelledError):
                return
            if starting:
                problems.append(reason)
            else:
                _log.failure("{service} cannot listen", reason, service=self)

        waiting: Deferred[Any] = self.endpoint.listen(self.factory)
        self._listening = waiting.addErrback(failed)
        starting = False
        for problem in problems:
            self._listening = None
            problem.raiseException()

    def startService(self) -> None:
        """Begin to listen, unless that has begun already."""
        super().startService()
        if self._listening is None:
            StreamServerEndpointService.privilegedStartService(self)

    def stopService(self) -> Deferred[Any]:
        """Listen no more.

        Returns:
            Fires when the port is closed; the connections made go on.
        """
        waiting, self._listening = self._listening, None
        if waiting is None:
            super().stopService()
            return succeed(None)

        def close(port: Any) -> Any:
            return None if port is None else port.stopListening()

        def stopped(result: Any) -> Any:
            Service.stopService(self)
            return result

        waiting.cancel()
        return waiting.addCallback(close).addBoth(stopped)
