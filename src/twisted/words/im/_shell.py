"""What the front ends have in common: lines that one types, and lines that are shown.

A line that begins with "/" is a command, a method ``do_<name>`` of `Shell`; any other is said in
the conversation that is chosen. Front ends define how lines are shown.

What others say may hold anything: escape sequences that would rewrite a terminal, marks that turn
the direction of text, line breaks that look like another's words. Each character that is not
printed as itself is shown as U+FFFD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.basechat import ChatUI, Conversation, GroupConversation
from twisted.words.im.locals import OfflineError
from twisted.words.protocols.irc import stripFormatting

_log = Logger(namespace="twisted.words.im")

#: Characters of one text that are shown; the rest is counted.
MAX_SHOWN = 4000


def readable(text: str) -> str:
    """Text as it may be shown, on one line."""
    text = stripFormatting(text)
    cut = len(text) - MAX_SHOWN
    if cut > 0:
        text = f"{text[:MAX_SHOWN]} [and {cut} more characters]"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


class _Talk:
    """What the two kinds of conversation have in common."""

    chat: Any
    title: str

    def show(self) -> None:
        """Show it."""
        self.chat.opened(self)

    def hide(self) -> None:
        """Do not show it any more."""
        self.chat.closed(self)

    def said(self, name: str, text: str, metadata: Any) -> None:
        """Show what somebody says, or does."""
        if metadata and metadata.get("style") == "emote":
            line = f"* {readable(name)} {readable(text)}"
        elif metadata and metadata.get("dontAutoRespond"):
            line = f"-{readable(name)}- {readable(text)}"
        else:
            line = f"<{readable(name)}> {readable(text)}"
        self.chat.write(self, line)

    def typed(self, client: Any, text: str, metadata: Any, sent: Deferred[Any]) -> Deferred[Any]:
        """Show what oneself says, or that it could not be said."""

        def done(_: object) -> None:
            self.said(ownName(client), text, metadata)

        return sent.addCallbacks(done, self.failed)

    def failed(self, failure: Failure) -> None:
        """Show why something did not work."""
        self.chat.write(self, f"!! {readable(failure.getErrorMessage())}")


class ShellConversation(_Talk, Conversation):
    """With somebody."""

    @property
    def title(self) -> str:  # type: ignore[override]  # it is known by another
        """What it goes by."""
        return readable(str(self.person.name))

    @property
    def account(self) -> Any:
        """The account that it is by."""
        return self.person.account

    def sendText(self, text: str, metadata: Any = None) -> Any:
        """Say something, and show it."""
        client = self.person.account.client
        sent = maybeDeferred(super().sendText, text, metadata)
        return self.typed(client, text, metadata, sent)

    def showMessage(self, text: str, metadata: Any = None) -> None:
        """Show what the other says."""
        self.said(self.person.name, text, metadata)

    def changedNick(self, person: Any, newnick: str) -> None:
        """The other is called something else now."""
        before = self.title
        super().changedNick(person, newnick)
        self.chat.write(self, f"* {before} is now known as {self.title}")


class ShellGroupConversation(_Talk, GroupConversation):
    """In a group."""

    @property
    def title(self) -> str:  # type: ignore[override]  # it is known by another
        """What it goes by."""
        return "#" + readable(self.group.name)

    @property
    def account(self) -> Any:
        """The account that it is by."""
        return self.group.account

    def sendText(self, text: str, metadata: Any = None) -> Any:
        """Say something, and show it."""
        client = self.group.account.client
        sent = maybeDeferred(super().sendText, text, metadata)
        return self.typed(client, text, metadata, sent)

    def showGroupMessage(self, sender: str, text: str, metadata: Any = None) -> None:
        """Show what somebody says."""
        self.said(sender, text, metadata)

    def setGroupMembers(self, members: list[str]) -> None:
        """Show who is in it."""
        super().setGroupMembers(members)
        self.chat.write(self, "* here: " + readable(" ".join(self.members)))

    def setTopic(self, topic: str, author: str) -> None:
        """Show what it is about."""
        by = f" ({readable(author)})" if author else ""
        self.chat.write(self, f"* topic{by}: {readable(topic)}")

    def memberJoined(self, member: str) -> None:
        """Show that somebody has come."""
        super().memberJoined(member)
        self.chat.write(self, f"* {readable(member)} has come")

    def memberChangedNick(self, oldnick: str, newnick: str) -> None:
        """Show that somebody is called something else."""
        super().memberChangedNick(oldnick, newnick)
        self.chat.write(self, f"* {readable(oldnick)} is now known as {readable(newnick)}")

    def memberLeft(self, member: str) -> None:
        """Show that somebody has gone."""
        super().memberLeft(member)
        self.chat.write(self, f"* {readable(member)} has gone")


class Shell(ChatUI):
    """Conversations, and commands.

    Subclasses define `write`.

    Args:
        accounts: the accounts that there are.
        quit: called when one has had enough.

    Attributes:
        accounts: as given.
        current: the conversation that is chosen, or None.
    """

    conversationClass = ShellConversation
    groupConversationClass = ShellGroupConversation

    def __init__(self, accounts: AccountManager, quit: Callable[[], object]) -> None:
        super().__init__()
        self.accounts = accounts
        self.current: Any = None
        self._quit = quit

    # --- What is shown ---

    def write(self, talk: Any, line: str) -> None:
        """Show a line, of a conversation or, if `talk` is None, of none."""
        raise NotImplementedError

    def opened(self, talk: Any) -> None:
        """A conversation has begun. A group that one has joined is chosen, as is the first."""
        if self.current is None or isinstance(talk, GroupConversation):
            self.choose(talk)

    def closed(self, talk: Any) -> None:
        """A conversation is over."""
        if self.current is talk:
            self.choose(next((one for one in self.talks() if one is not talk), None))

    def choose(self, talk: Any) -> None:
        """Say what is typed here, from now on."""
        self.current = talk

    def talks(self) -> list[Any]:
        """All conversations."""
        return [*self.groupConversations.values(), *self.conversations.values()]

    def registerAccountClient(self, client: Any) -> Any:
        """An account is logged on."""
        super().registerAccountClient(client)
        self.write(None, f"Logged on: {client.accountName}")
        return client

    def unregisterAccountClient(self, client: Any) -> None:
        """An account is logged on no more."""
        super().unregisterAccountClient(client)
        self.write(None, f"Logged off: {client.accountName}")

    # --- What is typed ---

    def typed(self, line: str) -> None:
        """A line was typed: a command, or something to say."""
        line = line.strip()
        if not line:
            return
        try:
            if line.startswith("/"):
                self._do(line[1:])
            else:
                self._say(line)
        except (LookupError, ValueError, OfflineError) as problem:
            text = problem.args[0] if problem.args else type(problem).__name__
            self.write(None, f"!! {readable(str(text))}")

    def _do(self, line: str) -> None:
        """Carry out a command."""
        name, _, rest = line.partition(" ")
        command: Callable[[str], object] | None = getattr(self, "do_" + name.lower(), None)
        if command is None:
            self.write(None, f"There is no command /{readable(name)}: see /help.")
        else:
            command(rest.strip())

    def _say(self, text: str, metadata: Any = None) -> None:
        self._chosen().sendText(text, metadata)

    def _chosen(self) -> Any:
        if self.current is None:
            raise ValueError("Nothing is chosen to say it to: /join GROUP, or /to NAME.")
        return self.current

    def _client(self, account: str) -> Any:
        """The client of an account, or of the only one, or of the chosen conversation."""
        if account:
            found = self.accounts.accounts[account].client
        elif self.current is not None:
            found = self.current.account.client
        else:
            found = self.onlineClients[0] if self.onlineClients else None
        if found is None:
            raise OfflineError("Not logged on: /connect ACCOUNT.")
        return found

    def _tried(self, result: Any) -> None:
        """Show why something did not work, if it does not."""
        if isinstance(result, Deferred):
            result.addErrback(
                lambda failure: self.write(None, f"!! {readable(failure.getErrorMessage())}")
            )

    def do_help(self, rest: str) -> None:
        """/help: the commands"""
        for name in sorted(dir(self)):
            if name.startswith("do_"):
                self.write(None, str(getattr(self, name).__doc__))

    def do_accounts(self, rest: str) -> None:
        """/accounts: the accounts, and which are logged on"""
        for name, online, _, kind in self.accounts.getSnapShot():
            self.write(None, f"{name} ({kind}): {'on' if online else 'off'}")

    def do_connect(self, rest: str) -> None:
        """/connect ACCOUNT: log on"""
        if rest not in self.accounts.accounts:
            raise ValueError(f"There is no account {rest!r}: see /accounts.")
        self._tried(self.accounts.connect(rest, self))

    def do_disconnect(self, rest: str) -> None:
        """/disconnect ACCOUNT: log off"""
        if rest not in self.accounts.accounts:
            raise ValueError(f"There is no account {rest!r}: see /accounts.")
        self.accounts.disconnect(rest)

    def do_join(self, rest: str) -> None:
        """/join GROUP [ACCOUNT]: come into a group"""
        group, account = words(rest, "a group")
        self._tried(self._client(account).joinGroup(group.removeprefix("#")))

    def do_leave(self, rest: str) -> None:
        """/leave: go out of the group that is chosen, or end the conversation"""
        talk = self._chosen()
        if isinstance(talk, GroupConversation):
            talk.group.leave()
            self.groupConversations.pop(talk.group, None)
        else:
            self.conversations.pop(talk.person, None)
            talk.hide()

    def do_to(self, rest: str) -> None:
        """/to NAME [ACCOUNT]: choose whom to speak to; #NAME is a group"""
        name, account = words(rest, "a name")
        for talk in self.talks():
            if talk.title == name and account in ("", talk.account.accountName):
                self.choose(talk)
                return
        if name.startswith("#"):
            raise ValueError(f"You are not in {name}: /join it.")
        self.choose(self.getConversation(self._client(account).getPerson(name)))

    def do_me(self, rest: str) -> None:
        """/me TEXT: do something"""
        self._say(rest, {"style": "emote"})

    def do_topic(self, rest: str) -> None:
        """/topic TEXT: change the topic of the group that is chosen"""
        talk = self._chosen()
        if not isinstance(talk, GroupConversation):
            raise ValueError("Only groups have a topic.")
        self._tried(talk.group.setTopic(rest))

    def do_who(self, rest: str) -> None:
        """/who: who is in the group that is chosen"""
        talk = self._chosen()
        names: Iterable[str] = getattr(talk, "members", [talk.title])
        self.write(talk, "* here: " + readable(" ".join(names)))

    def do_contacts(self, rest: str) -> None:
        """/contacts: whom one knows, and whether they are there"""
        for name, person in sorted(self.contactsList.contacts.items()):
            self.write(None, f"{readable(name)}: {person.getStatus()}")

    def do_quit(self, rest: str) -> None:
        """/quit: log off, and end"""
        self.accounts.quit()
        self._quit()


def words(text: str, what: str) -> tuple[str, str]:
    """A name and, perhaps, an account."""
    first, _, second = text.partition(" ")
    if not first:
        raise ValueError(f"Say {what}: see /help.")
    return first, second.strip()


def ownName(client: Any) -> str:
    """What one is called by a client."""
    return str(getattr(client, "nickname", "") or client.account.username)
