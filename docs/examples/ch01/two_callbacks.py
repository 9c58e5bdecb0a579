"""Two callbacks: the result of the first is passed to the second.

python two_callbacks.py http://example.com/
"""

import sys

from twisted.internet import reactor
from twisted.web.client import getPage


def lowerCaseContents(contents):
    """
    This is a 'callback' function, added to the Deferred and called by
    it when the promised data is available. It converts the data to lower case.
    """
    return contents.lower()


def printContents(contents):
    """
    This is a 'callback' function, added to the Deferred after lowerCaseContents
    and called by it with the result of lowerCaseContents.
    """
    print(contents.decode())
    reactor.stop()


deferred = getPage(sys.argv[1])

# Add two callbacks: run lowerCaseContents when the page has been
# downloaded, and then printContents with the result of that.
deferred.addCallback(lowerCaseContents)
deferred.addCallback(printContents)

reactor.run()
