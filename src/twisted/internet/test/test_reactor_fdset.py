"""The suites of `twisted.internet.test.conformance.descriptors`, on every reactor."""

from twisted.internet.test.conformance import casesFor, descriptors, shippedReactors

globals().update(casesFor(descriptors.suites, shippedReactors(), __name__))
