"""The listings of the chapter on asyncio run."""

from __future__ import annotations

from importlib.util import find_spec

from twisted.internet.test.test_examples_engine import EngineExampleCase
from twisted.trial.unittest import SkipTest


class AsyncioExampleTests(EngineExampleCase):
    """asyncio in our loop, and we in asyncio's."""

    chapter = "asyncio"

    def test_all(self) -> None:
        self.assertChapter("both.py", "on_a_loop.py")

    def test_both(self) -> None:
        self.assertEqual(self.output("both.py"), "IS ANYBODY THERE?\n")

    def test_onALoop(self) -> None:
        self.assertEqual(self.output("on_a_loop.py"), "tick 1\ntick 2\ntick 3\n")


class ExecutorExampleTests(EngineExampleCase):
    """Calls that are made elsewhere."""

    chapter = "executors"

    def test_all(self) -> None:
        self.assertChapter("processes.py", "cluster.py")

    def test_processes(self) -> None:
        self.assertEqual(
            self.output("processes.py"), "below 100: 97\nbelow 1000: 997\nbelow 100000: 99991\n"
        )

    def test_cluster(self) -> None:
        if find_spec("distributed") is None:
            raise SkipTest('distributed is not installed (the extra "dask")')
        self.assertEqual(self.output("cluster.py"), "0 1 4 9 16\n")
