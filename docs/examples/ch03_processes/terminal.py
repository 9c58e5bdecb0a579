"""A program that talks to a user: it is given a terminal."""

from twisted.internet import protocol, reactor


class Shell(protocol.ProcessProtocol):
    """Types one command, and shows what the terminal shows."""

    def connectionMade(self):
        self.transport.write(b"tty -s && echo we have a terminal; exit\n")

    def outReceived(self, data):
        print(data.decode().replace("\r\n", "\n"), end="")

    def processEnded(self, reason):
        reactor.stop()


def start():
    reactor.spawnProcess(Shell(), "/bin/sh", ["sh"], env=None, usePTY=True)


reactor.callWhenRunning(start)
reactor.run()
