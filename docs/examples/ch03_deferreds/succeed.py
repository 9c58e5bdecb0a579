"""A synchronous function that returns a Deferred all the same."""

from twisted.internet import defer


def immediateIsValidUser(user):
    """
    Returns a Deferred resulting in true if user is a valid user, false
    otherwise.
    """
    result = user in ["Alice", "Angus", "Agnes"]

    # return a Deferred object already called back with the value of result
    return defer.succeed(result)


def printResult(result):
    print("User is authenticated" if result else "User is not authenticated")


immediateIsValidUser("Alice").addCallback(printResult)
immediateIsValidUser("Mallory").addCallback(printResult)

# There is the same for errors.
defer.fail(KeyError("no users")).addErrback(lambda failure: print(failure.getErrorMessage()))
