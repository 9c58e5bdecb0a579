"""The suites of `twisted.internet.test.conformance.processes`, on every reactor."""

from twisted.internet.test.conformance import casesFor, processes, shippedReactors

globals().update(casesFor(processes.suites, shippedReactors(), __name__))
