"""Tests of logging in by Perspective Broker."""

from __future__ import annotations

import gc
from hashlib import md5
from typing import Any

from zope.interface import implementer

from twisted.cred.checkers import (
    AllowAnonymousAccess,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.credentials import Anonymous, UsernamePassword
from twisted.cred.error import UnauthorizedLogin, UnhandledCredentials
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.test.pair import Pair
from twisted.trial import unittest


class Board(pb.Viewable):
    """Something that avatars look at."""

    def view_who(self, perspective: Any) -> str:
        return f"seen by {perspective.name}"


class User(pb.Avatar):
    """What a user is here."""

    def __init__(self, name: str, mind: Any) -> None:
        self.name = name
        self.mind = mind
        self.board = Board()

    def perspective_name(self) -> str:
        return self.name

    def perspective_board(self) -> Board:
        return self.board

    def perspective_isMine(self, board: Any) -> bool:
        return isinstance(board, pb.ViewPoint) and board.object is self.board

    def logout(self, realm: Realm) -> None:
        realm.left.append(self.name)


@implementer(IRealm)
class Realm:
    """Makes users."""

    def __init__(self) -> None:
        self.users: list[User] = []
        self.left: list[str] = []
        self.delay: Deferred[None] | None = None

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Any:
        assert pb.IPerspective in interfaces
        name = avatarId.decode() if avatarId else "nobody"
        user = User(name, mind)
        self.users.append(user)
        found = (pb.IPerspective, user, lambda: user.logout(self))
        return self.delay.addCallback(lambda _: found) if self.delay else found


class Mind(pb.Referenceable):
    """What the server may call."""

    def remote_hello(self) -> str:
        return "hello from the mind"


class LoginTests(unittest.SynchronousTestCase):
    """A portal, served; its client."""

    def setUp(self) -> None:
        self.realm = Realm()
        known = InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")
        self.portal = Portal(self.realm, [known, AllowAnonymousAccess()])
        self.pair = Pair(self.portal)

    def login(self, name: Any = b"bob", password: Any = b"secret", mind: Any = None) -> Any:
        """Log in: the reference to the avatar, or the Failure."""
        credentials = UsernamePassword(name, password)
        return self.pair.result(self.pair.clientFactory.login(credentials, mind))

    def test_respond(self) -> None:
        """The answer is a digest of the password's digest and the challenge."""
        question = pb.challenge()
        answer = md5(md5(b"secret").digest() + question).digest()
        self.assertEqual(pb.respond(question, b"secret"), answer)
        self.assertNotEqual(pb.challenge(), question)
        self.assertGreaterEqual(len(question), 16)

    def test_login(self) -> None:
        """Who knows the password gets a reference to their avatar."""
        avatar = self.login()
        self.assertEqual(self.pair.result(avatar.callRemote("name")), "bob")

    def test_text(self) -> None:
        """Name and password may be text."""
        self.assertEqual(self.pair.result(self.login("bob", "secret").callRemote("name")), "bob")

    def test_notOnTheWire(self) -> None:
        """The password does not go over the wire."""
        sent: list[bytes] = []
        transport = self.pair.client.transport
        write = transport.write

        def record(data: bytes) -> None:
            sent.append(data)
            write(data)

        self.patch(transport, "write", record)
        self.login()
        self.assertNotIn(b"secret", b"".join(sent))
        self.assertIn(b"bob", b"".join(sent))

    def test_wrong(self) -> None:
        """Who does not, or is not known, is told the same; the connection lives."""
        failures = [self.login(b"bob", b"wrong"), self.login(b"eve", b"secret")]
        for failure in failures:
            self.assertIsInstance(failure, Failure)
            self.assertTrue(failure.check(UnauthorizedLogin), failure)
        self.assertEqual(*(failure.getErrorMessage() for failure in failures))
        self.assertEqual(self.pair.result(self.login().callRemote("name")), "bob")

    def test_oneTry(self) -> None:
        """A challenge is answered once."""
        asked = self.pair.call("login", b"bob")
        question, challenger = asked
        self.pair.result(challenger.callRemote("respond", b"guess", None))
        right = pb.respond(question, b"secret")
        again = self.pair.result(challenger.callRemote("respond", right, None))
        self.assertTrue(again.check(UnauthorizedLogin))
        self.assertEqual(self.realm.users, [])

    def test_noAnswer(self) -> None:
        """What is neither bytes nor text is no name and no answer."""
        self.assertTrue(self.pair.call("login", [1]).check(UnauthorizedLogin))
        _, challenger = self.pair.call("login", b"bob")
        failure = self.pair.result(challenger.callRemote("respond", 5, None))
        self.assertTrue(failure.check(UnauthorizedLogin))

    def test_anonymous(self) -> None:
        """Nobody in particular may log in, if there is a checker for that."""
        avatar = self.pair.result(self.pair.clientFactory.login(Anonymous()))
        self.assertEqual(self.pair.result(avatar.callRemote("name")), "nobody")

    def test_noAnonymous(self) -> None:
        """And not else."""
        self.pair = Pair(Portal(self.realm, []))
        failure = self.pair.result(self.pair.clientFactory.login(Anonymous()))
        self.assertTrue(failure.check(UnhandledCredentials), failure)

    def test_mind(self) -> None:
        """The realm gets what the client gave, and can call it."""
        self.login(mind=Mind())
        call = self.realm.users[0].mind.callRemote("hello")
        self.assertEqual(self.pair.result(call), "hello from the mind")

    def test_methods(self) -> None:
        """Only `perspective_` methods are there."""
        avatar = self.login()
        for name in ("logout", "other", "perspective_name"):
            failure = self.pair.result(avatar.callRemote(name))
            self.assertTrue(failure.check(pb.NoSuchMethod), failure)

    def test_viewable(self) -> None:
        """A viewable knows who looks; sent back it is that view."""
        avatar = self.login()
        board = self.pair.result(avatar.callRemote("board"))
        self.assertEqual(self.pair.result(board.callRemote("who")), "seen by bob")
        self.assertTrue(self.pair.result(avatar.callRemote("isMine", board)))
        self.assertEqual(board, self.pair.result(avatar.callRemote("board")))

    def test_twoViews(self) -> None:
        """Two avatars on one connection have each their own view."""
        shared = Board()
        boards = []
        for credentials in (UsernamePassword(b"bob", b"secret"), Anonymous()):
            avatar = self.pair.result(self.pair.clientFactory.login(credentials))
            self.realm.users[-1].board = shared
            boards.append((avatar, self.pair.result(avatar.callRemote("board"))))
        seen = [self.pair.result(board.callRemote("who")) for _, board in boards]
        self.assertEqual(seen, ["seen by bob", "seen by nobody"])

    def test_logout(self) -> None:
        """Who lets go of the avatar is logged out, once."""
        avatar = self.login()
        del avatar
        gc.collect()
        self.pair.pump()
        self.assertEqual(self.realm.left, ["bob"])
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(self.realm.left, ["bob"])

    def test_disconnected(self) -> None:
        """So is who loses the connection; a later call says that it is gone."""
        avatar = self.login()
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(self.realm.left, ["bob"])
        self.assertRaises(pb.DeadReferenceError, avatar.callRemote, "name")

    def test_twice(self) -> None:
        """Who logs in twice has two avatars, and leaves twice."""
        calls = [
            self.pair.clientFactory.login(UsernamePassword(b"bob", b"secret")) for _ in range(2)
        ]
        one, two = (self.pair.result(call) for call in calls)
        self.assertNotEqual(one, two)
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(self.realm.left, ["bob", "bob"])

    def test_sharedAvatar(self) -> None:
        """One avatar may be everybody's: each login of it ends by itself, once."""
        shared = User("all", None)
        left: list[int] = []

        def serve(avatarId: Any, mind: Any, *interfaces: Any) -> Any:
            number = len(served)
            served.append(number)
            return (pb.IPerspective, shared, lambda: left.append(number))

        served: list[int] = []
        self.patch(self.realm, "requestAvatar", serve)
        one, two = self.login(), self.login()
        del one
        gc.collect()
        self.pair.pump()
        self.assertEqual(left, [0])
        self.assertEqual(self.pair.result(two.callRemote("name")), "all")
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(left, [0, 1])

    def test_goneBeforeTheEnd(self) -> None:
        """Who is gone before the avatar is there is logged out as it comes."""
        self.realm.delay = Deferred()
        self.pair.clientFactory.login(Anonymous()).addErrback(lambda _: None)
        self.pair.pump()
        self.pair.disconnect(ConnectionDone())
        self.realm.delay.callback(None)
        self.assertEqual(self.realm.left, ["nobody"])

    def test_digestOfDigest(self) -> None:
        """A checker that keeps digests can check by them."""
        seen: list[bool] = []

        class Digests:
            credentialInterfaces = (pb.IUsernameMD5Password,)

            def requestAvatarId(self, credentials: Any) -> bytes:
                seen.append(credentials.checkMD5Password(md5(b"secret").digest()))
                seen.append(credentials.checkMD5Password(md5(b"other").digest()))
                name: bytes = credentials.username
                return name

        self.pair = Pair(Portal(self.realm, [Digests()]))
        self.login()
        self.assertEqual(seen, [True, False])
