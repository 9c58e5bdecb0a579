"""The suites of `twisted.internet.test.conformance.unixdatagrams`, on every reactor."""

from twisted.internet.test.conformance import casesFor, shippedReactors, unixdatagrams

globals().update(casesFor(unixdatagrams.suites, shippedReactors(), __name__))
