"""Tell of everything that happens to a process, which counts what a song is made of."""

from twisted.internet import protocol, reactor


class MyPP(protocol.ProcessProtocol):
    """Sings to `wc`, and says what it hears."""

    def __init__(self, verses):
        self.verses = verses
        self.data = b""

    def connectionMade(self):
        print("connectionMade!")
        for _ in range(self.verses):
            self.transport.write(
                b"Aleph-null bottles of beer on the wall,\n"
                b"Aleph-null bottles of beer,\n"
                b"Take one down and pass it around,\n"
                b"Aleph-null bottles of beer on the wall.\n"
            )
        self.transport.closeStdin()  # tell them we're done

    def outReceived(self, data):
        print(f"outReceived! with {len(data)} bytes!")
        self.data += data

    def errReceived(self, data):
        print(f"errReceived! with {len(data)} bytes!")

    def inConnectionLost(self):
        print("inConnectionLost! stdin is closed! (we probably did it)")

    def outConnectionLost(self):
        print("outConnectionLost! The child closed their stdout!")
        # now is the time to examine what they wrote
        lines, _words, _chars = self.data.split()
        print(f"I saw {int(lines)} lines")

    def errConnectionLost(self):
        print("errConnectionLost! The child closed their stderr.")

    def processExited(self, reason):
        print(f"processExited, status {reason.value.exitCode}")

    def processEnded(self, reason):
        print(f"processEnded, status {reason.value.exitCode}")
        print("quitting")
        reactor.stop()


def start():
    reactor.spawnProcess(MyPP(10), "wc", ["wc"], {})


reactor.callWhenRunning(start)
reactor.run()
