"""The suites of `twisted.internet.test.conformance.clients`, on every reactor."""

from twisted.internet.test.conformance import casesFor, clients, shippedReactors

globals().update(casesFor(clients.suites, shippedReactors(), __name__))
