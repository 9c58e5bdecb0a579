"""Which worker runs which test, and what is told of them in which order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.trial._dist._schedule import Schedule
from twisted.trial.unittest import SynchronousTestCase


class ScheduleTests(SynchronousTestCase):
    """Handing out numbers, and getting them back."""

    def test_ahead(self) -> None:
        """A worker has three tests at a time, and one near the end."""
        schedule = Schedule(30, 2)
        self.assertEqual(schedule.give("a"), [0, 1, 2])
        self.assertEqual(schedule.give("b"), [3, 4, 5])
        schedule.ended("a", 0, None)
        self.assertEqual(schedule.give("a"), [6])
        for number in (3, 4, 5):
            schedule.ended("b", number, None)
        self.assertEqual(schedule.give("b"), [7, 8, 9])
        for number in (1, 2, 6):
            schedule.ended("a", number, None)
        self.assertEqual(schedule.give("a"), [10])

    def test_order(self) -> None:
        """What is told goes on in the order of the tests."""
        schedule = Schedule(30, 2)
        schedule.give("a")
        schedule.give("b")
        schedule.ended("b", 3, "three")
        self.assertEqual(list(schedule.inOrder()), [])
        for number, told in enumerate(("zero", "one", "two")):
            schedule.ended("a", number, told)
        self.assertEqual(list(schedule.inOrder()), ["zero", "one", "two", "three"])
        self.assertEqual(list(schedule.inOrder()), [])

    def test_lost(self) -> None:
        """Of a dead worker's tests, one is told of by somebody else; others run the rest."""
        schedule = Schedule(30, 2)
        schedule.give("a")
        self.assertEqual(schedule.lost("a"), 0)
        schedule.tell(0, "dead")
        self.assertEqual(schedule.give("b"), [1, 2, 3])
        self.assertEqual(list(schedule.inOrder()), ["dead"])
        self.assertIsNone(schedule.lost("idle"))

    def test_wrongNumber(self) -> None:
        """A worker can only tell of the test that is its next."""
        schedule = Schedule(30, 2)
        schedule.give("a")
        self.assertRaises(ValueError, schedule.ended, "a", 1, None)
        self.assertRaises(ValueError, schedule.ended, "b", 0, None)

    def test_stop(self) -> None:
        """After a stop it is over when the workers are gone; gaps are passed over."""
        schedule = Schedule(30, 2)
        schedule.give("a")
        schedule.give("b")
        schedule.ended("b", 3, "three")
        schedule.stop()
        self.assertEqual(schedule.give("b"), [])
        self.assertFalse(schedule.over)
        schedule.lost("a")
        schedule.lost("b")
        self.assertTrue(schedule.over)
        self.assertEqual(list(schedule.inOrder()), ["three"])

    def test_close(self) -> None:
        """Nothing is told of after the end."""
        schedule = Schedule(30, 2)
        schedule.give("a")
        schedule.close()
        schedule.ended("a", 0, "zero")
        self.assertTrue(schedule.over)
        self.assertEqual(list(schedule.inOrder()), [])

    @given(st.integers(0, 80), st.integers(1, 4), st.lists(st.integers(0, 99), max_size=400))
    @settings(deadline=None, max_examples=80)
    def test_eachOnce(self, total: int, jobs: int, choices: list[int]) -> None:
        """Each test is told of once and in order, whoever is quick or dies."""
        schedule = Schedule(total, jobs)
        workers: dict[int, list[int]] = {number: [] for number in range(jobs)}
        told: list[int] = []
        while not schedule.over or told != list(range(total)):
            choice = choices.pop() if choices else 0
            name = sorted(workers)[choice % len(workers)]
            workers[name] += schedule.give(name)
            if choice > 90:
                del workers[name]
                workers[max([name, *workers]) + 1] = []
                running = schedule.lost(name)
                if running is not None:
                    schedule.tell(running, running)
            else:
                for name in sorted(workers):
                    if workers[name]:
                        number = workers[name].pop(0)
                        schedule.ended(name, number, number)
                        break
            told += schedule.inOrder()
        self.assertEqual(told, list(range(total)))
