"""Run a blocking function in a thread, and get a Deferred for its result."""

from twisted.internet import reactor, threads


def largeFibonacciNumber():
    """
    Represent a long running blocking function by calculating
    the TARGETth Fibonacci number.
    """
    TARGET = 10000

    first = 0
    second = 1

    for i in range(TARGET - 1):
        new = first + second
        first = second
        second = new

    return second


def fibonacciCallback(result):
    """
    Callback which manages the largeFibonacciNumber result by
    printing it out.
    """
    print("largeFibonacciNumber result ends in", result % 10**9)
    # make sure the reactor stops after the callback chain finishes,
    # just so that this example terminates
    reactor.stop()


def run():
    """
    Run a series of operations, deferring the largeFibonacciNumber
    operation to a thread and performing some other operations after
    adding the callback.
    """
    # get our Deferred which will be called with the largeFibonacciNumber result
    d = threads.deferToThread(largeFibonacciNumber)
    # add our callback to print it out
    d.addCallback(fibonacciCallback)
    print("1st line after the addition of the callback")
    print("2nd line after the addition of the callback")


if __name__ == "__main__":
    run()
    reactor.run()
