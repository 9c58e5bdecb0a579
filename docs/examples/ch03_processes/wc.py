"""Let `wc` count the words of a text.

Start it with the text.
"""

import sys

from twisted.internet import protocol, reactor


class WCProcessProtocol(protocol.ProcessProtocol):
    """Counts the lines, words and characters of one text."""

    def __init__(self, text):
        self.text = text

    def connectionMade(self):
        self.transport.write(self.text)
        self.transport.closeStdin()

    def outReceived(self, data):
        lines, words, chars = map(int, data.split())
        self.transport.loseConnection()
        self.receiveCounts(lines, words, chars)

    def receiveCounts(self, lines, words, chars):
        print("Received counts from wc.")
        print("Lines:", lines)
        print("Words:", words)
        print("Characters:", chars)

    def processEnded(self, reason):
        reactor.stop()


def start(text):
    reactor.spawnProcess(WCProcessProtocol(text), "wc", ["wc"])


reactor.callWhenRunning(start, sys.argv[1].encode() + b"\n")
reactor.run()
