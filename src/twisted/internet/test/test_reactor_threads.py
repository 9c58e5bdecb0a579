"""The suites of `twisted.internet.test.conformance.threads`, on every reactor."""

from twisted.internet.test.conformance import casesFor, shippedReactors, threads

globals().update(casesFor(threads.suites, shippedReactors(), __name__))
