"""A mailbox server that leaves it to a portal who may see which mailbox.

python pop3.py [port [file]]     port 8110 by default; 0 lets the system choose

Users come from a file of lines name:password (a hash of htpasswd -B will do); without one there is
bob, whose password is secret.
"""

import sys

from zope.interface import Interface, implementer

from twisted.cred import checkers, credentials, error, portal
from twisted.internet import defer, reactor
from twisted.internet.protocol import Factory
from twisted.protocols import basic
from twisted.python import log


class IMailbox(Interface):
    """Interface specification for mailbox."""

    def deleteMessage(index):
        """Delete a message, the first being 0."""


class POP3(basic.LineReceiver):
    _userIs = mbox = _onLogout = None

    def lineReceived(self, line):
        command, _, argument = line.partition(b" ")
        method = getattr(self, "do_" + command.decode("latin-1").upper(), None)
        if method is None:
            self.failResponse("unknown command")
        else:
            method(argument)

    def do_DELE(self, i):
        # uses self.mbox, which is set after login
        if self.mbox is None:
            return self.failResponse("log in first")
        try:
            self.mbox.deleteMessage(int(i) - 1)
        except (ValueError, LookupError):
            return self.failResponse("no such message")
        self.successResponse("deleted")

    def do_USER(self, user):
        self._userIs = user
        self.successResponse("USER accepted, send PASS")

    def do_PASS(self, password):
        if self._userIs is None:
            return self.failResponse("USER required before PASS")
        user, self._userIs = self._userIs, None
        d = defer.maybeDeferred(self.authenticateUserPASS, user, password)
        d.addCallback(self._cbMailbox, user)
        d.addErrback(self._ebMailbox)

    def authenticateUserPASS(self, user, password):
        if self.factory.portal is not None:
            return self.factory.portal.login(
                credentials.UsernamePassword(user, password), None, IMailbox
            )
        raise error.UnauthorizedLogin()

    def _cbMailbox(self, ial, user):
        interface, avatar, logout = ial
        if interface is not IMailbox:
            self.failResponse("Authentication failed")
            log.err("_cbMailbox() called with an interface other than IMailbox")
            return
        self.mbox = avatar
        self._onLogout = logout
        self.successResponse("Authentication succeeded")
        log.msg("Authenticated login for", user)

    def _ebMailbox(self, failure):
        failure.trap(error.LoginFailed)
        self.failResponse("Authentication failed")

    def connectionLost(self, reason):
        if self._onLogout is not None:
            self._onLogout()

    def successResponse(self, text):
        self.sendLine(b"+OK " + text.encode())

    def failResponse(self, text):
        self.sendLine(b"-ERR " + text.encode())


@implementer(IMailbox)
class Mailbox:
    """What a user gets."""

    def __init__(self):
        self.messages = ["first", "second"]

    def deleteMessage(self, index):
        if index < 0:
            raise IndexError(index)
        del self.messages[index]


@implementer(portal.IRealm)
class MailRealm:
    def __init__(self):
        self.mailboxes = {}

    def requestAvatar(self, avatarId, mind, *interfaces):
        if IMailbox not in interfaces:
            raise NotImplementedError("no interface")
        mailbox = self.mailboxes.setdefault(avatarId, Mailbox())
        return IMailbox, mailbox, lambda: log.msg("Logged out:", avatarId)


def main(port=8110, file=None):
    if file is None:
        checker = checkers.InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")
    else:
        checker = checkers.FilePasswordDB(file)
    factory = Factory.forProtocol(POP3)
    factory.portal = portal.Portal(MailRealm(), [checker])
    listening = reactor.listenTCP(port, factory)
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
