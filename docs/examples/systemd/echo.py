"""An echo server on a socket that systemd has opened.

systemd-socket-activate -l 8007 python echo.py
"""

import socket
import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
from twisted.python.systemd import ListenFDs


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


def main():
    descriptors = ListenFDs.fromEnvironment().inheritedDescriptors()
    if not descriptors:
        sys.exit("no socket was handed over: start this by systemd, or systemd-socket-activate")
    for number in descriptors:
        with socket.socket(fileno=number) as given:
            # The port has a descriptor of its own, so this one is closed here.
            reactor.adoptStreamPort(number, given.family, Factory.forProtocol(Echo))
    reactor.run()


if __name__ == "__main__":
    main()
