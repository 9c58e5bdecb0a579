"""A server that writes the lines that it receives to a file, opened and closed by the factory.

python logfile.py [port [file]]            port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver


class LoggingProtocol(LineReceiver):
    def lineReceived(self, line):
        self.factory.fp.write(line + b"\n")


class LogfileFactory(Factory):
    protocol = LoggingProtocol

    def __init__(self, fileName):
        self.file = fileName

    def startFactory(self):
        self.fp = open(self.file, "ab")

    def stopFactory(self):
        self.fp.close()


def main(port=8007, fileName="lines.log"):
    listening = reactor.listenTCP(port, LogfileFactory(fileName))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
