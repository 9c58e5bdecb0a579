"""What is said of tests in a method, a class or a module: the nearest counts."""

from __future__ import annotations

from twisted.trial.test.commands import CommandCase

HEAD = """
    import warnings
    from twisted.internet import defer, task, reactor
    from twisted.trial import unittest
    from twisted.trial.util import suppress as suppressing
"""


class LevelTests(CommandCase):
    """In whole runs."""

    def outcomes(self, text: str) -> dict[str, str]:
        """What is reported of each test; and the output, as that of ""."""
        self.write("test_it.py", HEAD + text)
        _, output = self.command("--reporter=bwverbose", "test_it")
        lines = [
            line for line in output.splitlines() if line.startswith("test_it.") and "..." in line
        ]
        found = {line.split()[0].removeprefix("test_it."): line.split()[2] for line in lines}
        return {**found, "": output}

    def test_skip(self) -> None:
        found = self.outcomes("""
    skip = "the module"
    class ATests(unittest.TestCase):
        def test_module(self): ...
        def test_method(self): ...
        test_method.skip = "the method"
    class BTests(unittest.TestCase):
        skip = "the class"
        def test_class(self): ...
        def test_method(self): ...
        test_method.skip = ""
        """)
        self.assertEqual(found["ATests.test_module"], "[SKIPPED]")
        self.assertEqual(found["BTests.test_method"], "[OK]")
        for reason in ("module", "class", "method"):
            self.assertEqual(found[""].count(f"[SKIPPED]\nthe {reason}\n"), 1)

    def test_todo(self) -> None:
        found = self.outcomes("""
    todo = "the module"
    class ATests(unittest.TestCase):
        def test_module(self): self.fail()
        def test_method(self): self.fail()
        test_method.todo = (KeyError, "not this one")
        def test_methodToo(self): {}["x"]
        test_methodToo.todo = ([KeyError, OSError], "the method")
    class BTests(unittest.TestCase):
        todo = "the class"
        def test_class(self): self.fail()
        def test_passes(self): ...
        """)
        self.assertEqual(found["ATests.test_method"], "[FAILURE]")
        self.assertEqual(found["ATests.test_methodToo"], "[TODO]")
        self.assertEqual(found["BTests.test_passes"], "[SUCCESS!?!]")
        for reason in ("module", "class", "method"):
            self.assertEqual(found[""].count(f"[TODO]\nReason: 'the {reason}'\n"), 1)

    def test_timeout(self) -> None:
        found = self.outcomes("""
    timeout = 0.03
    class ATests(unittest.TestCase):
        def test_module(self): return defer.Deferred()
        async def test_method(self): await defer.Deferred()
        test_method.timeout = 0.02
    class BTests(unittest.TestCase):
        timeout = 0.01
        @defer.inlineCallbacks
        def test_class(self): yield defer.Deferred()
        def test_method(self): return task.deferLater(reactor, 0.05, lambda: None)
        test_method.timeout = 10
        """)
        self.assertEqual(found["BTests.test_method"], "[OK]")
        for name, seconds in (
            ("ATests.test_module", 0.03),
            ("ATests.test_method", 0.02),
            ("BTests.test_class", 0.01),
        ):
            method = name.partition(".")[2]
            self.assertIn(f"test_it.{name} ({method}) still running at {seconds} secs", found[""])

    def test_suppress(self) -> None:
        """In every stage of a test, and while it waits."""
        found = self.outcomes("""
    suppress = [suppressing(message="the module")]
    def warn():
        for text in ("the module", "the class", "the method"):
            warnings.warn(text)
    class ATests(unittest.TestCase):
        def setUp(self): warn()
        def tearDown(self): warn()
        def test_module(self):
            warn()
            self.texts = [each["message"] for each in self.flushWarnings()]
            self.assertEqual(self.texts, ["the class", "the method"] * 2)
        def test_method(self):
            self.flushWarnings()
            warn()
            self.assertEqual(len(self.flushWarnings()), 2)
        test_method.suppress = [suppressing(message="the method")]
    class BTests(unittest.TestCase):
        suppress = [suppressing(message="the class")]
        def test_later(self):
            done = task.deferLater(reactor, 0, warn)
            done.addCallback(lambda _: self.assertEqual(len(self.flushWarnings()), 2))
            return done
        """)
        for name in ("ATests.test_module", "ATests.test_method", "BTests.test_later"):
            self.assertEqual(found[name], "[OK]", found[""])

    def test_suites(self) -> None:
        """A module may make its suite, and name others whose docstrings are tests."""
        self.write(
            "documented.py",
            '''
            """
            >>> 1 + 1
            2
            """
            def wrong():
                """
                >>> 1 + 1
                3
                """
            ''',
        )
        found = self.outcomes("""
    __doctests__ = ["documented"]
    class ATests(unittest.TestCase):
        def test_it(self): ...
        """)
        self.assertIn("Failed example:\n    1 + 1", found[""])
        self.assertIn("FAILED (failures=1, successes=2)", found[""])
        found = self.outcomes("""
    class ATests(unittest.TestCase):
        def test_it(self): ...
        def other(self): ...
    def test_suite():
        return unittest.TestSuite([ATests("other"), ATests("other")])
        """)
        self.assertIn("PASSED (successes=2)", found[""])
        self.assertNotIn("ATests.test_it", found)
