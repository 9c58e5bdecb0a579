"""The suites of `conformance.descriptors`, on every reactor; reactors of others."""

from __future__ import annotations

from typing import Any

from twisted.internet.selectreactor import SelectReactor
from twisted.internet.test.conformance import (
    casesFor,
    descriptors,
    shippedReactors,
    streams,
)

globals().update(casesFor(descriptors.suites, shippedReactors(), __name__))


class ForeignReactor(SelectReactor):
    """A reactor of somebody else's, who keeps an account of what is watched."""

    def __init__(self) -> None:
        self.readers: set[Any] = set()
        self.writers: set[Any] = set()
        super().__init__()

    def addReader(self, reader: Any) -> None:
        self.readers.add(reader)
        super().addReader(reader)

    def addWriter(self, writer: Any) -> None:
        self.writers.add(writer)
        super().addWriter(writer)

    def removeReader(self, reader: Any) -> None:
        self.readers.discard(reader)
        super().removeReader(reader)

    def removeWriter(self, writer: Any) -> None:
        self.writers.discard(writer)
        super().removeWriter(writer)


class ForeignSuite(streams.Stream4Suite):
    """The methods of a reactor are called, short ways notwithstanding."""

    capability = None

    def assertNothingLeft(self, reactor: Any) -> None:
        super().assertNothingLeft(reactor)
        self.assertEqual((reactor.readers, reactor.writers), ({reactor.waker} - {None}, set()))


globals().update(casesFor([ForeignSuite], {"Foreign": ForeignReactor}, __name__))
# The suite itself has no reactor.
del ForeignSuite
