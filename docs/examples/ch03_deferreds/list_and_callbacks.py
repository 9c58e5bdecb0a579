"""What a DeferredList gets from a Deferred that has callbacks before and after."""

from twisted.internet import defer


def printResult(result):
    print(result)


def addTen(result):
    return result + " ten"


# Deferred gets callback before DeferredList is created.
deferred1 = defer.Deferred()
deferred2 = defer.Deferred()
deferred1.addCallback(addTen)
dl = defer.DeferredList([deferred1, deferred2])
dl.addCallback(printResult)
deferred1.callback("one")  # fires addTen, checks DeferredList, stores "one ten"
deferred2.callback("two")
# At this point, dl fires its callback, printing:
#     [(True, 'one ten'), (True, 'two')]

# Deferred gets callback after DeferredList is created.
deferred1 = defer.Deferred()
deferred2 = defer.Deferred()
dl = defer.DeferredList([deferred1, deferred2])
deferred1.addCallback(addTen)  # will run *after* DeferredList gets its value
dl.addCallback(printResult)
deferred1.callback("one")  # checks DeferredList, stores "one", fires addTen
deferred2.callback("two")
# At this point, dl fires its callback, printing:
#     [(True, 'one'), (True, 'two')]
