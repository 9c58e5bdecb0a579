"""The suites of `twisted.internet.test.conformance.clients`, on every reactor; stale events."""

from __future__ import annotations

from typing import cast

from twisted.internet._fakereactor import FakeReactor
from twisted.internet._multiplexers import WRITE
from twisted.internet.error import UserError
from twisted.internet.test.conformance import IAnyReactor, casesFor, clients, shippedReactors

globals().update(casesFor(clients.suites, shippedReactors(), __name__))


class StaleEventTests(clients.ClientCase):
    """An event of a descriptor that was closed in the same turn, and whose number is used again."""

    def buildReactor(self) -> IAnyReactor:
        self.fake = FakeReactor()
        self.addCleanup(self._cleanUp, self.fake)
        return cast(IAnyReactor, self.fake)

    def test_connectingIsNotConnected(self) -> None:
        async def scenario() -> None:
            peers = self.attempt(self.deafNumber())
            await self.turns(2)
            (attempt,) = self.fake.getWriters()
            self.fake._multiplexer.script(attempt.fileno(), WRITE)
            await self.turns(5)
            self.assertEqual(peers.events, ["start", "connecting"])
            assert peers.connector is not None
            peers.connector.stopConnecting()
            self.assertTrue((await peers.failure()).check(UserError))

        self.play(scenario())
