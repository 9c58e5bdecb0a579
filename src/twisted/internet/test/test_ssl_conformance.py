"""The suites of `twisted.internet.test.conformance.tls`: the usual way to TLS on every reactor.

The other ways make no difference to reactors, and run on one.
"""

from twisted.internet.epollreactor import EPollReactor
from twisted.internet.test.conformance import casesFor, shippedReactors, tls

globals().update(casesFor(tls.suites, shippedReactors(), __name__))
globals().update(casesFor(tls.otherWays, {"EPoll": EPollReactor}, __name__))
