"""A stand-in for a web client: pages from memory, which arrive a moment later."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred

PAGES = {"http://example.com/": "<TITLE>Example Domain</TITLE>"}


class NotFound(Exception):
    """There is no such page."""


def getPage(url):
    """Return at once with a Deferred, promising the contents of the page."""
    d = Deferred()
    if url in PAGES:
        reactor.callLater(0.01, d.callback, PAGES[url])
    else:
        reactor.callLater(0.01, d.errback, NotFound(f"404 {url}"))
    return d
