"""The suites of `twisted.internet.test.conformance.datagrams`, on every reactor."""

from twisted.internet.test.conformance import casesFor, datagrams, shippedReactors

globals().update(casesFor(datagrams.suites, shippedReactors(), __name__))
