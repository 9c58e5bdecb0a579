"""The suites of `StandardIO`, on every reactor that watches real descriptors."""

from twisted.internet.test.conformance import (
    casesFor,
    shippedReactors,
    standardio,
    standardkinds,
)

REACTORS = {name: make for name, make in shippedReactors().items() if name != "Fake"}

globals().update(casesFor([*standardio.suites, *standardkinds.suites], REACTORS, __name__))
