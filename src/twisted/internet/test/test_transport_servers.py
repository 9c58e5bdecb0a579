"""The suites of `twisted.internet.test.conformance.servers`, on every reactor."""

from twisted.internet.test.conformance import casesFor, servers, shippedReactors

globals().update(casesFor(servers.suites, shippedReactors(), __name__))
