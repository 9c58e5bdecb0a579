"""Profilers, for the options ``--profile``, ``--profiler`` and ``--savestats``."""

from __future__ import annotations

from contextlib import redirect_stdout
from typing import Any, ClassVar

from twisted.application._options import programName
from twisted.python.reflect import namedAny

__name__ = "twisted.application.app"  # the public path, for pickles and messages


class _BasicProfiler:
    """Runs a reactor under a profiler.

    Args:
        profileOutput: the file for its figures.
        saveStats: whether it gets them as `pstats` reads them, and not as text.
    """

    #: The class of the profiler, loaded when it is used.
    _profiler: ClassVar[str]

    def __init__(self, profileOutput: str, saveStats: bool | int) -> None:
        self.profileOutput = profileOutput
        self.saveStats = saveStats

    def run(self, reactor: Any) -> None:
        """Run the reactor, and save the figures when it has stopped."""
        profiler = namedAny(self._profiler)()
        try:
            profiler.runcall(reactor.run)
        finally:
            self._save(profiler)

    def _save(self, profiler: Any) -> None:
        if self.saveStats:
            profiler.dump_stats(self.profileOutput)
            return
        with open(self.profileOutput, "w", encoding="utf-8") as output, redirect_stdout(output):
            namedAny("pstats.Stats")(profiler, stream=output).strip_dirs().sort_stats(
                -1
            ).print_stats()


class ProfileRunner(_BasicProfiler):
    """Runs a reactor under `profile`, which is slow and portable."""

    _profiler = "profile.Profile"


class CProfileRunner(_BasicProfiler):
    """Runs a reactor under `cProfile`."""

    _profiler = "cProfile.Profile"


class AppProfiler:
    """Chooses the profiler that the options name.

    Args:
        options: of `ServerOptions`.

    Attributes:
        profilers: the classes by their names.
        run: runs a reactor under the chosen one.

    Raises:
        SystemExit: it is none of these.
    """

    profilers: ClassVar[dict[str, type[_BasicProfiler]]] = {
        "profile": ProfileRunner,
        "cprofile": CProfileRunner,
    }

    def __init__(self, options: Any) -> None:
        self.profiler = options.get("profiler", "cprofile").lower()
        if self.profiler not in self.profilers:
            names = ", ".join(self.profilers)
            raise SystemExit(
                f"{programName()}: there is no profiler {self.profiler!r}, but {names}"
            )
        chosen = self.profilers[self.profiler]
        self.run = chosen(options.get("profile"), options.get("savestats", False)).run
