"""What the listings of the tutorial have in common: callbacks that tell when they are called."""


class Counter:
    num = 0


def handleFailure(f):
    print("errback")
    print(f"we got an exception: {f.getTraceback()}")
    f.trap(RuntimeError)


def handleFailureAndGoOn(f):
    handleFailure(f)
    return "okay, continue on"


def handleResult(result):
    Counter.num += 1
    print(f"callback {Counter.num}")
    print(f"\tgot result: {result}")
    return "yay! handleResult was successful!"


def failAtHandlingResult(result):
    Counter.num += 1
    print(f"callback {Counter.num}")
    print(f"\tgot result: {result}")
    print("\tabout to raise exception")
    raise RuntimeError("whoops! we encountered an error")


def callbackAfterErrback(result):
    Counter.num += 1
    print(f"callback {Counter.num}")
    print(f"\tgot result: {result}")


def yesDecision(result):
    Counter.num += 1
    print(f"yes decision {Counter.num}")
    print("\twasn't a failure, so we can plow ahead")
    return "go ahead!"


def noDecision(result):
    Counter.num += 1
    result.trap(RuntimeError)
    print(f"no decision {Counter.num}")
    print("\t*doh*! a failure! quick! damage control!")
    return "damage control successful!"


def noDecisionPassthru(result):
    Counter.num += 1
    print(f"no decision {Counter.num}")
    print("\t*doh*! a failure! don't know what to do, returning failure!")
    return result


def doThisNoMatterWhat(arg):
    Counter.num += 1
    print(f"both {Counter.num}")
    print(f"\tgot argument {arg!r}")
    print("\tdoing something very important")
    # we pass the argument we received to the next phase here
    return arg


def showBoth(behindTheScenes, deferredExample, *args):
    """Run the same thing twice: spelled out, and with a Deferred."""
    behindTheScenes(*args)
    print("\n-------------------------------------------------\n")
    Counter.num = 0
    deferredExample(*args)
