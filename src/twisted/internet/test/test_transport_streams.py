"""The suites of `twisted.internet.test.conformance.streams`, on every reactor."""

from twisted.internet.test.conformance import casesFor, shippedReactors, streams

globals().update(casesFor(streams.suites, shippedReactors(), __name__))
