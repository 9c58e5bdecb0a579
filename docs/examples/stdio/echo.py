"""Send back what is typed, or piped in, line by line; a line that is "quit" ends it.

python echo.py
printf 'one\ntwo\n' | python echo.py
"""

from twisted.internet import reactor, stdio
from twisted.protocols import basic


class Echo(basic.LineReceiver):
    delimiter = b"\n"

    def lineReceived(self, line):
        if line == b"quit":
            self.sendLine(b"bye")
            self.transport.loseConnection()
        else:
            self.sendLine(b"you said: " + line)

    def connectionLost(self, reason):
        reactor.stop()


if __name__ == "__main__":
    stdio.StandardIO(Echo())
    reactor.run()
