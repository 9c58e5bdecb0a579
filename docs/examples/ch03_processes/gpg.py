"""Decrypt a file with GnuPG, which is given the passphrase by a descriptor of its own.

Start it with the name of the file; the passphrase is read from standard input. Another program
than `gpg`, which takes the same arguments, can be named after it.
"""

import sys

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol


class GPGProtocol(ProcessProtocol):
    """Gives the program all it needs, and collects what it writes."""

    def __init__(self, crypttext, passphrase):
        self.crypttext = crypttext
        self.passphrase = passphrase
        self.plaintext = b""
        self.status = b""
        self.deferred = Deferred()

    def connectionMade(self):
        self.transport.writeToChild(3, self.passphrase)
        self.transport.closeChildFD(3)
        self.transport.writeToChild(0, self.crypttext)
        self.transport.closeChildFD(0)

    def childDataReceived(self, childFD, data):
        if childFD == 1:
            self.plaintext += data
        if childFD == 4:
            self.status += data

    def processEnded(self, status):
        if status.value.exitCode == 0:
            self.deferred.callback(self)
        else:
            self.deferred.errback(status)


def decrypt(crypttext, passphrase, program):
    gp = GPGProtocol(crypttext, passphrase)
    cmd = [program, "--decrypt", "--passphrase-fd", "3", "--status-fd", "4", "--batch"]
    childFDs = {0: "w", 1: "r", 2: 2, 3: "w", 4: "r"}
    reactor.spawnProcess(gp, cmd[0], cmd, env=None, childFDs=childFDs)
    return gp.deferred


def show(gp):
    print(gp.plaintext.decode(), end="")
    print(f"{len(gp.status.splitlines())} lines of status", file=sys.stderr)


def main(name, program="gpg"):
    with open(name, "rb") as file:
        crypttext = file.read()
    d = decrypt(crypttext, sys.stdin.buffer.readline(), program)
    d.addCallback(show)
    d.addErrback(lambda failure: print(failure.getErrorMessage(), file=sys.stderr))
    d.addBoth(lambda _: reactor.stop())


reactor.callWhenRunning(main, *sys.argv[1:])
reactor.run()
