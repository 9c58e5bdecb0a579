"""The suites of `twisted.internet.test.conformance.unixes`, on every reactor."""

from twisted.internet.test.conformance import casesFor, shippedReactors, unixes

globals().update(casesFor(unixes.suites, shippedReactors(), __name__))
