"""The shells that can ask a program what may come next on its command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from twisted.python.usage import _bash, _zsh

#: The text that each shell wants to be told once.
SCRIPTS = {"bash": _bash.SCRIPT, "zsh": _zsh.SCRIPT}


def answer(options: Any, program: str, words: Sequence[str]) -> str:
    """What the shell is told; nothing for a shell that is not known.

    Args:
        options: the `Options` of the program.
        program: its name.
        words: the command line, with the question at its end.
    """
    shell, _, position = words[-1].partition(":")
    if shell == "bash" and position.isdigit():
        return _bash.answer(options, words[:-2], int(position))
    return _zsh.answer(options, program, words)


def script(shell: str, program: str) -> str:
    """What a shell is to run once, to ask from then on.

    Raises:
        KeyError: it is not a shell that can ask.
    """
    return SCRIPTS[shell].format(program=program, function=re.sub(r"\W", "_", program))
