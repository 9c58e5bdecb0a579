"""The suites of `twisted.internet.test.conformance.faults`, on every reactor."""

from twisted.internet.test.conformance import casesFor, faults, shippedReactors

globals().update(casesFor(faults.suites, shippedReactors(), __name__))
