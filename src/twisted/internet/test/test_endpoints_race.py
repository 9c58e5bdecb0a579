"""The machine of happy eyeballs against all that may happen to it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.endpoints import _race
from twisted.internet.endpoints._race import Action, Connect, GiveUp, Race, Wait
from twisted.trial import unittest

Address = IPv4Address | IPv6Address

FOUR: list[Address] = [IPv4Address("TCP", f"192.0.2.{i}", 80) for i in range(4)]
SIX: list[Address] = [IPv6Address("TCP", f"2001:db8::{i}", 80) for i in range(4)]


def race() -> Race[Address]:
    return Race(IPv6Address)


class RaceTests(unittest.SynchronousTestCase):
    """Single steps."""

    def test_numbers(self) -> None:
        """They are those that RFC 8305 recommends."""
        self.assertEqual((_race.ATTEMPT_DELAY, _race.RESOLUTION_DELAY), (0.25, 0.05))

    def test_nothing(self) -> None:
        self.assertEqual(race().all_found(), [GiveUp()])

    def test_last(self) -> None:
        """There is no wait behind the last address."""
        one = race()
        self.assertEqual(one.found(FOUR[0]), [Wait(0.05)])
        self.assertEqual(one.all_found(), [Connect(FOUR[0])])
        self.assertEqual(one.failed(), [GiveUp()])

    def test_preferred(self) -> None:
        one = race()
        self.assertEqual(one.found(SIX[0]), [Connect(SIX[0]), Wait(0.25)])
        self.assertEqual(one.found(FOUR[0]), [])
        self.assertEqual(one.found(SIX[1]), [])
        self.assertEqual(one.waited(), [Connect(FOUR[0]), Wait(0.25)])
        self.assertEqual(one.all_found(), [])
        self.assertEqual(one.waited(), [Connect(SIX[1])])

    def test_twice(self) -> None:
        """An address is tried once."""
        one = race()
        one.found(SIX[0])
        self.assertEqual(one.found(SIX[0]), [])
        one.all_found()
        self.assertEqual(one.failed(), [GiveUp()])

    def test_dryThenMore(self) -> None:
        """The time that has passed without an address counts for the next."""
        one = race()
        one.found(SIX[0])
        self.assertEqual(one.waited(), [])
        self.assertEqual(one.found(SIX[1]), [Connect(SIX[1]), Wait(0.25)])


class PropertyTests(unittest.SynchronousTestCase):
    """Any order of events."""

    @settings(deadline=None, max_examples=200)
    @given(st.permutations(FOUR + SIX), st.lists(st.sampled_from(["find", "fail", "wait", "end"])))
    def test_anyOrder(self, addresses: Sequence[Address], events: list[str]) -> None:
        """Each address is tried once, and it is given up when all have failed, no sooner."""
        one = race()
        untold = list(addresses)
        told: list[Address] = []
        tried: list[Address] = []
        running = 0
        ended = gaveUp = waiting = False

        def do(actions: list[Action[Address]]) -> None:
            nonlocal running, gaveUp, waiting
            for action in actions:
                self.assertFalse(gaveUp)
                if isinstance(action, Connect):
                    self.assertIn(action.address, told)
                    self.assertNotIn(action.address, tried)
                    tried.append(action.address)
                    running += 1
                    waiting = False
                elif isinstance(action, Wait):
                    waiting = True
                else:
                    self.assertEqual((running, ended), (0, True))
                    gaveUp = True

        # What the test leaves open ends by itself.
        for event in [*events, "end", *["wait", "fail"] * len(addresses)]:
            if gaveUp:
                break
            if event == "find" and untold and not ended:
                told.append(untold.pop())
                do(one.found(told[-1]))
            elif event == "fail" and running:
                running -= 1
                do(one.failed())
            elif event == "wait" and waiting:
                waiting = False
                do(one.waited())
            elif event == "end" and not ended:
                ended = True
                do(one.all_found())
        self.assertTrue(gaveUp)
        self.assertEqual(set(tried), set(told))
