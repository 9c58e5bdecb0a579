"""The suites of `twisted.internet.test.conformance.groups`, on every reactor."""

from twisted.internet.test.conformance import casesFor, groups, shippedReactors

globals().update(casesFor(groups.suites, shippedReactors(), __name__))
