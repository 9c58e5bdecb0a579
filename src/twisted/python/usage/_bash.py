"""Tell bash what may come next on a command line.

A function for bash runs the program with the words that are typed so far and, at the end, two
more: ``--_shell-completion bash:N``, where N is the number of the word at which the user is, the
name of the program being 0.  What the program prints is one candidate on each line; a line that
begins with ``@`` is a kind of candidates that bash knows itself, as `compgen -A` names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from twisted.python.usage import _zsh
from twisted.python.usage._completion import (
    CompleteDirs,
    CompleteFiles,
    CompleteGroups,
    CompleteHostnames,
    CompleteList,
    CompleteMultiList,
    Completer,
    CompleteUserAtHost,
    CompleteUsernames,
)

#: What bash finds itself.
_KINDS: tuple[tuple[type[Completer], str], ...] = (
    (CompleteFiles, "@file"),
    (CompleteDirs, "@directory"),
    (CompleteUsernames, "@user"),
    (CompleteGroups, "@group"),
    (CompleteHostnames, "@hostname"),
    (CompleteUserAtHost, "@hostname"),
)

SCRIPT = """\
# Completion of {program} for bash: put this into ~/.bashrc, or into a file of that name in
# ~/.local/share/bash-completion/completions/
_{function}() {{
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            @*) mapfile -t -O ${{#COMPREPLY[@]}} COMPREPLY \\
                    < <(compgen -A "${{line#@}}" -- "${{COMP_WORDS[COMP_CWORD]#=}}") ;;
            *) COMPREPLY+=("$line") ;;
        esac
    done < <("${{COMP_WORDS[0]}}" "${{COMP_WORDS[@]:1}}" \\
        --_shell-completion "bash:$COMP_CWORD" 2> /dev/null)
}}
complete -o filenames -F _{function} {program}
"""


def answer(options: Any, words: Sequence[str], position: int) -> str:
    """The candidates, one on each line.

    Args:
        options: the `Options` of the program.
        words: those that are typed, without the name of the program.
        position: the number of the one that is being typed.
    """
    typed = _joined(list(words[: max(position - 1, 0)]))
    current = words[position - 1] if 0 < position <= len(words) else ""
    if current == "=":
        typed, current = [*typed, "="], ""
    inner, _ = _zsh._innermost(options, _withoutLast(typed))
    return "".join(f"{line}\n" for line in _candidates(inner, typed, current))


def _joined(words: list[str]) -> list[str]:
    """Words as the program gets them: bash takes ``--name=value`` for three."""
    joined: list[str] = []
    for word in words:
        if joined and (word == "=" or joined[-1].endswith("=")) and joined[-1].startswith("--"):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _withoutLast(typed: list[str]) -> list[str]:
    """The words that are whole, whatever the last one waits for."""
    return [word for word in typed if word != "="]


def _candidates(options: Any, typed: list[str], current: str) -> Iterator[str]:
    data = _zsh._completionsOf(options)
    last = typed[-2] if typed[-1:] == ["="] and len(typed) > 1 else typed[-1] if typed else ""
    waiting = options._known.get(last.removesuffix("="))
    if waiting is not None and waiting.takesValue:
        names = waiting.names()
        completer = next((data.optActions[n] for n in names if n in data.optActions), None)
        yield from _values(completer, current)
    elif current.startswith("-"):
        yield from sorted(name for name in options._known if name.startswith(current))
    elif options.subCommands:
        yield from (str(row[0]) for row in options.subCommands if row[0].startswith(current))
    else:
        for completer in data.extraActions:
            yield from _values(completer, current)


def _values(completer: Completer | None, current: str) -> Iterator[str]:
    """Values of one kind that begin like the current word."""
    if isinstance(completer, (CompleteList, CompleteMultiList)):
        yield from (item for item in completer.items if item.startswith(current))
        return
    for kind, name in _KINDS:
        if isinstance(completer, kind):
            yield name
            return
