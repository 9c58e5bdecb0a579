"""Tests of users, groups and realms, whatever they are reached by."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyClass, verifyObject

from twisted.cred.checkers import ANONYMOUS
from twisted.cred.error import LoginDenied
from twisted.cred.portal import IRealm
from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase
from twisted.words import ewords, iwords
from twisted.words.ewords import BadText, NotAllowed, Refusal
from twisted.words.service import (
    Group,
    InMemoryWordsRealm,
    IRCUser,
    PBGroupReference,
    PBMindReference,
    RealmWatcher,
    User,
    WordsLimits,
    WordsRealm,
)


@implementer(iwords.IChatClient)
class Mind:
    """A client that notes what it is told."""

    avatar: Any = None

    def __init__(self) -> None:
        self.told: list[Any] = []

    @property
    def name(self) -> str:
        return str(self.avatar.name)

    def receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> Any:
        self.told.append(("receive", sender.name, recipient.name, message))

    def groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> Any:
        self.told.append(("meta", group.name, meta.get("topic")))

    def userJoined(self, group: Any, user: Any) -> Any:
        self.told.append(("joined", group.name, user.name))

    def userLeft(self, group: Any, user: Any, reason: str | None = None) -> Any:
        self.told.append(("left", group.name, user.name, reason))


class Case(SynchronousTestCase):
    """A realm."""

    limits = WordsLimits()

    def setUp(self) -> None:
        self.realm = InMemoryWordsRealm("chat.example")
        self.realm.limits = self.limits
        self.logouts: dict[str, Any] = {}

    def login(self, name: str | bytes, mind: Any = None) -> Any:
        """Log somebody in; gives the user."""
        mind = mind or Mind()
        login = self.realm.requestAvatar(name, mind, iwords.IUser)
        interface, user, logout = self.successResultOf(login)
        self.assertIs(interface, iwords.IUser)
        self.logouts[user.name] = logout
        return user

    def group(self, name: str) -> Any:
        """Make a group."""
        return self.successResultOf(self.realm.createGroup(name))

    def refusal(self, deferred: Deferred[Any]) -> Refusal:
        """Why something is not allowed."""
        failure = self.failureResultOf(deferred, NotAllowed)
        assert isinstance(failure.value, NotAllowed)
        return failure.value.refusal


class InterfaceTests(SynchronousTestCase):
    """What is promised is there."""

    def test_classes(self) -> None:
        for interface, classes in (
            (iwords.IGroup, (Group, PBGroupReference)),
            (iwords.IUser, (User,)),
            (iwords.IChatClient, (IRCUser, PBMindReference, Mind)),
            (iwords.IChatService, (WordsRealm, InMemoryWordsRealm)),
            (IRealm, (WordsRealm,)),
        ):
            for cls in classes:
                # Attributes are instances' own.
                verifyClass(interface, cls, tentative=False)

    def test_objects(self) -> None:
        verifyObject(iwords.IGroup, Group("g"))
        verifyObject(iwords.IUser, User("u"))
        verifyObject(iwords.IChatService, InMemoryWordsRealm("r"))

    def test_abstract(self) -> None:
        """A realm has to say where it keeps things."""
        realm = WordsRealm("r")
        for call in (realm.addUser, realm.addGroup, realm.lookupUser, realm.lookupGroup):
            self.assertRaises(NotImplementedError, call, "x")
        self.assertRaises(NotImplementedError, realm.itergroups)

    def test_errors(self) -> None:
        """Each error says what it is, and what about."""
        self.assertEqual(str(ewords.NoSuchGroup("none")), "NoSuchGroup: none")
        self.assertEqual(str(NotAllowed(Refusal.BANNED, "here")), "here: they are banned from it")
        self.assertTrue(issubclass(ewords.BadText, ValueError))


class RealmTests(Case):
    """Users and groups by their names."""

    def test_groups(self) -> None:
        """Names are looked up whatever their case, and kept as they were given."""
        group = self.group("Python")
        self.assertEqual(group.name, "Python")
        for name in ("python", "PYTHON"):
            self.assertIs(self.successResultOf(self.realm.lookupGroup(name)), group)
            self.assertIs(self.successResultOf(self.realm.getGroup(name)), group)
            self.failureResultOf(self.realm.createGroup(name), ewords.DuplicateGroup)
        self.assertEqual(list(self.successResultOf(self.realm.itergroups())), [group])

    def test_missingGroup(self) -> None:
        self.failureResultOf(self.realm.lookupGroup("x"), ewords.NoSuchGroup)
        self.failureResultOf(self.realm.getGroup("x"), ewords.NoSuchGroup)

    def test_onRequest(self) -> None:
        """Groups and users are made on request, if that is wanted."""
        self.realm.createGroupOnRequest = True
        group = self.successResultOf(self.realm.getGroup("x"))
        self.assertIs(self.successResultOf(self.realm.lookupGroup("X")), group)
        user = self.successResultOf(self.realm.getUser("u"))
        self.assertIs(self.successResultOf(self.realm.lookupUser("U")), user)
        self.failureResultOf(self.realm.createUser("U"), ewords.DuplicateUser)
        self.realm.createUserOnRequest = False
        self.failureResultOf(self.realm.getUser("v"), ewords.NoSuchUser)

    def test_factories(self) -> None:
        """A subclass has classes of its own."""

        class Room(Group):
            pass

        class Person(User):
            pass

        class Realm(InMemoryWordsRealm):
            def groupFactory(self, name: str) -> Any:
                return Room(name)

            def userFactory(self, name: str) -> Any:
                return Person(name)

        realm = Realm("r")
        self.assertIsInstance(self.successResultOf(realm.createGroup("g")), Room)
        self.assertIsInstance(self.successResultOf(realm.createUser("u")), Person)

    def test_badNames(self) -> None:
        """What would mean something else in a line of IRC is no name."""
        for name in ("", "a b", "a\nb", "a\rb", "a\0b", "a,b", "a:b", "x" * 51, b"bytes", None):
            self.failureResultOf(self.realm.createGroup(name), BadText)  # type: ignore[arg-type]  # what others give
        for name in (
            "",
            "a b",
            "a\n",
            "#a",
            "@a",
            "+a",
            "1a",
            "a!b",
            "a@b",
            "a*",
            "a\u202e",
            "é" * 16,
        ):
            self.failureResultOf(self.realm.createUser(name), BadText)

    def test_unicodeNames(self) -> None:
        """Only ASCII has small and capital letters here, which is what clients are told."""
        self.group("École")
        self.successResultOf(self.realm.lookupGroup("ÉCOLE"))
        self.failureResultOf(self.realm.lookupGroup("école"), ewords.NoSuchGroup)

    def test_watcher(self) -> None:
        """Watchers hear of logins, logouts and groups."""
        heard: list[str] = []

        class Watcher(RealmWatcher):
            def userArrived(self, user: Any) -> None:
                heard.append(f"{user.name} came")

            def userGone(self, user: Any, mind: Any, groups: list[Any], reason: Any) -> None:
                heard.append(f"{user.name} went, {reason}, from {[g.name for g in groups]}")

            def groupMade(self, group: Any) -> None:
                heard.append(f"{group.name} made")

            def userChanged(self, user: Any) -> None:
                heard.append(f"{user.name} away: {user.away}")

        self.realm.watchers.append(Watcher())
        user = self.login("u")
        user.joinNow(self.group("g"))
        user.setAway("lunch")
        user.logout("bye")
        self.assertEqual(heard, ["u came", "g made", "u away: lunch", "u went, bye, from ['g']"])
        self.realm.watchers.append(RealmWatcher())
        self.login("v").setAway("x")
        self.group("h")


class LoginTests(Case):
    """Who comes in, and out."""

    def test_login(self) -> None:
        mind = Mind()
        user = self.login(b"moshez", mind)
        self.assertEqual((user.name, user.mind, mind.avatar), ("moshez", mind, user))
        self.assertIs(user.realm, self.realm)
        self.assertGreater(user.signOn, 0)
        self.assertEqual(user.who, "moshez!moshez@chat.example")

    def test_twice(self) -> None:
        """One connection at a time; a late logout of an earlier one does nothing."""
        user = self.login("u")
        again = self.realm.requestAvatar("U", Mind(), iwords.IUser)
        self.failureResultOf(again, ewords.AlreadyLoggedIn)
        first = self.logouts["u"]
        first()
        self.assertIsNone(user.mind)
        self.login("u")
        first()
        self.assertIsNotNone(user.mind)

    def test_denied(self) -> None:
        for avatarId, mind in (
            (ANONYMOUS, Mind()),
            (b"\xff", Mind()),
            ("u", None),
            ("u", object()),
        ):
            login = self.realm.requestAvatar(avatarId, mind, iwords.IUser)
            self.failureResultOf(login, LoginDenied)
        login = self.realm.requestAvatar("u", Mind(), IRealm)
        self.failureResultOf(login, NotImplementedError)
        login = self.realm.requestAvatar("a b", Mind(), iwords.IUser)
        self.failureResultOf(login, BadText)

    def test_logout(self) -> None:
        """Who goes is out of all groups, and each of the others hears of it for each group."""
        groups = [self.group("g"), self.group("h")]
        users = [self.login("u"), self.login("v")]
        for user in users:
            for group in groups:
                user.joinNow(group)
        users[1].mind.told.clear()
        mind = users[0].mind
        users[0].logout("gone fishing")
        self.assertEqual(
            users[1].mind.told,
            [("left", "g", "u", "gone fishing"), ("left", "h", "u", "gone fishing")],
        )
        self.assertEqual(list(users[0].itergroups()), [])
        self.assertEqual([len(group.users) for group in groups], [1, 1])
        self.assertNotIn(("left", "g", "u", "gone fishing"), mind.told)
        users[0].logout()


class GroupTests(Case):
    """Members, and what they hear."""

    def test_conversation(self) -> None:
        group = self.group("g")
        u, v = self.login("u"), self.login("v")
        self.successResultOf(u.join(group))
        self.successResultOf(v.join(group))
        self.successResultOf(v.join(group))  # once is enough
        self.assertEqual(self.successResultOf(group.size()), 2)
        self.assertEqual([client.name for client in group.iterusers()], ["u", "v"])
        self.successResultOf(u.send(group, {"text": "hello"}))
        self.assertEqual(u.mind.told, [("joined", "g", "v")])
        self.assertEqual(v.mind.told, [("receive", "u", "g", {"text": "hello"})])
        self.successResultOf(v.leave(group, "bye"))
        self.assertEqual(u.mind.told[1:], [("left", "g", "v", "bye")])
        self.assertEqual(self.refusal(v.leave(group)), Refusal.NOT_A_MEMBER)
        self.assertEqual(self.refusal(v.send(group, {"text": "x"})), Refusal.NOT_A_MEMBER)

    def test_private(self) -> None:
        u, v = self.login("u"), self.login("v")
        self.successResultOf(u.send(v, {"text": "hello", "type": "action"}))
        self.assertEqual(v.mind.told, [("receive", "u", "v", {"text": "hello", "type": "action"})])
        v.logout()
        self.failureResultOf(u.send(v, {"text": "hello"}), ewords.NoSuchUser)

    def test_badMessages(self) -> None:
        u, v = self.login("u"), self.login("v")
        for message in (
            None,
            "text",
            {},
            {"text": b"bytes"},
            {"text": "a\nb"},
            {"text": "a\rb"},
            {"text": "a\0b"},
            {"text": "\ud800"},
            {"text": "x" * 8193},
            {"text": "x", "type": 1},
            {"text": "x", 1: "x"},
            {"text": "x", **{str(n): "" for n in range(8)}},
        ):
            self.failureResultOf(u.send(v, message), BadText)
        self.assertEqual(v.mind.told, [])
        for text in ("", "<b>\x02bold\x1f</b>", "é" * 4096):
            self.successResultOf(u.send(v, {"text": text}))

    def test_metadata(self) -> None:
        """The topic."""
        group = self.group("g")
        u = self.login("u")
        u.joinNow(group)
        group.changeTopic(u.mind, "News")
        self.assertEqual(u.mind.told, [("meta", "g", "News")])
        self.assertEqual((group.meta["topic"], group.meta["topic_author"]), ("News", "u"))
        for topic in ("a\nb", "x" * 391):
            self.assertRaises(BadText, group.changeTopic, u.mind, topic)
            self.assertRaises(BadText, group.setMetadata, {"topic": topic})
        stranger = self.login("v")
        self.assertRaises(NotAllowed, group.changeTopic, stranger.mind, "x")
        self.assertEqual(group.meta["topic"], "News")

    def test_brokenClients(self) -> None:
        """A client that fails is logged out; the others hear everything."""

        class Raises(Mind):
            def receive(self, *args: Any) -> Any:
                raise RuntimeError("broken")

        class Fails(Mind):
            def receive(self, *args: Any) -> Any:
                return fail(RuntimeError("broken"))

        group = self.group("g")
        users = [
            self.login("a", Raises()),
            self.login("b", Fails()),
            self.login("c"),
            self.login("d"),
        ]
        for user in users:
            user.joinNow(group)
        self.successResultOf(users[2].send(group, {"text": "x"}))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
        self.assertIn(("receive", "c", "g", {"text": "x"}), users[3].mind.told)
        self.assertEqual([user.mind is None for user in users], [True, True, False, False])
        self.assertEqual(sorted(group.users), ["c", "d"])

    def test_transient(self) -> None:
        """A group that was made on request has an operator, and goes with the last member."""
        self.realm.createGroupOnRequest = True
        group = self.successResultOf(self.realm.getGroup("g"))
        u, v = self.login("u"), self.login("v")
        u.joinNow(group)
        v.joinNow(group)
        self.assertTrue(group.modes.is_operator("u"))
        self.assertFalse(group.modes.is_operator("v"))
        u.leaveNow(group)
        self.assertFalse(group.modes.is_operator("u"))
        v.logout()
        self.failureResultOf(self.realm.lookupGroup("g"), ewords.NoSuchGroup)

    def test_kick(self) -> None:
        self.realm.createGroupOnRequest = True
        group = self.successResultOf(self.realm.getGroup("g"))
        u, v, w = self.login("u"), self.login("v"), self.login("w")
        for user in (u, v, w):
            user.joinNow(group)
        self.assertRaises(NotAllowed, group.kick, v.mind, "w")
        self.assertRaises(ewords.NoSuchUser, group.kick, u.mind, "nobody")
        self.assertRaises(BadText, group.kick, u.mind, "v", "a\nb")
        group.kick(u.mind, "V", "flood")
        self.assertEqual(w.mind.told[-1], ("left", "g", "v", "flood"))
        self.assertEqual(v.mind.told[-1], ("left", "g", "v", "flood"))
        self.assertEqual(list(v.itergroups()), [])
        group.kick(u.mind, "w")
        group.kick(u.mind, "u")
        self.failureResultOf(self.realm.lookupGroup("g"), ewords.NoSuchGroup)

    def test_operators(self) -> None:
        """Some users are operators everywhere, and come in everywhere."""
        group = self.group("g")
        self.realm.operators.add("root")
        group.modes.apply([(True, "i", None)], "server", "g")
        root = self.login("root")
        root.joinNow(group)
        self.assertTrue(group.modes.is_operator("root"))

    def test_announce(self) -> None:
        u = self.login("u")
        self.realm.announce("Down for repairs at noon")
        self.assertEqual(
            u.mind.told,
            [("receive", "chat.example", "u",
              {"text": "Down for repairs at noon", "type": "notice"})],
        )  # fmt: skip


class LimitTests(Case):
    """How many there may be."""

    limits = WordsLimits(groupsPerUser=1, membersPerGroup=1, groups=2, users=2)

    def test_groupsPerUser(self) -> None:
        u = self.login("u")
        u.joinNow(self.group("g"))
        self.assertEqual(self.refusal(u.join(self.group("h"))), Refusal.TOO_MANY_GROUPS)

    def test_members(self) -> None:
        group = self.group("g")
        self.login("u").joinNow(group)
        self.assertEqual(self.refusal(self.login("v").join(group)), Refusal.FULL)

    def test_server(self) -> None:
        for name in "gh":
            self.group(name)
            self.login(name)
        self.assertEqual(self.refusal(self.realm.createGroup("i")), Refusal.SERVER_FULL)
        self.assertEqual(self.refusal(self.realm.createUser("i")), Refusal.SERVER_FULL)
