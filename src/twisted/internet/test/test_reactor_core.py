"""The suites of `twisted.internet.test.conformance.core`, on every reactor."""

from twisted.internet.test.conformance import casesFor, core, shippedReactors

globals().update(casesFor(core.suites, shippedReactors(), __name__))
