"""The callback chain is stateful: it can run before or after all of it has been added."""

from counter import Counter, failAtHandlingResult, handleFailure, handleResult

from twisted.internet import defer


def deferredExample1():
    # this is another common idiom, since all add* methods
    # return the deferred instance, you can just chain your
    # calls to addCallback and addErrback
    d = (
        defer.Deferred()
        .addCallback(failAtHandlingResult)
        .addCallback(handleResult)
        .addErrback(handleFailure)
    )

    d.callback("success")


def deferredExample2():
    d = defer.Deferred()

    d.callback("success")

    d.addCallback(failAtHandlingResult)
    d.addCallback(handleResult)
    d.addErrback(handleFailure)


if __name__ == "__main__":
    deferredExample1()
    print("\n-------------------------------------------------\n")
    Counter.num = 0
    deferredExample2()
