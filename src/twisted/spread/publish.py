"""Objects whose state peers keep on disk, and ask for only when it has changed.

A `Publishable` sends when it last changed.  Its copy, a `RemotePublished`, looks for a file with
the state of that time, and asks the publisher for it if there is none.

What peers send names that file, and what is in the file is read as what they send is: the name is
quoted, so that it stays in its folder, and the state is held to `globalSecurity`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.spread import banana, flavors, jelly
from twisted.spread.banana import BananaError
from twisted.spread.jelly import InsecureJelly, globalSecurity

__all__ = ["Publishable", "RemotePublished", "whenReady"]

_log = Logger()


class Publishable(flavors.Cacheable):
    """An object that peers keep a copy of, beyond the end of the connection.

    Args:
        publishedID: text that names it, among all that the same peers see.

    Attributes:
        timestamp: when it last changed, in seconds since the epoch.
    """

    def __init__(self, publishedID: str) -> None:
        self.publishedID = publishedID
        self.republish()

    def republish(self) -> None:
        """Say that the state has changed: peers ask for it the next time that they get this."""
        self.timestamp = time.time()

    def getStateToPublish(self) -> Any:
        """The state to send, a dictionary of attributes.  Override this."""
        raise NotImplementedError(f"{type(self).__qualname__} does not say what it publishes")

    def getStateToPublishFor(self, perspective: Any) -> Any:
        """The state to send.  Override this to tell different peers different things.

        Args:
            perspective: who gets it; None if anybody.
        """
        return self.getStateToPublish()

    def view_getStateToPublish(self, perspective: Any) -> Any:
        """A peer has no state of this time, and asks for it."""
        return self.getStateToPublishFor(perspective)

    def getStateToCacheAndObserveFor(self, perspective: Any, observer: Any) -> Any:
        """What a peer needs to know whether it has the state, and to ask for it."""
        return {
            "remote": flavors.ViewPoint(perspective, self),
            "publishedID": self.publishedID,
            "perspective": str(getattr(perspective, "perspectiveName", None)),
            "service": str(getattr(getattr(perspective, "service", None), "serviceName", None)),
            "timestamp": self.timestamp,
        }


class RemotePublished(flavors.RemoteCache):
    """A copy of a `Publishable`; it has its state once it is activated.

    Attributes:
        isActivated: whether the state is there.
        timestamp: when the publisher last changed, in seconds since the epoch.
    """

    isActivated = False
    remote: Any
    publishedID: str
    perspective: str
    service: str
    timestamp: float
    _activationListeners: list[Callable[[RemotePublished], Any]]

    def getFileName(self, ext: str = "pub") -> str:
        """The file in which the state is kept, in the current folder.

        Args:
            ext: its extension.
        """
        names = (self.service, self.perspective, self.publishedID)
        return "-".join(quote(str(name), safe="") for name in names) + f".{ext}"

    def setCopyableState(self, state: Any) -> None:
        """Take what came, and get the state of that time: from the file, or from the publisher."""
        super().setCopyableState(state)
        self._activationListeners = []
        kept = self._kept()
        if kept is not None and kept.get("timestamp") == self.timestamp:
            self._activate(kept["state"])
        else:
            self.remote.callRemote("getStateToPublish").addCallbacks(self._received, self._failed)

    def _kept(self) -> dict[str, Any] | None:
        """What is in the file, if it is what was put there."""
        try:
            sexp = banana.decode(Path(self.getFileName()).read_bytes())
            kept = jelly.unjelly(sexp, globalSecurity)
        except (OSError, BananaError, InsecureJelly):
            return None
        whole = isinstance(kept, dict) and isinstance(kept.get("state"), dict)
        return kept if whole else None

    def _received(self, state: Any) -> None:
        if not isinstance(state, dict):
            raise InsecureJelly("a published state is a dictionary of attributes")
        kept = {"timestamp": self.timestamp, "state": state}
        try:
            path = Path(self.getFileName())
            path.write_bytes(banana.encode(jelly.jelly(kept, globalSecurity)))
        except (OSError, BananaError, InsecureJelly):
            _log.failure("The state of {published!r} is not kept", published=self)
        self._activate(state)

    def _failed(self, reason: Failure) -> None:
        _log.failure("There is no state of {published!r}", failure=reason, published=self)

    def _activate(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.isActivated = True
        self.activated()
        listeners, self._activationListeners = self._activationListeners, []
        for listener in listeners:
            listener(self)

    def activated(self) -> None:
        """The state is there.  Override this."""

    def callWhenActivated(self, callback: Callable[[RemotePublished], Any]) -> None:
        """Call a function once the state is there, or now if it is.

        Args:
            callback: takes this copy.
        """
        if self.isActivated:
            callback(self)
        else:
            self._activationListeners.append(callback)


def whenReady(d: Deferred[Any]) -> Deferred[Any]:
    """A Deferred of a copy, as one that fires when the copy has its state.

    Args:
        d: the Deferred of a call that returns a `Publishable`.
    """
    return d.addCallback(_whenActivated)


def _whenActivated(published: RemotePublished) -> Deferred[RemotePublished]:
    ready: Deferred[RemotePublished] = Deferred()
    published.callWhenActivated(ready.callback)
    return ready
