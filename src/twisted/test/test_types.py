"""The types that users see.

The check of the tree's types covers two programs in `twisted.test.typing`: one that must pass, and
one in which every mistake is marked, where a mark without a mistake is an error too.  What is left
to test is that they are what they say.
"""

from __future__ import annotations

import inspect
import io
import re
import tokenize
from collections.abc import Iterator

from zope.interface import providedBy

from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.interfaces import IProtocolFactory
from twisted.test._source import ROOT
from twisted.test.typing import bad, good
from twisted.trial.unittest import SynchronousTestCase

_MARK = re.compile(r"# type: ignore\[[a-z-]+\]  # \S")


def marks(source: str) -> Iterator[tuple[int, str]]:
    """The lines of a program that tell the type checker to look away."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and "type:" in token.string:
            yield token.start[0], token.string


class ProgramTests(SynchronousTestCase):
    """The two programs."""

    def test_goodHasNoMarks(self) -> None:
        """The good program needs no help."""
        self.assertEqual(list(marks(inspect.getsource(good))), [])

    def test_badIsMarked(self) -> None:
        """Each mistake of the bad program is marked, with the error and why it is one."""
        found = list(marks(inspect.getsource(bad)))
        self.assertGreater(len(found), 20)
        for line, mark in found:
            self.assertRegex(mark, _MARK, f"line {line}")

    def test_goodRuns(self) -> None:
        """What the checker knows of the good program is true."""
        self.assertEqual(self.successResultOf(good.generator()), "4")
        self.assertEqual(self.successResultOf(ensureDeferred(good.coroutine())), "3")
        self.assertTrue(IProtocolFactory.providedBy(good.FromScratch()))

    def test_stub(self) -> None:
        """Type checkers are told of all that the reactor's interfaces have, and that it has."""
        stub = (ROOT / "internet" / "reactor.pyi").read_text("utf-8")
        told = set(re.findall(r"^(\w+) = _reactor\.\1$", stub, re.MULTILINE))
        documented = {name for interface in providedBy(reactor) for name in interface}
        self.assertEqual(sorted(documented - told), [])
        self.assertEqual([name for name in told if not hasattr(reactor, name)], [])
