"""The Instance Messenger with chat servers, by IRC and by PB; in a terminal, and in a window."""

from __future__ import annotations

import sys
from typing import Any

from twisted.application.test._daemons import DaemonCase, Foreground
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import deferLater
from twisted.internet.test._display import openDisplay
from twisted.spread.pb import PBServerFactory
from twisted.trial.unittest import SkipTest, TestCase
from twisted.words.ewords import NoSuchUser
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.ircsupport import IRCAccount
from twisted.words.im.pbsupport import PBAccount
from twisted.words.im.terminal import TerminalChat
from twisted.words.im.tocsupport import TOCAccount
from twisted.words.protocols.toc import TOCFactory
from twisted.words.service import InMemoryWordsRealm, IRCFactory
from twisted.words.test._programs import ircServer


class Person:
    """Somebody with a `TerminalChat`, whose lines can be waited for."""

    def __init__(self, *accounts: Any) -> None:
        manager = AccountManager()
        for account in accounts:
            manager.addAccount(account)
        self.lines: list[str] = []
        self._awaited: tuple[str, Deferred[str]] | None = None
        self.chat = TerminalChat(manager, self.show, lambda: None)

    def show(self, line: str) -> None:
        """A line is shown."""
        self.lines.append(line)
        self._look()

    def _look(self) -> None:
        if self._awaited is None:
            return
        part, found = self._awaited
        for at, line in enumerate(self.lines):
            if part in line:
                del self.lines[: at + 1]
                self._awaited = None
                found.callback(line)
                return

    def sees(self, part: str) -> Deferred[str]:
        """The next line with something in it."""
        found: Deferred[str] = Deferred()
        self._awaited = (part, found)
        self._look()
        return found

    def types(self, *lines: str) -> None:
        """Type lines."""
        for line in lines:
            self.chat.typed(line)


class WordsTests(TestCase):
    """Two people on a chat server, one by IRC and one by PB."""

    def setUp(self) -> None:
        realm = InMemoryWordsRealm("words.example")
        realm.createGroupOnRequest = True
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        for name in ("alice", "bob"):
            checker.addUser(name, "secret")
        portal = Portal(realm, [checker])
        there: Any = reactor
        self.factory: Any = IRCFactory(realm, portal)
        self.irc = there.listenTCP(0, self.factory, interface="127.0.0.1")
        self.pb = there.listenTCP(0, PBServerFactory(portal), interface="127.0.0.1")
        self.realm = realm
        self.addCleanup(self.gone)
        self.addCleanup(self.irc.stopListening)
        self.addCleanup(self.pb.stopListening)
        self.toc = there.listenTCP(0, TOCFactory(realm, portal), interface="127.0.0.1")
        self.addCleanup(self.toc.stopListening)

    async def gone(self) -> None:
        """Wait until nobody is there any more."""
        while self.factory.count or any(user.mind for user in self.realm.users.values()):
            await deferLater(reactor, 0)
        await deferLater(reactor, 0)

    def byIRC(self, name: str, password: str = "secret") -> IRCAccount:
        """An account of IRC."""
        port = self.irc.getHost().port
        return IRCAccount("irc", 1, name, password, "127.0.0.1", port, "snakes")

    def byPB(self, name: str, password: str = "secret") -> PBAccount:
        """An account of PB."""
        return PBAccount("pb", 1, name, password, "127.0.0.1", self.pb.getHost().port)

    async def test_conversation(self) -> None:
        """They hear and see each other, in a group and alone."""
        alice, bob = Person(self.byIRC("alice")), Person(self.byPB("bob"))
        alice.types("/connect irc")
        await alice.sees("You speak in [#snakes].")
        bob.types("/connect pb")
        await bob.sees("Logged on: pb")
        bob.types("/join snakes")
        await bob.sees("[#snakes] * here: alice bob")
        await alice.sees("[#snakes] * bob has come")
        alice.types("hello b\xf6b", "/me waves")
        await bob.sees("[#snakes] <alice> hello b\xf6b")
        await bob.sees("[#snakes] * alice waves")
        bob.types("hello \u20ac", "/me waves back")
        await alice.sees("[#snakes] <bob> hello \u20ac")
        await alice.sees("[#snakes] * bob waves back")
        await bob.sees("[#snakes] * bob waves back")
        alice.types("/to bob", "psst")
        await bob.sees("[alice] <alice> psst")
        bob.types("/to alice", "/me listens")
        await alice.sees("[bob] * bob listens")
        alice.types("/to #snakes", "/topic All about them")
        await bob.sees("[#snakes] * topic (alice): All about them")
        bob.types("/to #snakes", "/topic Mine")
        await bob.sees("!! ")  # Only its operator may, who is alice.
        alice.types("/leave")
        await bob.sees("[#snakes] * alice has gone")
        self.assertEqual(bob.chat.contactsList.onlineContacts.keys(), {"alice@pb"})
        alice.types("/quit")
        bob.types("/leave", "/quit")
        await bob.sees("Logged off: pb")

    def byTOC(self, name: str, password: str = "secret") -> TOCAccount:
        """An account of TOC."""
        port = self.toc.getHost().port
        return TOCAccount("toc", 1, name, password, "127.0.0.1", port, "snakes")

    async def test_toc(self) -> None:
        """They hear and see each other, one by TOC."""
        alice, bob = Person(self.byIRC("alice")), Person(self.byTOC("bob"))
        alice.types("/connect irc")
        await alice.sees("You speak in [#snakes].")
        bob.types("/connect toc")
        await bob.sees("* here: alice bob")
        await alice.sees("[#snakes] * bob has come")
        bob.types("hello", "/me waves")
        await alice.sees("[#snakes] <bob> hello")
        await alice.sees("[#snakes] <bob> * waves")
        alice.types("hello b\xf6b", "/to bob", "psst")
        await bob.sees("[#snakes] <alice> hello b\xf6b")
        await bob.sees("[alice] <alice> psst")
        bob.types("/topic x")
        await bob.sees("!! Rooms of TOC have no topic.")
        bob.types("/to alice", "/me listens")
        await alice.sees("[bob] <bob> * listens")
        client = bob.chat.onlineClients[0]
        client.addContact("alice")
        await client.getPerson("alice").sendMessage("hi")
        await alice.sees("[bob] <bob> hi")
        alice.types("/to #snakes", "/leave")
        await bob.sees("[#snakes] * alice has gone")
        bob.types("/to #snakes", "/leave")
        self.assertRaises(ValueError, client.sayInRoom, "snakes", "x")
        alice.types("/quit")
        bob.types("/quit")

    async def test_order(self) -> None:
        """What somebody says comes in the order in which they have said it."""
        alice, bob = Person(self.byIRC("alice")), Person(self.byPB("bob"))
        bob.types("/connect pb")
        await bob.sees("Logged on: pb")
        bob.types("/join snakes")
        await bob.sees("* here")
        alice.types("/connect irc")
        await alice.sees("* here")
        alice.types(*[f"number {number}" for number in range(20)])
        await bob.sees("number 19")
        alice.types("/quit")
        bob.types("/quit")

    async def test_refused(self) -> None:
        """A wrong password, and nobody there: said, and tried again."""
        for make in (self.byPB, self.byIRC, self.byTOC):
            account: Any = make("bob", "wrong")
            with self.assertRaises(Exception) as caught:
                await account.logOn(Person(account).chat)
            self.assertNotIsInstance(caught.exception, ConnectionRefusedError)
            account.password = "secret"
            person = Person(account)
            person.types(f"/connect {account.accountName}")
            await person.sees("Logged on")
            person.types("/quit")
            await self.gone()
        await self.assertFailure(self.byPB("bob", "wrong").logOn(Person().chat), UnauthorizedLogin)
        for nowhere in (
            IRCAccount("a", 1, "x", "y", "127.0.0.1", 1),
            PBAccount("a", 1, "x", "y", "127.0.0.1", 1),
            TOCAccount("a", 1, "x", "y", "127.0.0.1", 1),
        ):
            await self.assertFailure(nowhere.logOn(Person().chat), ConnectionRefusedError)
            self.assertFalse(nowhere.isOnline())

    async def test_absent(self) -> None:
        """Somebody who is not there, and a group that one is not in."""
        bob = Person(self.byPB("bob"))
        bob.types("/connect pb")
        await bob.sees("Logged on: pb")
        bob.types("/to nobody", "hello")
        await bob.sees("[nobody] !! ")
        bob.types("/me hides")
        await bob.sees("[nobody] !! ")
        client = bob.chat.onlineClients[0]
        self.assertRaises(ValueError, client.getGroup("snakes").sendGroupMessage, "x")
        await client.addContact("bob")
        self.assertIn("bob@pb", bob.chat.contactsList.onlineContacts)
        await self.assertFailure(client.addContact("nobody"), NoSuchUser)
        client.remote_receiveContactList([("bob", "Offline"), ("carol", "Online")])
        self.assertEqual(bob.chat.contactsList.onlineContacts.keys(), {"carol@pb"})
        bob.types("/quit")

    def test_services(self) -> None:
        """There is no client for everything."""
        for service in ("twisted.reality", "other"):
            error = self.assertRaises(
                ValueError, PBAccount, "a", 1, "x", "y", "127.0.0.1", 1, service
            )
            self.assertIn(service, str(error))


class TerminalTests(DaemonCase):
    """The program, in a terminal, and another client of IRC."""

    def test_terminal(self) -> None:
        """Two of it, on ngIRCd."""
        _, port = ircServer(self)
        words = [sys.executable, "-P", "-m", "twisted.words.im"]
        alice = Foreground(self, [*words, f"irc://alice@127.0.0.1:{port}/snakes"], {})
        alice.until("here: ")
        accounts = self.write("accounts", f"irc://bob@127.0.0.1:{port}/snakes\n")
        bob = Foreground(self, [*words, "--accounts", accounts], {})
        bob.until("here: .*alice")
        alice.until("bob has come")
        alice.type("hello b\xf6b")
        bob.until(r"\[#snakes\] <alice> hello b\xf6b")
        bob.type("/me waves")
        alice.until(r"\* bob waves")
        bob.type("/quit")
        self.assertEqual(bob.end(), (0, ""))
        alice.until("bob has gone")
        alice.process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        alice.process.stdin = None
        self.assertEqual(alice.end(), (0, ""))

    def test_wrong(self) -> None:
        """A command line that cannot be meant."""
        words = [sys.executable, "-P", "-m", "twisted.words.im", "nonsense"]
        status, said = Foreground(self, words, {}).end()
        self.assertEqual(status, 1)
        self.assertIn("'nonsense' is not the address of an account", said)


#: A program that opens the window, types into it, and says what it shows.
WINDOW = """
import sys
from twisted.words.im import _command, tkchat

def show(accounts, quit):
    chat = tkchat.show(accounts, quit)
    wanted = list(STEPS)

    def look():
        if not chat.names.winfo_exists():
            return
        if chat.entry.focus_get() is not chat.entry:
            chat.entry.focus_force()  # There is no window manager that would.
        elif wanted and wanted[0][0] in chat.lines.get("1.0", "end"):
            _, typed = wanted.pop(0)
            chat.entry.insert(0, typed)
            if not wanted:
                print(chat.names.get(0, "end"), flush=True)
                print(chat.lines.get("1.0", "end"), flush=True)
            chat.entry.event_generate("<Return>", when="now")
        chat.lines.after(10, look)

    look()

STEPS = [("here: ", "hello"), ("<alice> hello", "/me waves"), ("* alice waves", "/quit")]
_command.run(sys.argv[1:], show)
"""


class WindowTests(DaemonCase):
    """The program, in a window."""

    def test_window(self) -> None:
        """What is typed is said and shown; the list has the group."""
        try:
            import tkinter  # noqa: F401 # that it is there is asked
        except ImportError:
            raise SkipTest("there is no tkinter")
        display = openDisplay(self)
        _, port = ircServer(self)
        address = f"irc://alice@127.0.0.1:{port}/snakes"
        program = [sys.executable, "-P", "-c", WINDOW, address]
        window = Foreground(self, program, {"DISPLAY": display})
        self.assertIn("('(messages)', '#snakes')", window.until("snakes").string)
        window.until(r"\* alice waves")
        self.assertEqual(window.end(), (0, ""))
