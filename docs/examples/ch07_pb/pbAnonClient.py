"""Log in to the server of pbAnonServer.py twice: by name, and as nobody in particular.

python pbAnonClient.py host port
"""

import sys
from sys import stdout

from twisted.cred.credentials import Anonymous, UsernamePassword
from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.python.log import err, startLogging
from twisted.spread.pb import PBClientFactory


def error(why, msg):
    """Log the failure, whatever it is: there should be none."""
    err(why, msg)


def connected(perspective):
    """Logged in: call a method of the avatar."""
    print("got perspective1 ref:", perspective)
    print("asking it to foo(13)")
    return perspective.callRemote("foo", 13)


def finished(ignored):
    """Both are done."""
    reactor.stop()


def main(host, port):
    startLogging(stdout)
    factory = PBClientFactory()
    reactor.connectTCP(host, int(port), factory)

    anonymousLogin = factory.login(Anonymous())
    anonymousLogin.addCallback(connected)
    anonymousLogin.addErrback(error, "Anonymous login failed")

    usernameLogin = factory.login(UsernamePassword(b"user1", b"pass1"))
    usernameLogin.addCallback(connected)
    usernameLogin.addErrback(error, "Username/password login failed")

    bothDeferreds = gatherResults([anonymousLogin, usernameLogin])
    bothDeferreds.addCallback(finished)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
