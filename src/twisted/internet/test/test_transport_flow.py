"""The suites of `twisted.internet.test.conformance.flow`, on every reactor."""

from twisted.internet.test.conformance import casesFor, flow, shippedReactors

globals().update(casesFor(flow.suites, shippedReactors(), __name__))
