"""The suites of `twisted.internet.test.conformance.programs`, on every reactor."""

from twisted.internet.test.conformance import casesFor, programs, shippedReactors

globals().update(casesFor(programs.suites, shippedReactors(), __name__))
