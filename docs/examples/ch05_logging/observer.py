"""Observe the log: an observer is a function of one argument, a dictionary."""

from twisted.python import log


def yourCallable(eventDict):
    kind = "error" if eventDict["isError"] else "message"
    print(kind, eventDict["message"], eventDict.get("color"))
    if "failure" in eventDict:
        print("because of", eventDict["failure"].type.__name__)


log.addObserver(yourCallable)

log.msg("Hello,", "world.", color="green")
log.err("not found")
log.err(KeyError("x"))
