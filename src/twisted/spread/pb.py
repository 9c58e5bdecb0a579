"""Perspective Broker: calling methods of objects at the other end of a connection.

A server is a `PBServerFactory` around a `Root`, or around a `Portal` to log in by; a client is a
`PBClientFactory` with `getRootObject` or `login`.  Both ends are alike after that: a `Broker`
carries calls, answers, and objects of the flavors of `twisted.spread.flavors`.

Limits on what a peer can make us hold: `MAX_BROKER_REFS` objects of ours that it refers to (rebind
it, or set `maxReferences` of a broker; the connection is ended after a few attempts at more), and
those of `twisted.spread.banana` on each message.  What it may name is said by a `SecurityOptions`
(`globalSecurity` by default).

Chapter 7 of the documentation.
"""

from __future__ import annotations

from typing import Any

from twisted.cred.credentials import IAnonymous
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ClientFactory, ServerFactory
from twisted.python.failure import Failure
from twisted.spread._broker import Broker, PBConnectionLost
from twisted.spread._failures import (
    CopiedFailure,
    CopyableFailure,
    Error,
    RemoteError,
    failure2Copyable,
)
from twisted.spread._login import (
    Avatar,
    IPerspective,
    IUsernameMD5Password,
    challenge,
    respond,
)
from twisted.spread._references import (
    AsReferenceable,
    DeadReferenceError,
    ProtocolError,
    RemoteMethod,
    RemoteReference,
)
from twisted.spread.flavors import (
    Cacheable,
    Copyable,
    IPBRoot,
    NoSuchMethod,
    Referenceable,
    RemoteCache,
    RemoteCacheObserver,
    RemoteCopy,
    Root,
    Serializable,
    Viewable,
    ViewPoint,
    copyTags,
)
from twisted.spread.jelly import (
    Jellyable,
    globalSecurity,
    setUnjellyableFactoryForClass,
    setUnjellyableForClass,
    setUnjellyableForClassTree,
)

__all__ = [
    "MAX_BROKER_REFS",
    "AsReferenceable",
    "Avatar",
    "Broker",
    "Cacheable",
    "CopiedFailure",
    "Copyable",
    "CopyableFailure",
    "DeadReferenceError",
    "Error",
    "IPBRoot",
    "IPerspective",
    "IUsernameMD5Password",
    "Jellyable",
    "NoSuchMethod",
    "PBClientFactory",
    "PBConnectionLost",
    "PBServerFactory",
    "ProtocolError",
    "Referenceable",
    "RemoteCache",
    "RemoteCacheObserver",
    "RemoteCopy",
    "RemoteError",
    "RemoteMethod",
    "RemoteReference",
    "Root",
    "Serializable",
    "ViewPoint",
    "Viewable",
    "challenge",
    "copyTags",
    "failure2Copyable",
    "globalSecurity",
    "portno",
    "respond",
    "setCopierForClass",
    "setCopierForClassTree",
    "setFactoryForClass",
    "setUnjellyableFactoryForClass",
    "setUnjellyableForClass",
    "setUnjellyableForClassTree",
]

#: The port that Perspective Broker has by convention.
portno = 8787

#: Objects of ours that one peer may refer to at a time.  More is a leak, here or there.
MAX_BROKER_REFS = 1024

#: Names that programs of the documentation's time use.
setCopierForClass = setUnjellyableForClass
setCopierForClassTree = setUnjellyableForClassTree
setFactoryForClass = setUnjellyableFactoryForClass


def _made(factory: PBClientFactory | PBServerFactory, isClient: bool) -> Broker:
    """A broker of a factory's."""
    broker = factory.protocol(isClient=isClient, security=factory.security)
    broker.factory = factory
    broker.maxReferences = MAX_BROKER_REFS
    return broker


class PBClientFactory(ClientFactory):
    """Makes connections, and gets the first object by them.

    Args:
        unsafeTracebacks: whether the peer gets the tracebacks of our exceptions.
        security: what the peer may name.
    """

    protocol = Broker
    unsafeTracebacks = False

    def __init__(self, unsafeTracebacks: bool = False, security: Any = globalSecurity) -> None:
        self.unsafeTracebacks = unsafeTracebacks
        self.security = security
        self._waiting: list[Deferred[RemoteReference]] = []
        self._broker: Broker | None = None
        self._root: RemoteReference | None = None

    def buildProtocol(self, addr: Any) -> Broker:
        """A broker for a connection."""
        return _made(self, isClient=True)

    def clientConnectionMade(self, broker: Broker) -> None:
        """A connection is ready: whoever waits for the root object gets it."""
        self._broker = broker
        self._root = broker.remoteForName("root")
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(self._root)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """There is no connection: whoever waits is told why."""
        self._failAll(reason)

    def clientConnectionLost(
        self, connector: Any, reason: Failure, reconnecting: bool = False
    ) -> None:
        """The connection ended.

        Args:
            connector: what made it.
            reason: why.
            reconnecting: whether another is being made: who waits goes on waiting then.
        """
        if reconnecting:
            self._broker = self._root = None
        else:
            self._failAll(reason)

    def _failAll(self, reason: Failure) -> None:
        self._broker = self._root = None
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.errback(reason)

    def disconnect(self) -> None:
        """End the connection, if there is one."""
        if self._broker is not None and self._broker.transport is not None:
            self._broker.transport.loseConnection()

    def getRootObject(self) -> Deferred[RemoteReference]:
        """Get the object that the server serves.

        Returns:
            A Deferred of a reference to it.  It fails if the connection does.
        """
        deferred: Deferred[RemoteReference] = Deferred(self._waiting.remove)
        if self._root is not None and self._broker is not None and not self._broker.disconnected:
            deferred.callback(self._root)
        else:
            self._waiting.append(deferred)
        return deferred

    def login(self, credentials: Any, client: Any = None) -> Deferred[RemoteReference]:
        """Log in to a server whose root is a portal.

        Args:
            credentials: a `UsernamePassword`, or `Anonymous`.
            client: a Referenceable, that the server gets as the mind.

        Returns:
            A Deferred of a reference to the avatar.  It fails with the server's
            `UnauthorizedLogin`, or if the connection does.
        """
        root = self.getRootObject()
        if IAnonymous.providedBy(credentials):
            return root.addCallback(lambda login: login.callRemote("loginAnonymous", client))
        return root.addCallback(_askToLogin, credentials.username, credentials.password, client)


def _askToLogin(
    root: RemoteReference, username: bytes, password: bytes, client: Any
) -> Deferred[RemoteReference]:
    """Ask for a challenge, and answer it."""

    def answer(asked: tuple[bytes, RemoteReference]) -> Deferred[RemoteReference]:
        question, challenger = asked
        return challenger.callRemote("respond", respond(question, _bytes(password)), client)

    return root.callRemote("login", _bytes(username)).addCallback(answer)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


class PBServerFactory(ServerFactory):
    """Serves an object to all who connect.

    Args:
        root: an object that provides `IPBRoot` or is adapted to it: a `Root`, or a `Portal`.
        unsafeTracebacks: whether peers get the tracebacks of our exceptions.
        security: what peers may name.
    """

    protocol = Broker
    unsafeTracebacks = False

    def __init__(
        self, root: Any, unsafeTracebacks: bool = False, security: Any = globalSecurity
    ) -> None:
        self.root = IPBRoot(root)
        self.unsafeTracebacks = unsafeTracebacks
        self.security = security

    def buildProtocol(self, addr: Any) -> Broker:
        """A broker for a connection, which serves the object."""
        broker = _made(self, isClient=False)
        broker.setNameForLocal("root", self.root.rootObject(broker))
        return broker

    def clientConnectionMade(self, protocol: Broker) -> None:
        """A connection is ready.  Override this to know."""
