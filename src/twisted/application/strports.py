"""Services from the descriptions of endpoints, such as ``tcp:8080``."""

from __future__ import annotations

from typing import Any

from twisted.application.internet import StreamServerEndpointService
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort, IProtocolFactory

__all__ = ["listen", "service"]


def service(
    description: str, factory: IProtocolFactory, reactor: Any = None
) -> StreamServerEndpointService:
    """A service that listens as a description says.

    Args:
        description: see `endpoints.serverFromString`.
        factory: what makes the protocols.
        reactor: is to listen; the one of the process by default.

    Raises:
        ValueError: the description is wrong.
    """
    return StreamServerEndpointService(_endpoint(description, reactor), factory)


def listen(description: str, factory: IProtocolFactory) -> IListeningPort:
    """Listen as a description says, with the reactor of the process.

    Args:
        description: see `endpoints.serverFromString`; of an endpoint that listens at once.
        factory: what makes the protocols.

    Raises:
        ValueError: the description is wrong.
        twisted.internet.error.CannotListenError: that is not possible, and why.
        RuntimeError: such an endpoint does not listen at once; make it a `service`.
    """
    listening: Deferred[IListeningPort] = _endpoint(description, None).listen(factory)
    outcome: list[IListeningPort] = []
    # An error is raised here, at the caller, and not logged later.
    problems: list[Any] = []
    listening.addCallbacks(outcome.append, problems.append)
    for problem in problems:
        problem.raiseException()
    if not outcome:
        raise RuntimeError(
            f"{description!r} does not listen at once; use strports.service, which waits for it"
        )
    return outcome[0]


def _endpoint(description: str, reactor: Any) -> Any:
    return serverFromString(installedReactor() if reactor is None else reactor, description)
