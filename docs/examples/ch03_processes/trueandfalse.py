"""The exit statuses of `true` and `false`."""

from twisted.internet import reactor, utils


def printTrueValue(val):
    print(f"/bin/true exits with rc={val}")
    output = utils.getProcessValue("/bin/false")
    output.addCallback(printFalseValue)


def printFalseValue(val):
    print(f"/bin/false exits with rc={val}")
    reactor.stop()


def start():
    output = utils.getProcessValue("/bin/true")
    output.addCallback(printTrueValue)


reactor.callWhenRunning(start)
reactor.run()
