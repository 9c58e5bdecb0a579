"""Which worker runs which test, and in which order it is told of them: without any process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

# A worker that has tests waiting need not wait for us. More of them would only wait there while
# another worker has none.
_AHEAD: Final = 3
# Near the end each test goes to whoever is free: for so many tests of each worker.
_NEAR_END: Final = 10


class Schedule:
    """The tests of one pass, by their numbers from 0 on.

    Workers are whatever can be a key of a dict.

    Args:
        total: how many tests there are.
        jobs: how many workers there should be.
    """

    def __init__(self, total: int, jobs: int) -> None:
        self._jobs = jobs
        self._left = deque(range(total))
        self._given: dict[Any, deque[int]] = {}
        # What was told of tests that come after one of which we know nothing yet.
        self._told: dict[int, Any] = {}
        self._next = 0
        self._stopped = False
        self._closed = False

    @property
    def over(self) -> bool:
        """Whether no test is left, nor with a worker."""
        return self.missing == 0

    @property
    def missing(self) -> int:
        """How many tests are left, or with a worker."""
        return len(self._left) + sum(map(len, self._given.values()))

    def give(self, worker: Any) -> list[int]:
        """Return the tests that a worker is to be given now."""
        given = self._given.setdefault(worker, deque())
        ahead = _AHEAD if len(self._left) > _NEAR_END * self._jobs else 1
        more = [self._left.popleft() for _ in range(min(ahead - len(given), len(self._left)))]
        given.extend(more)
        return more

    def ended(self, worker: Any, number: int, told: Any) -> None:
        """A worker has told of a test.

        Raises:
            ValueError: It was not the test of which it had to tell.
        """
        if self._closed:
            return
        given = self._given.get(worker)
        if not given or given[0] != number:
            raise ValueError(f"test {number} was not the next of this worker")
        given.popleft()
        self._told[number] = told

    def lost(self, worker: Any) -> int | None:
        """A worker has ended: others get what it has not begun, unless this is stopped.

        Returns:
            The test that it was to tell of; None if there was none.
        """
        given = self._given.pop(worker, None)
        if not given:
            return None
        running = given.popleft()
        if not self._stopped:
            self._left.extendleft(reversed(given))
        return running

    def tell(self, number: int, told: Any) -> None:
        """Something is known of a test whose worker has ended."""
        if not self._closed:
            self._told[number] = told

    def stop(self) -> None:
        """Give nothing more to anybody; it is over when all workers have ended."""
        self._stopped = True
        self._left.clear()

    def close(self) -> None:
        """Forget everything of which nobody was told: it is over."""
        self.stop()
        self._closed = True
        self._given.clear()
        self._told.clear()

    def inOrder(self) -> Iterator[Any]:
        """Return what was told, in the order of the tests, as far as it is known; once.

        When it is over, the tests of which nothing is known are left out.
        """
        while self._told and (self._next in self._told or self.over):
            if self._next in self._told:
                yield self._told.pop(self._next)
            self._next += 1
