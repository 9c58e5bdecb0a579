"""What shows conversations: the parts that need no screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.words.im.interfaces import IChatUI, IConversation, IGroupConversation

__all__ = ["ChatUI", "ContactsList", "Conversation", "GroupConversation"]

#: Conversations with persons that are kept. Anybody may begin one with us, by any name; the one
#: in which nothing has happened for the longest time is hidden and forgotten.
MAX_CONVERSATIONS = 200

#: Persons whose status is kept; those are forgotten first of whom nothing was heard for the longest
#: time. Whoever is in a large channel hears of many.
MAX_CONTACTS = 20_000


class ContactsList:
    """Those whom one knows, and whether they are there.

    Attributes:
        contacts: the persons, by name and account.
        onlineContacts: those who are there.
        clients: the clients that are logged on.
        chat: the `ChatUI`.
    """

    def __init__(self, chatui: Any) -> None:
        self.contacts: dict[str, Any] = {}
        self.onlineContacts: dict[str, Any] = {}
        self.clients: list[Any] = []
        self.chat = chatui

    def setContactStatus(self, person: Any) -> None:
        """What is known of whether somebody is there has changed; they may be new."""
        key = str(person)
        self.contacts.pop(key, None)
        self.contacts[key] = person  # as the one of whom was heard last
        while len(self.contacts) > MAX_CONTACTS:
            oldest = next(iter(self.contacts))
            del self.contacts[oldest]
            self.onlineContacts.pop(oldest, None)
        if person.isOnline():
            self.onlineContacts[key] = person
        else:
            self.onlineContacts.pop(key, None)

    def registerAccountClient(self, client: Any) -> None:
        """An account is logged on."""
        if client not in self.clients:
            self.clients.append(client)

    def unregisterAccountClient(self, client: Any) -> None:
        """An account is not logged on any more: nothing is known of those whom it knows."""
        if client in self.clients:
            self.clients.remove(client)
        for people in (self.contacts, self.onlineContacts):
            for key in [key for key, one in people.items() if one.account is client.account]:
                del people[key]

    def contactChangedNick(self, person: Any, newnick: str) -> None:
        """Somebody is called something else now. Called before `person` knows."""
        new = f"{newnick}@{person.account.accountName}"
        for people in (self.contacts, self.onlineContacts):
            if people.pop(str(person), None) is not None:
                people[new] = person


class _Shown:
    """What can be shown."""

    def show(self) -> None:
        """Show it."""
        raise NotImplementedError(f"{type(self).__name__} has to define show(self).")

    def hide(self) -> None:
        """Do not show it any more."""
        raise NotImplementedError(f"{type(self).__name__} has to define hide(self).")


@implementer(IConversation)
class Conversation(_Shown):
    """What is shown of what one and somebody else say.

    Subclasses define `show`, `hide` and `showMessage`.

    Attributes:
        person: the other.
        chat: the `ChatUI`.
    """

    def __init__(self, person: Any, chatui: Any) -> None:
        self.person = person
        self.chat = chatui

    def sendText(self, text: str, metadata: Any = None) -> Any:
        """Say something, and show it.

        Returns:
            A Deferred of the text, when it has been sent.

        Raises:
            twisted.words.im.locals.OfflineError: the account is not logged on.
        """
        return self.person.sendMessage(text, metadata)

    def showMessage(self, text: str, metadata: Any = None) -> None:
        """Show what the other says.

        Args:
            text: what.
            metadata: how; see `twisted.words.im.interfaces`.
        """
        raise NotImplementedError(f"{type(self).__name__} has to define showMessage(self, ...).")

    def contactChangedNick(self, person: Any, newnick: str) -> None:
        """Somebody, perhaps the other, is called something else now."""
        if person is self.person:
            self.changedNick(person, newnick)

    def changedNick(self, person: Any, newnick: str) -> None:
        """The other is called something else now."""
        self.person.name = newnick


@implementer(IGroupConversation)
class GroupConversation(_Shown):
    """What is shown of a group that one is in.

    Subclasses define `show`, `hide`, `showGroupMessage` and `setTopic`, and call the others of
    these methods when they override them.

    Attributes:
        group: the group.
        chat: the `ChatUI`.
        members: who is in it.
    """

    def __init__(self, group: Any, chatui: Any) -> None:
        self.group = group
        self.chat = chatui
        self.members: list[str] = []

    def sendText(self, text: str, metadata: Any = None) -> Any:
        """Say something in it; as `Conversation.sendText`."""
        return self.group.sendGroupMessage(text, metadata)

    def showGroupMessage(self, sender: str, text: str, metadata: Any = None) -> None:
        """Show what somebody says; as `Conversation.showMessage`."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define showGroupMessage(self, ...)."
        )

    def setGroupMembers(self, members: list[str]) -> None:
        """Show who is in it."""
        self.members = list(members)

    def setTopic(self, topic: str, author: str) -> None:
        """Show what it is about, and who says so."""
        raise NotImplementedError(f"{type(self).__name__} has to define setTopic(self, ...).")

    def memberJoined(self, member: str) -> None:
        """Show that somebody has come."""
        if member not in self.members:
            self.members.append(member)

    def memberChangedNick(self, oldnick: str, newnick: str) -> None:
        """Show that somebody is called something else now."""
        self.members = [newnick if member == oldnick else member for member in self.members]

    def memberLeft(self, member: str) -> None:
        """Show that somebody has gone."""
        if member in self.members:
            self.members.remove(member)


@implementer(IChatUI)
class ChatUI:
    """Shows conversations, and knows whom they are with.

    Subclasses define `conversationClass`, `groupConversationClass` and `contactsListClass`.

    Attributes:
        conversations: by person.
        groupConversations: by group.
        onlineClients: the clients that are logged on.
        contactsList: those whom one knows.
    """

    conversationClass: Callable[[Any, Any], Any] = Conversation
    groupConversationClass: Callable[[Any, Any], Any] = GroupConversation
    contactsListClass: Callable[[Any], Any] = ContactsList

    def __init__(self) -> None:
        self.conversations: dict[Any, Any] = {}
        self.groupConversations: dict[Any, Any] = {}
        self.onlineClients: list[Any] = []
        self.contactsList = self.contactsListClass(self)

    def registerAccountClient(self, client: Any) -> Any:
        """An account is logged on by this client, which is returned."""
        self.onlineClients.append(client)
        self.contactsList.registerAccountClient(client)
        return client

    def unregisterAccountClient(self, client: Any) -> None:
        """It is so no more: what its groups show is over."""
        self.onlineClients.remove(client)
        self.contactsList.unregisterAccountClient(client)
        for group in [one for one in self.groupConversations if one.account is client.account]:
            self.groupConversations.pop(group).hide()

    def getContactsList(self) -> Any:
        """The list of those whom one knows."""
        return self.contactsList

    def getConversation(self, person: Any, Class: Any = None, stayHidden: Any = 0) -> Any:
        """The conversation with somebody.

        Args:
            person: the other.
            Class: what to make a new one of; by default `conversationClass`.
            stayHidden: do not show it, if it is new.
        """
        found = self.conversations.pop(person, None)
        if found is None:
            found = (Class or self.conversationClass)(person, self)
            if not stayHidden:
                found.show()
            while len(self.conversations) >= MAX_CONVERSATIONS:
                self.conversations.pop(next(iter(self.conversations))).hide()
        self.conversations[person] = found  # as the one that was last asked for
        return found

    def getGroupConversation(self, group: Any, Class: Any = None, stayHidden: Any = 0) -> Any:
        """The conversation in a group; as `getConversation`."""
        found = self.groupConversations.get(group)
        if found is None:
            found = (Class or self.groupConversationClass)(group, self)
            self.groupConversations[group] = found
            if not stayHidden:
                found.show()
        return found

    def getPerson(self, name: str, client: Any) -> Any:
        """The person of a name, as the account of a client knows them."""
        return client.account.getPerson(name)

    def getGroup(self, name: str, client: Any) -> Any:
        """The group of a name, as the account of a client knows it."""
        return client.account.getGroup(name)

    def contactChangedNick(self, person: Any, newnick: str) -> None:
        """Somebody is called something else now: tell all who show them."""
        person.account.renamed(person, newnick)
        self.contactsList.contactChangedNick(person, newnick)
        conversation = self.conversations.get(person)
        if conversation is not None:
            conversation.contactChangedNick(person, newnick)
        person.name = newnick
