"""The other behaviours of a DeferredList: the first result, and the first error."""

from twisted.internet import defer


def printFirst(result):
    value, index = result
    print(f"the first was number {index}: {value}")


def printFirstError(failure):
    failure.trap(defer.FirstError)
    print(f"number {failure.value.index} failed: {failure.value.subFailure.getErrorMessage()}")


one, two = defer.Deferred(), defer.Deferred()
defer.DeferredList([one, two], fireOnOneCallback=True).addCallback(printFirst)
two.callback("quick")
one.callback("slow, and ignored")

one, two = defer.Deferred(), defer.Deferred()
dl = defer.DeferredList([one, two], fireOnOneErrback=True, consumeErrors=True)
dl.addErrback(printFirstError)
one.callback("fine")
two.errback(Exception("bang!"))
