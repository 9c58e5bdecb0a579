"""2.2.5 A higher-level example: a bot that joins a channel of IRC, and logs what is said there.

python ircLogBot.py channel file [host] [port]   irc.freenode.net and 6667 by default

If the server wants a password, that is $IRC_PASSWORD.
"""

import os
import sys
import time

from twisted.internet import protocol, reactor
from twisted.python import log
from twisted.words.protocols import irc


class MessageLogger:
    """
    An independent logger class (because separation of application
    and protocol logic is a good thing).
    """

    def __init__(self, file):
        self.file = file

    def log(self, message):
        """Write a message to the file: one line of what can be read, whatever was said."""
        timestamp = time.strftime("[%H:%M:%S]", time.localtime())
        line = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in message)
        self.file.write(f"{timestamp} {line}\n")
        self.file.flush()

    def close(self):
        self.file.close()


class LogBot(irc.IRCClient):
    """A logging IRC bot."""

    nickname = "twistedbot"

    def connectionMade(self):
        self.password = self.factory.password
        super().connectionMade()
        self.logger = MessageLogger(open(self.factory.filename, "a", encoding="utf-8"))
        self.logger.log(f"[connected at {time.asctime()}]")

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.logger.log(f"[disconnected at {time.asctime()}]")
        self.logger.close()

    # callbacks for events

    def signedOn(self):
        """Called when bot has successfully signed on to server."""
        self.factory.resetDelay()
        self.join(self.factory.channel)

    def joined(self, channel):
        """This will get called when the bot joins the channel."""
        self.logger.log(f"[I have joined {channel}]")

    def privmsg(self, user, channel, msg):
        """This will get called when the bot receives a message."""
        user = user.split("!", 1)[0]
        self.logger.log(f"<{user}> {msg}")

        # Check to see if they're sending me a private message
        if channel == self.nickname:
            self.msg(user, "It isn't nice to whisper! Play nice with the group.")
            return

        # Otherwise check to see if it is a message directed at me
        if msg.startswith(self.nickname + ":"):
            msg = f"{user}: I am a log bot"
            self.msg(channel, msg)
            self.logger.log(f"<{self.nickname}> {msg}")

    def action(self, user, channel, msg):
        """This will get called when the bot sees someone do an action."""
        user = user.split("!", 1)[0]
        self.logger.log(f"* {user} {msg}")

    # irc callbacks

    def irc_NICK(self, prefix, params):
        """Called when an IRC user changes their nickname."""
        old_nick = prefix.split("!")[0]
        new_nick = params[0]
        self.logger.log(f"{old_nick} is now known as {new_nick}")


class LogBotFactory(protocol.ReconnectingClientFactory):
    """
    A factory for LogBots.

    A new protocol instance will be created each time we connect to the server. Where connections
    are lost one after the other, it waits longer each time.
    """

    # the class of the protocol to build when new connection is made
    protocol = LogBot

    def __init__(self, channel, filename, password=None):
        self.channel = channel
        self.filename = filename
        self.password = password

    def clientConnectionFailed(self, connector, reason):
        if self.retries == 0:
            print("connection failed:", reason.getErrorMessage())
            reactor.stop()
        else:
            super().clientConnectionFailed(connector, reason)


def main(channel, filename, host="irc.freenode.net", port=6667):
    # initialize logging
    log.startLogging(sys.stdout)

    # create factory protocol and application
    f = LogBotFactory(channel, filename, os.environ.get("IRC_PASSWORD"))

    # connect factory to this host and port
    reactor.connectTCP(host, int(port), f)

    # run bot
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
