"""An errback that handles some errors and lets others pass, as an except clause does."""

from twisted.internet import defer


class SpamException(Exception):
    pass


class EggException(Exception):
    pass


def cookSpamAndEggs(ingredient):
    if ingredient == "spam":
        raise SpamException("out of spam")
    if ingredient == "egg":
        raise EggException("a rotten egg")
    raise KeyError(ingredient)


def errorHandler(failure):
    failure.trap(SpamException, EggException)
    # Handle SpamExceptions and EggExceptions
    print("handled:", failure.getErrorMessage())


def otherHandler(failure):
    print("not trapped:", failure.type.__name__)


for ingredient in ("spam", "egg", "toast"):
    d = defer.Deferred()
    d.addCallback(cookSpamAndEggs)
    d.addErrback(errorHandler)
    d.addErrback(otherHandler)
    d.callback(ingredient)
