"""Accounts, persons, groups and conversations, whatever the protocol."""

from __future__ import annotations

import pickle
from typing import Any

from zope.interface.verify import verifyClass

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.im import basechat, interfaces, ircsupport, locals, pbsupport, tocsupport
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.basesupport import (
    MAX_PERSONS,
    AbstractAccount,
    AbstractClientMixin,
    AbstractGroup,
    AbstractPerson,
)


class Group(AbstractGroup):
    """Has commands."""

    def imgroup_wave(self) -> str:
        return "waved"

    def imtarget_kick(self, target: Any) -> str:
        return f"kicked {target}"


class Account(AbstractAccount):
    """Logs on when the test says so."""

    gatewayType = "Test"
    _groupFactory = Group

    def _startLogOn(self, chatui: Any) -> Deferred[Any]:
        self.done: Deferred[Any] = Deferred()
        self.connecting = AbstractClientMixin(self, chatui, self.done)
        return self.done

    def _hangUp(self, client: Any) -> None:
        client.connectionLost()


class Noting:
    """Notes what is shown."""

    shown = False

    def show(self) -> None:
        self.shown = True

    def hide(self) -> None:
        self.shown = False


class Talk(Noting, basechat.Conversation):
    """A conversation that does."""


class GroupTalk(Noting, basechat.GroupConversation):
    """Another."""


class UI(basechat.ChatUI):
    """Has conversations that note what is shown."""

    conversationClass = Talk
    groupConversationClass = GroupTalk


def account() -> Account:
    """One of somebody."""
    return Account("mine", 1, "alice", "pw", "localhost", "6667")


class LocalsTests(SynchronousTestCase):
    """What all parts know."""

    def test_statuses(self) -> None:
        """They read well."""
        self.assertEqual(str(locals.ONLINE), "Online")
        self.assertEqual(repr(locals.AWAY), "<Status: Away>")
        self.assertIsInstance(locals.OFFLINE, locals.StatusEnum)

    def test_interfaces(self) -> None:
        """The classes are what they say."""
        for interface, cls in [
            (interfaces.IChatUI, basechat.ChatUI),
            (interfaces.IConversation, basechat.Conversation),
            (interfaces.IGroupConversation, basechat.GroupConversation),
            (interfaces.IAccount, ircsupport.IRCAccount),
            (interfaces.IPerson, ircsupport.IRCPerson),
            (interfaces.IAccount, pbsupport.PBAccount),
            (interfaces.IPerson, pbsupport.TwistedWordsPerson),
            (interfaces.IAccount, tocsupport.TOCAccount),
            (interfaces.IPerson, tocsupport.TOCPerson),
        ]:
            self.assertTrue(verifyClass(interface, cls, tentative=True))


class AccountTests(SynchronousTestCase):
    """Accounts log on and off."""

    def setUp(self) -> None:
        self.ui = UI()
        self.account = account()

    def test_logOn(self) -> None:
        """The client is registered, and is there."""
        result = self.account.logOn(self.ui)
        self.assertNoResult(result)
        self.assertFalse(self.account.isOnline())
        self.assertRaises(ValueError, self.account.logOn, self.ui)
        client = self.account.connecting
        client.loggedOn()
        self.assertIs(self.successResultOf(result), client)
        self.assertTrue(self.account.isOnline())
        self.assertEqual(self.ui.onlineClients, [client])
        self.assertRaises(ValueError, self.account.logOn, self.ui)
        client.connectionLost()
        self.assertFalse(self.account.isOnline())
        self.assertEqual(self.ui.onlineClients, [])

    def test_failure(self) -> None:
        """It may be tried again."""
        for _ in range(2):
            result = self.account.logOn(self.ui)
            self.account.connecting.connectionLost(Failure(ConnectionLost()))
            self.failureResultOf(result, ConnectionLost)
        self.assertEqual(self.ui.onlineClients, [])

    def test_manager(self) -> None:
        """Several are kept by their names."""
        manager = AccountManager()
        self.assertTrue(manager.isEmpty())
        manager.addAccount(self.account)
        self.assertFalse(manager.isEmpty())
        self.assertEqual(manager.getSnapShot(), [("mine", False, 1, "Test")])
        result = manager.connect("mine", self.ui)
        self.account.connecting.loggedOn()
        self.successResultOf(result)
        self.assertEqual(manager.getConnectionInfo(), [True])
        manager.disconnect("mine")
        self.assertEqual(manager.getConnectionInfo(), [False])
        manager.connect("mine", self.ui)
        self.account.connecting.loggedOn()
        manager.quit()
        manager.quit()
        self.assertFalse(self.account.isOnline())
        manager.delAccount("mine")
        self.assertTrue(manager.isEmpty())

    def test_names(self) -> None:
        """Persons and groups are the same each time, and not without number."""
        person, group = self.account.getPerson("bob"), self.account.getGroup("snakes")
        self.assertIs(self.account.getPerson("bob"), person)
        self.assertIs(self.account.getGroup("snakes"), group)
        self.assertEqual((str(person), str(group)), ("bob@mine", "snakes@mine"))
        self.assertEqual(person.getIdleTime(), "--")
        self.assertEqual(person.getPersonCommands(), [])
        self.assertEqual([command() for command in group.getGroupCommands()], ["waved"])
        (kick,) = group.getTargetCommands("bob")
        self.assertEqual(kick("bob"), "kicked bob")
        for number in range(MAX_PERSONS + 10):
            self.account.getPerson(f"n{number}")
        self.assertEqual(len(self.account._persons), MAX_PERSONS)

    def test_offline(self) -> None:
        """There is nothing to join by."""
        group = self.account.getGroup("snakes")
        error = self.assertRaises(locals.OfflineError, group.join)
        self.assertIn("log on first", str(error))
        self.assertRaises(locals.OfflineError, group.leave)

    def test_pickle(self) -> None:
        """An account is kept without its connection."""
        made = ircsupport.IRCAccount("mine", 1, "alice", "pw", "localhost", 6667, "a,b")
        made.getPerson("bob")
        made.client = object()
        kept = pickle.loads(pickle.dumps(made))
        self.assertEqual((kept.accountName, kept.channels, kept.port), ("mine", ["a", "b"], 6667))
        self.assertFalse(kept.isOnline())
        self.assertEqual(kept.getPerson("bob").name, "bob")

    def test_upgrade(self) -> None:
        """One of version 1, whose port was text."""
        made = account()
        state: dict[str, Any] = {**vars(made), "port": "6667"}
        vars(made).update(state)
        made.upgrateToVersion2()
        self.assertEqual(made.port, 6667)


class ChatTests(SynchronousTestCase):
    """Conversations are found and forgotten."""

    def setUp(self) -> None:
        self.ui = UI()
        self.account = account()
        self.account.logOn(self.ui)
        self.client = self.account.connecting
        self.client.loggedOn()

    def test_conversations(self) -> None:
        """There is one for each person and each group."""
        bob = self.ui.getPerson("bob", self.client)
        talk = self.ui.getConversation(bob)
        self.assertTrue(talk.shown)
        self.assertIs(self.ui.getConversation(bob), talk)
        snakes = self.ui.getGroup("snakes", self.client)
        hidden = self.ui.getGroupConversation(snakes, stayHidden=1)
        self.assertFalse(hidden.shown)
        self.assertIs(self.ui.getGroupConversation(snakes), hidden)
        self.assertIsInstance(
            self.ui.getConversation(self.ui.getPerson("carol", self.client), Talk), Talk
        )

    def test_many(self) -> None:
        """Strangers cannot open windows without number."""
        first = self.ui.getConversation(self.ui.getPerson("first", self.client))
        second = self.ui.getConversation(self.ui.getPerson("second", self.client))
        for number in range(basechat.MAX_CONVERSATIONS - 1):
            self.ui.getConversation(self.ui.getPerson(f"n{number}", self.client))
            self.ui.getConversation(second.person)
        self.assertEqual(len(self.ui.conversations), basechat.MAX_CONVERSATIONS)
        self.assertEqual((first.shown, second.shown), (False, True))

    def test_manyContacts(self) -> None:
        """Of strangers without number, those are kept of whom was heard last."""
        self.patch(basechat, "MAX_CONTACTS", 3)
        contacts = self.ui.getContactsList()
        for name in ("a", "b", "c", "a", "d"):
            person = self.ui.getPerson(name, self.client)
            person.status = locals.ONLINE
            contacts.setContactStatus(person)
        self.assertEqual([person.name for person in contacts.contacts.values()], ["c", "a", "d"])
        self.assertEqual(set(contacts.onlineContacts), set(contacts.contacts))

    def test_members(self) -> None:
        """Who is in a group is kept."""
        talk = self.ui.getGroupConversation(self.ui.getGroup("snakes", self.client))
        talk.setGroupMembers(["a", "b"])
        talk.memberJoined("c")
        talk.memberJoined("c")
        talk.memberChangedNick("a", "d")
        talk.memberLeft("b")
        talk.memberLeft("b")
        self.assertEqual(talk.members, ["d", "c"])

    def test_renamed(self) -> None:
        """Who is called something else is the same person."""
        bob = self.ui.getPerson("bob", self.client)
        bob.isOnline = lambda: True
        talk = self.ui.getConversation(bob)
        contacts = self.ui.getContactsList()
        contacts.setContactStatus(bob)
        self.ui.contactChangedNick(bob, "robert")
        self.assertEqual(bob.name, "robert")
        self.assertIs(self.ui.getPerson("robert", self.client), bob)
        self.assertIsNot(self.ui.getPerson("bob", self.client), bob)
        self.assertIs(self.ui.getConversation(bob), talk)
        self.assertEqual(contacts.contacts, {"robert@mine": bob})
        self.assertEqual(contacts.onlineContacts, {"robert@mine": bob})

    def test_contacts(self) -> None:
        """Who is there, while anything is known of it."""
        contacts = self.ui.getContactsList()
        person: Any = AbstractPerson("bob", self.account)
        for online in (True, False):
            person.isOnline = lambda online=online: online
            contacts.setContactStatus(person)
            self.assertEqual("bob@mine" in contacts.onlineContacts, online)
            self.assertIn("bob@mine", contacts.contacts)
        self.client.connectionLost()
        self.assertEqual((contacts.contacts, contacts.clients), ({}, []))

    def test_over(self) -> None:
        """When the connection is, so are the groups, and not what somebody said."""
        group = self.ui.getGroupConversation(self.ui.getGroup("snakes", self.client))
        talk = self.ui.getConversation(self.ui.getPerson("bob", self.client))
        self.client.connectionLost()
        self.assertEqual((group.shown, talk.shown), (False, True))
        self.assertEqual(self.ui.groupConversations, {})

    def test_undefined(self) -> None:
        """What a front end has to define is said."""
        talk: Any = basechat.Conversation(None, self.ui)
        group: Any = basechat.GroupConversation(None, self.ui)
        for call in (
            talk.show,
            talk.hide,
            lambda: talk.showMessage("x"),
            group.show,
            group.hide,
            lambda: group.showGroupMessage("a", "x"),
            lambda: group.setTopic("a", "x"),
        ):
            error = self.assertRaises(NotImplementedError, call)
            self.assertIn("has to define", str(error))
