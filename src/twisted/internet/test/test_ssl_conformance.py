"""The suites of `twisted.internet.test.conformance.tls`, on the default reactor."""

from twisted.internet.epollreactor import EPollReactor
from twisted.internet.test.conformance import casesFor, tls

globals().update(casesFor(tls.suites, {"EPoll": EPollReactor}, __name__))
