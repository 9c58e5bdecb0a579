"""The suites of `twisted.internet.test.conformance.timing`, on every reactor."""

from twisted.internet.test.conformance import casesFor, shippedReactors, timing

globals().update(casesFor(timing.suites, shippedReactors(), __name__))
