"""Run the code of a chapter of the documentation, block by block, in a process of its own.

Reads from standard input, as JSON, what `Chapter` has; writes a list of problems, as JSON, to
standard output. The blocks share their names, as the chapter is read from top to bottom.

The reactor is the real one; but it opens ports that the system chooses, lets no time pass, and
comes back from `run` as soon as it has nothing planned.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

from twisted.internet.error import ReactorNotRestartable


class Block(NamedTuple):
    """Some lines of Python.

    Attributes:
        line: where the block begins in the chapter.
        source: the lines.
        output: what the chapter says that they print; None if it does not say.
    """

    line: int
    source: str
    output: str | None


class Chapter(NamedTuple):
    """What there is to run.

    Attributes:
        prelude: the code that the chapter leaves to its reader, as the names in its examples.
        blocks: those of the chapter.
    """

    prelude: str
    blocks: list[Block]


def promisedError(statement: ast.stmt, lines: list[str]) -> str:
    """The name of the exception that the comment behind a statement promises, or nothing."""
    found = re.search(r"# (\w+Error)\b", lines[(statement.end_lineno or 1) - 1])
    return found[1] if found else ""


def runBlock(block: Block, names: dict[str, Any]) -> str:
    """Run a block; what is wrong with it, or nothing."""
    lines = block.source.splitlines()
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for statement in ast.parse(block.source).body:
            promised = promisedError(statement, lines)
            code = compile(ast.Module([statement], []), "chapter", "exec")
            try:
                exec(code, names)
            except (Exception, SystemExit) as error:
                ended = isinstance(error, SystemExit) and not error.code
                if type(error).__name__ != promised and not ended:
                    return f"{ast.unparse(statement)}\n{traceback.format_exc()}"
            else:
                if promised:
                    return f"{ast.unparse(statement)}\nraises no {promised}"
    if block.output is not None and out.getvalue() != block.output:
        return f"{block.source}\nprints {out.getvalue()!r}"
    return ""


def tame(reactor: Any) -> None:
    """Have the reactor take any port, no time, and an end."""

    def anyPort(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda port, *args, **kwargs: method(0, *args, **kwargs)

    for name in ("listenTCP", "listenUDP", "listenMulticast"):
        setattr(reactor, name, anyPort(getattr(reactor, name)))

    callLater, run = reactor.callLater, reactor.run

    def callSoon(delay: float, *args: Any, **kwargs: Any) -> Any:
        return callLater(delay / 10_000, *args, **kwargs)

    def stopIdle() -> None:
        if not reactor.getDelayedCalls():
            reactor.stop()
        else:
            callLater(0.001, stopIdle)

    def runUntilIdle(*args: Any, **kwargs: Any) -> None:
        reactor.callWhenRunning(callLater, 0, stopIdle)
        run(*args, **kwargs)

    reactor.callLater, reactor.run = callSoon, runUntilIdle


def main() -> None:
    prelude, blocks = json.load(sys.stdin)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(prelude, "prelude", "exec"), names)
    problems = []
    for block in [Block(*block) for block in blocks]:
        problem = runBlock(block, names)
        if problem:
            problems.append(f"line {block.line}: {problem}")
    json.dump(problems, sys.stdout)


if __name__ == "__main__":
    from twisted.internet import reactor

    tame(reactor)
    main()
    # What was begun, such as threads, has to end. What it prints then is not what was asked for.
    with contextlib.suppress(ReactorNotRestartable), contextlib.redirect_stdout(io.StringIO()):
        reactor.run()
