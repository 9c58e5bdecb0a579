"""Which definitions have replaced a test, and which go on from what they replace."""

from __future__ import annotations

import ast
import textwrap
import types

from twisted.trial import unittest
from twisted.trial.runner import _repeated


class RepeatedTests(unittest.SynchronousTestCase):
    """`repeated`, and the look at compiled code that comes before it."""

    def found(self, source: str) -> list[tuple[str, int, int]]:
        source = textwrap.dedent(source)
        found = list(_repeated.repeated(ast.parse(source).body))
        if found:
            code = compile(source, "example", "exec")
            self.assertTrue(_repeated._mayRepeat(code), "the compiled code shows it as well")
        return found

    def test_methods(self) -> None:
        source = """
        class A:
            def test_a(self): ...
            def test_b(self): ...
            async def test_a(self): ...
        """
        self.assertEqual(self.found(source), [("A.test_a", 3, 5)])

    def test_classes(self) -> None:
        source = """
        class A:
            def test_a(self): ...
        class Outer:
            class A:
                def test_a(self): ...
            class A: ...
        class A: ...
        """
        self.assertEqual(sorted(self.found(source)), [("A", 2, 8), ("Outer.A", 5, 7)])

    def test_others(self) -> None:
        """Helpers, alternatives, and definitions that use what was there, are no concern."""
        source = """
        def helper(): ...
        def helper(): ...
        class A:
            def other(self): ...
            def other(self): ...
            if helper:
                def test_a(self): ...
            else:
                def test_a(self): ...
            @property
            def test_b(self): ...
            @test_b.setter
            def test_b(self, value): ...
        class B:
            def test_a(self): ...
        class B(B):
            def test_b(self): ...
        """
        self.assertEqual(self.found(source), [])

    def test_mayRepeat(self) -> None:
        """Lambdas and comprehensions have no names; what is inside functions does not count."""
        source = """
        a, b = (lambda: 1), (lambda: 2)
        class A:
            def test_a(self):
                def inner(): ...
                def inner(): ...
            def test_b(self): ...
        """
        code = compile(textwrap.dedent(source), "example", "exec")
        self.assertFalse(_repeated._mayRepeat(code))

    def test_noCode(self) -> None:
        """A module that was not loaded from anywhere is let be."""
        module = types.ModuleType("example")
        _repeated.warnOfRepeated(module, "test")
        self.assertEqual(self.flushWarnings(), [])
