"""What `echo` writes, when the reactor runs."""

from twisted.internet import reactor
from twisted.internet.utils import getProcessOutput


def getOutput():
    d = getProcessOutput("/bin/echo", ["foo"])

    def cbOutput(output):
        print(output.decode(), end="")

    d.addCallback(cbOutput)
    d.addBoth(lambda _: reactor.stop())


reactor.callWhenRunning(getOutput)
reactor.run()
