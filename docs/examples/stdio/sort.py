"""Sort the lines of standard input: what the end of the input is for.

printf 'pear\napple\n' | python sort.py
"""

from zope.interface import implementer

from twisted.internet import reactor, stdio
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.protocols import basic


@implementer(IHalfCloseableProtocol)
class Sorter(basic.LineReceiver):
    delimiter = b"\n"

    def connectionMade(self):
        self.lines = []

    def lineReceived(self, line):
        self.lines.append(line)

    def readConnectionLost(self):
        for line in sorted(self.lines):
            self.sendLine(line)
        self.transport.loseConnection()

    def writeConnectionLost(self):
        pass

    def connectionLost(self, reason):
        reactor.stop()


if __name__ == "__main__":
    stdio.StandardIO(Sorter())
    reactor.run()
