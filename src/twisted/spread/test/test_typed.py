"""Calls that a type checker can follow; what it finds is in `twisted.test.typing`."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.spread import pb
from twisted.spread.test.pair import Pair
from twisted.spread.typed import Remote
from twisted.trial.unittest import SynchronousTestCase


class Calculator(pb.Root):
    """Is its own interface."""

    def remote_add(self, a: int, b: int = 1) -> int:
        return a + b

    def remote_later(self, a: int) -> Deferred[int]:
        return succeed(a)

    async def remote_coroutine(self, a: int) -> str:
        return str(a)

    def local(self) -> None:
        """No remote method."""


class RemoteTests(SynchronousTestCase):
    """`Remote`."""

    def setUp(self) -> None:
        self.pair = Pair(Calculator())
        self.remote = Remote(Calculator, self.pair.root)

    def test_calls(self) -> None:
        """A method stands for its name."""
        for call, expected in (
            (self.remote.call(Calculator.remote_add, 1, b=2), 3),
            (self.remote.call(Calculator.remote_later, 4), 4),
            (self.remote.call(Calculator.remote_coroutine, 5), "5"),
        ):
            self.assertEqual(self.pair.result(call), expected)

    def test_noMethod(self) -> None:
        """What is none of the interface's is not called."""

        class Other:
            def remote_add(self, a: int) -> None:
                """Of another interface."""

        method: object
        for method in (Calculator.local, Other.remote_add, len, "remote_add"):
            error = self.assertRaises(TypeError, self.remote.call, method)
            self.assertIn("no remote method of Calculator", str(error))
