"""Accounts of chat servers that speak Perspective Broker: `twisted.words.service`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.cred.credentials import UsernamePassword
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.spread.pb import DeadReferenceError, PBClientFactory
from twisted.words.im.basesupport import (
    AbstractAccount,
    AbstractClientMixin,
    AbstractGroup,
    AbstractPerson,
    clientOf,
)
from twisted.words.im.interfaces import IAccount, IClient, IGroup, IPerson
from twisted.words.im.locals import OFFLINE, ONLINE, StatusEnum
from twisted.words.service import PBMind

__all__ = [
    "PBAccount",
    "TwistedWordsClient",
    "TwistedWordsGroup",
    "TwistedWordsPerson",
    "pbFrontEnds",
]

_log = Logger()

#: Users whose names are remembered by the references that the server sends; the oldest are asked
#: anew.
MAX_NAMES = 10_000


def _message(text: str, metadata: Any) -> dict[str, Any]:
    """What is said, as the server passes it on."""
    message = {"text": text}
    if metadata and metadata.get("style") == "emote":
        message["type"] = "action"
    return message


def _unmessage(message: Any) -> tuple[str, dict[str, Any]]:
    """The text and the metadata of what the server passes on."""
    if not isinstance(message, dict):
        return "", {}
    kind = message.get("type")
    metadata: dict[str, Any] = {}
    if kind == "action":
        metadata["style"] = "emote"
    elif kind == "notice":
        metadata["dontAutoRespond"] = True
    return str(message.get("text", "")), metadata


def _metadata(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


@implementer(IPerson)
class TwistedWordsPerson(AbstractPerson):
    """Somebody on the server."""

    def __init__(self, name: str, wordsAccount: Any) -> None:
        super().__init__(name, wordsAccount)
        self.status = ONLINE

    def sendMessage(self, text: str, metadata: Any = None) -> Deferred[str]:
        """Say or do something.

        Returns:
            A Deferred of the text; it fails if they are not there.
        """
        result: Deferred[str] = clientOf(self.account).sendTo(self.name, text, metadata)
        if metadata:
            result.addErrback(self.metadataFailed, "* " + text)
        return result

    def metadataFailed(self, result: Failure, text: str) -> Deferred[str]:
        """It could not be said as it was meant: say it in text alone."""
        again: Deferred[str] = clientOf(self.account).sendTo(self.name, text, None)
        return again


@implementer(IGroup)
class TwistedWordsGroup(AbstractGroup):
    """A group on the server.

    Attributes:
        account: the account.
        joined: the reference to it, while we are in it.
    """

    def __init__(self, name: str, wordsClient: Any) -> None:
        super().__init__(name, wordsClient)
        self.joined: Any = None

    def joining(self) -> None:
        """We are about to come into it."""
        self.joined = None

    def leaving(self) -> None:
        """We are about to go out of it."""
        self.joined = None

    def sendGroupMessage(self, text: str, metadata: Any = None) -> Deferred[str]:
        """Say or do something in it; as `TwistedWordsPerson.sendMessage`."""
        result = self._send(text, metadata)
        if metadata:
            result.addErrback(self.metadataFailed, "* " + text)
        return result

    def metadataFailed(self, result: Failure, text: str) -> Deferred[str]:
        """It could not be said as it was meant: say it in text alone."""
        return self._send(text, None)

    def _send(self, text: str, metadata: Any) -> Deferred[str]:
        sent: Deferred[Any] = self._reference().send(_message(text, metadata))
        return sent.addCallback(lambda _: text)

    def _reference(self) -> Any:
        clientOf(self.account)
        if self.joined is None:
            raise ValueError(f"You are not in the group {self.name!r}: join it first.")
        return self.joined

    def setTopic(self, text: str) -> Deferred[Any]:
        """Change its topic."""
        changed: Deferred[Any] = self._reference().setMetadata({"topic": text})
        return changed

    def leave(self) -> None:
        """Go out of it."""
        clientOf(self.account).leaveGroup(self.name)


@implementer(IClient)
class TwistedWordsClient(PBMind, AbstractClientMixin):
    """What the server tells of, and what one can ask of it.

    Args:
        acct: the account.
        serviceName: what the service is called.
        perspectiveName: who one is there.
        chatui: the `twisted.words.im.basechat.ChatUI`.
    """

    def __init__(
        self,
        acct: Any,
        serviceName: str,
        perspectiveName: str,
        chatui: Any,
        _logonDeferred: Deferred[Any] | None = None,
    ) -> None:
        AbstractClientMixin.__init__(self, acct, chatui, _logonDeferred)
        self.serviceName = serviceName
        self.perspectiveName = perspectiveName
        self.name = f"{perspectiveName}@{serviceName}"
        self.perspective: Any = None
        self._names: dict[Any, Deferred[str]] = {}

    # --- Logging on and off ---

    def connected(self, perspective: Any) -> None:
        """The server has let us in.

        Args:
            perspective: the `twisted.words.service.AvatarReference`.
        """
        self.perspective = perspective
        perspective.notifyOnDisconnect(lambda _: self.connectionLost())
        self.loggedOn()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is over."""
        self.perspective = None
        self._names.clear()
        AbstractClientMixin.connectionLost(self, reason)

    # --- What one can do ---

    def joinGroup(self, name: str) -> Deferred[Any]:
        """Come into a group, and show it.

        Returns:
            A Deferred that fires when we are in, and fails if we may not.
        """
        group = self.getGroup(name)
        group.joining()

        def joined(reference: Any) -> Any:
            group.joined = reference
            self.getGroupConversation(name)
            return reference.callRemote("getMembers").addCallbacks(
                lambda names: self.remote_receiveGroupMembers(names, name),
                lambda failure: _log.info("Who is in {name} is not told", name=name),
            )

        entered: Deferred[Any] = self.perspective.join(name)
        return entered.addCallback(joined)

    def leaveGroup(self, name: str) -> None:
        """Go out of a group, and show it no more."""
        group = self.getGroup(name)
        reference = group.joined
        if reference is not None:
            group.leaving()
            reference.leave().addErrback(
                lambda failure: _log.info("Not left {name}: {failure}", name=name, failure=failure)
            )
        self.getGroupConversation(name).hide()

    def addContact(self, name: str) -> Deferred[Any]:
        """Put somebody on the list of contacts; it fails if the server does not know them."""
        found: Deferred[Any] = self.perspective.callRemote("getUser", name)
        return found.addCallback(lambda _: self.getPerson(name).setStatus(ONLINE))

    def sendTo(self, name: str, text: str, metadata: Any) -> Deferred[str]:
        """Say something to somebody; fires with the text."""
        found: Deferred[Any] = self.perspective.callRemote("getUser", name)
        found.addCallback(lambda user: user.callRemote("send", _message(text, metadata)))
        return found.addCallback(lambda _: text)

    def getGroup(self, name: str) -> Any:
        """The group of a name."""
        return self.chat.getGroup(name, self)

    # --- What the server calls, by references ---

    def _nameOf(self, user: Any) -> Deferred[str]:
        """The name of a user, who comes as a reference. In the order in which it was asked."""
        asked = self._names.get(user)
        if asked is None:
            while len(self._names) >= MAX_NAMES:
                del self._names[next(iter(self._names))]
            self._names[user] = asked = user.callRemote("getName")
            asked.addErrback(self._forgetName, user)
        waiting: Deferred[str] = Deferred()

        def told(outcome: Any) -> Any:
            waiting.callback(outcome)
            return None if isinstance(outcome, Failure) else outcome

        # All wait for the same answer, and so none gets ahead of another.
        asked.addBoth(told)
        return waiting

    def _forgetName(self, failure: Failure, user: Any) -> Failure:
        self._names.pop(user, None)
        return failure

    def _named(self, user: Any, call: Callable[[str], None]) -> None:
        def failed(failure: Failure) -> None:
            if not failure.check(DeadReferenceError):
                _log.failure("Somebody's name is not to be had", failure)

        self._nameOf(user).addCallback(lambda name: call(str(name))).addErrback(failed)

    def remote_userJoined(self, user: Any, group: Any) -> None:
        """Somebody came into a group. The group is sent first."""
        self._named(group, lambda name: self.remote_memberJoined(name, user.name))

    def remote_userLeft(self, user: Any, group: Any, reason: str | None) -> None:
        """Somebody left a group. The group is sent first."""
        self._named(group, lambda name: self.remote_memberLeft(name, user.name))

    def remote_receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        """Somebody said something."""
        text, metadata = _unmessage(message)
        group = getattr(recipient, "name", None)

        def tell(name: str) -> None:
            if group is None:
                self.remote_receiveDirectMessage(name, text, metadata)
            else:
                self.remote_receiveGroupMessage(name, group, text, metadata)

        self._named(sender, tell)

    def remote_groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        """What is said of a group has changed."""
        self.remote_setGroupMetadata(meta, group.name)

    # --- What the server calls, by names; it may send anything instead of text ---

    def remote_receiveContactList(self, clist: list[tuple[str, str]]) -> None:
        """Names of those whom one knows, and whether they are there."""
        for name, status in clist:
            self.remote_notifyStatusChanged(name, status)

    def remote_notifyStatusChanged(self, name: str, status: Any) -> None:
        """Whether somebody is there has changed."""
        known = status if isinstance(status, StatusEnum) else _STATUSES.get(status, OFFLINE)
        self.getPerson(str(name)).setStatus(known)

    def remote_receiveDirectMessage(self, name: str, message: str, metadata: Any = None) -> None:
        """Somebody says something to us alone."""
        person = self.getPerson(str(name))
        person.setStatus(ONLINE)
        self.chat.getConversation(person).showMessage(str(message), _metadata(metadata))

    def remote_receiveGroupMessage(
        self, sender: str, group: str, message: str, metadata: Any = None
    ) -> None:
        """Somebody says something in a group."""
        talk = self.getGroupConversation(str(group))
        talk.showGroupMessage(str(sender), str(message), _metadata(metadata))

    def remote_receiveGroupMembers(self, names: list[str], group: str) -> None:
        """Who is in a group."""
        self.getGroupConversation(str(group)).setGroupMembers([str(name) for name in names])

    def remote_memberJoined(self, member: str, group: str) -> None:
        """Somebody has come into a group."""
        self.getGroupConversation(str(group)).memberJoined(str(member))

    def remote_memberLeft(self, member: str, group: str) -> None:
        """Somebody has gone out of a group."""
        self.getGroupConversation(str(group)).memberLeft(str(member))

    def remote_setGroupMetadata(self, dict_: dict[str, Any], groupName: str) -> None:
        """What is said of a group, and by whom."""
        if "topic" in dict_:
            author = str(dict_.get("topic_author", ""))
            self.getGroupConversation(str(groupName)).setTopic(str(dict_["topic"]), author)


_STATUSES = {"Online": ONLINE, "Offline": OFFLINE}

#: The clients for the services that there may be; None is one that we have none for.
pbFrontEnds: dict[str, Any] = {"twisted.words": TwistedWordsClient, "twisted.reality": None}


@implementer(IAccount)
class PBAccount(AbstractAccount):
    """Who one is on a server.

    Args:
        services: the names of the services to use, with commas in between; each must be one of
            `pbFrontEnds` that we have a client for.

    Attributes:
        services: these names, as a list.
    """

    gatewayType = "PB"

    _groupFactory = TwistedWordsGroup
    _personFactory = TwistedWordsPerson
    _factory: Any = None

    def __init__(
        self,
        accountName: str,
        autoLogin: Any,
        username: str,
        password: str,
        host: str,
        port: int | str,
        services: str | None = None,
    ) -> None:
        super().__init__(accountName, autoLogin, username, password, host, port)
        self.services = [one for one in (services or "twisted.words").split(",") if one]
        for service in self.services:
            if pbFrontEnds.get(service) is None:
                raise ValueError(f"There is no client for the service {service!r}.")

    def _startLogOn(self, chatui: Any) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        service = self.services[0]
        client = pbFrontEnds[service](self, service, self.username, chatui, done)
        self._factory = factory = PBClientFactory()
        factory.noisy = False
        installedReactor().connectTCP(self.host, self.port, factory)
        known = UsernamePassword(self.username.encode(), self.password.encode())
        factory.login(known, client).addCallbacks(
            client.connected, self._refused, (), {}, (client,)
        )
        return done

    def _refused(self, reason: Failure, client: Any) -> None:
        self._factory.disconnect()
        client.logOnFailed(reason)

    def _hangUp(self, client: Any) -> None:
        self._factory.disconnect()
