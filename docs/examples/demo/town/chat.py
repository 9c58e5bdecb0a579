"""Chat: a Words server, where guests come by IRC, and a bot that tells them how people are."""

import hmac
import secrets

from zope.interface import implementer

from town.users import BadStatus, NoSuchUser
from twisted.application import internet
from twisted.cred import checkers, credentials, error, portal
from twisted.internet import defer, protocol, task
from twisted.python import log
from twisted.words import service
from twisted.words.protocols import irc

CHANNEL = "town"
BOT = "townsman"


@implementer(checkers.ICredentialsChecker)
class Guests:
    """Lets in who comes, by any name and password; the bot's name is the bot's."""

    credentialInterfaces = (credentials.IUsernamePassword,)

    def __init__(self):
        self.secret = secrets.token_hex(16)

    def requestAvatarId(self, guest):
        name, password = (
            value if isinstance(value, bytes) else value.encode()
            for value in (guest.username, guest.password)
        )
        if name.lower() == BOT.encode() and not hmac.compare_digest(password, self.secret.encode()):
            return defer.fail(error.UnauthorizedLogin())
        return defer.succeed(name.decode("utf-8", "replace"))


class Bot(irc.IRCClient):
    """
    Answers who asks it: a name, or a name, an equals sign, and how that one is now.

    It says a line every tenth of a second, which is what the server lets clients do. Of what it
    is to say to the same people of the same user, only the latest waits for its turn: however much
    happens, the rest is out of date.
    """

    nickname = BOT
    versionName = None
    pace = 0.1

    def __init__(self, users, password):
        self.users = users
        self.password = password
        self.waiting = {}
        self.talking = task.LoopingCall(self.tellNext)

    def signedOn(self):
        self.join(CHANNEL)

    def joined(self, channel):
        self.users.watchers.append(self.changed)
        self.factory.ready()

    def connectionLost(self, reason):
        super().connectionLost(reason)
        if self.changed in self.users.watchers:
            self.users.watchers.remove(self.changed)
        if self.talking.running:
            self.talking.stop()

    def changed(self, name, text):
        self.tell(f"#{CHANNEL}", name, f"{name}: {text}")

    def tell(self, where, name, text):
        self.waiting[where, name] = text
        if not self.talking.running:
            self.talking.start(self.pace).addErrback(log.err, "While talking")

    def tellNext(self):
        if not self.waiting:
            self.talking.stop()
            return
        (where, name) = next(iter(self.waiting))
        self.msg(where, self.waiting.pop((where, name)))

    def privmsg(self, user, channel, message):
        nick = user.partition("!")[0]
        if channel.lower() == self.nickname.lower():
            where = nick
        elif message.startswith(f"{self.nickname}:"):
            where, message = channel, message.removeprefix(f"{self.nickname}:")
        else:
            return
        answered = defer.ensureDeferred(self.answer(where, nick, message))
        answered.addErrback(log.err, "While looking for an answer")

    async def answer(self, where, nick, message):
        name, equals, text = (part.strip() for part in message.partition("="))
        try:
            if equals:
                # The channel is told of it as of all changes.
                await self.users.tell(name, text, f"{nick} by IRC")
            else:
                self.tell(where, name, f"{name}: {await self.users.status(name)}")
        except NoSuchUser:
            self.tell(where, None, "No such user")
        except BadStatus as problem:
            self.tell(where, None, f"That cannot be shown: {problem}")


class BotFactory(protocol.ClientFactory):
    noisy = False

    def __init__(self, users, password, ready):
        self.users, self.password, self.ready = users, password, ready

    def buildProtocol(self, address):
        bot = Bot(self.users, self.password)
        bot.factory = self
        return bot


def makeChat(users):
    """
    The factory of the server, and a function that makes the service of the bot.

    That takes an endpoint of the server, and what to call whenever the bot is in its channel.
    """
    guests = Guests()
    realm = service.InMemoryWordsRealm("town")
    realm.createGroup(CHANNEL)
    factory = service.IRCFactory(realm, portal.Portal(realm, [guests]))
    factory.noisy = False

    def makeBot(endpoint, ready):
        return internet.ClientService(endpoint, BotFactory(users, guests.secret, ready))

    return factory, makeBot
