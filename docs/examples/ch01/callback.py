"""A callback: a function to be called with the data once it is there.

python callback.py http://example.com/
"""

import sys

from twisted.internet import reactor
from twisted.web.client import getPage


def printContents(contents):
    """
    This is the 'callback' function, added to the Deferred and called by
    it when the promised data is available.
    """
    print("The Deferred has called printContents with the following contents:")
    print(contents.decode())

    # Stop the event handling system. This is usually handled in higher level ways.
    reactor.stop()


# Call getPage, which returns immediately with a Deferred, promising to
# pass the page contents on to our callbacks when they are available.
deferred = getPage(sys.argv[1])

# Add a callback to the Deferred: request that it run printContents when
# the page has been downloaded.
deferred.addCallback(printContents)
print("Waiting for the page.")

# Begin the event handling system, which manages the process.
reactor.run()
