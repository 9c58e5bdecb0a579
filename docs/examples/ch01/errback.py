"""An errback: called instead, when the data cannot be had.

python errback.py http://example.com/does-not-exist
"""

import sys

from twisted.internet import reactor
from twisted.web.client import getPage


def errorHandler(error):
    """
    This is an 'errback' function, added to the Deferred, which will call
    it in the event of an error.
    """
    print("An error has occurred:", error.getErrorMessage())
    # We just stop the entire process.
    reactor.stop()


def printContents(contents):
    """
    This is a 'callback' function, added to the Deferred, which will call
    it with the page contents.
    """
    print(contents.decode())
    reactor.stop()


# We request a page which doesn't exist, to demonstrate the error chain.
deferred = getPage(sys.argv[1])

# Add the callback to the Deferred to handle the page contents.
deferred.addCallback(printContents)

# Add the errback to the Deferred to handle any errors.
deferred.addErrback(errorHandler)

reactor.run()
