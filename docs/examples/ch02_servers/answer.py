"""A server that answers lines.

python answer.py [port]     port 8007 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver


class Answer(LineReceiver):
    answers = {b"How are you?": b"Fine", None: b"I don't know what you mean"}

    def lineReceived(self, line):
        if line in self.answers:
            self.sendLine(self.answers[line])
        else:
            self.sendLine(self.answers[None])


def main(port=8007):
    listening = reactor.listenTCP(port, Factory.forProtocol(Answer))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
