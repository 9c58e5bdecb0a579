"""A notice board: lines that come by TCP are shown in a window.

The programs beside this one bring the window, each by another toolkit.  Each answers a line with
what its window then shows, and ends when the window is closed or when the line is "close".

    python gtk.py 0        (it says which port it has got)
    nc localhost PORT
"""

from twisted.internet import protocol
from twisted.protocols import basic


class Board(basic.LineReceiver):
    delimiter = b"\n"

    def lineReceived(self, line):
        if line == b"close":
            self.factory.close()
        else:
            shown = self.factory.show(line.decode("utf-8", "replace"))
            self.sendLine(f"shown: {shown}".encode())


class BoardFactory(protocol.ServerFactory):
    protocol = Board

    def __init__(self, show, close):
        self.show = show
        self.close = close


def serve(reactor, show, close, port):
    """Show the lines that come to a port.

    `show` is called with a text, and returns what the window shows; `close` closes the window.
    """
    listening = reactor.listenTCP(int(port), BoardFactory(show, close), interface="127.0.0.1")
    say = "Listening on port", listening.getHost().port
    reactor.callWhenRunning(print, *say, flush=True)
