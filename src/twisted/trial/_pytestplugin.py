"""What pytest needs to run tests of trial, loaded by its entry point in the metadata of Torsion.

pytest runs `twisted.trial.unittest.TestCase` by itself, and asks the metadata of the distribution
Twisted how.  Where nothing stands in for that (see `twisted.standin`), this answers, in the process
of pytest alone.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, DistributionFinder
from typing import Final

from twisted import standin

_NAME: Final = "twisted"


class _Answer(Distribution):
    """The distribution that would stand in for Twisted."""

    def read_text(self, filename: str) -> str | None:
        return standin.metadata() if filename == "METADATA" else None

    def locate_file(self, path: object) -> None:  # type: ignore[override]  # there are no files
        return None


class _Finder(DistributionFinder):
    """Finds that distribution, and no modules."""

    def find_spec(self, *args: object) -> None:
        return None

    def find_distributions(
        self,
        context: DistributionFinder.Context = DistributionFinder.Context(),  # noqa: B008
    ) -> Iterator[Distribution]:
        if context.name is not None and context.name.lower() == _NAME:
            yield _Answer()


def pytest_configure() -> None:
    """Answer for Twisted, unless its metadata are there."""
    if not any(importlib.metadata.distributions(name=_NAME)):
        sys.meta_path.append(_Finder())
