"""Tell zsh what may come next on a command line.

A function for zsh runs the program with the words that are typed so far and, at the end, two
more: ``--_shell-completion zsh:N``, where N is the number of the word at which the user is,
beginning at 1 with the name of the program.  What the program prints is run by the shell, in the
place of a completion function; it ends in a call of ``_arguments`` or ``_describe``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from twisted.python.usage._completion import Completer, Completions
from twisted.python.usage._declared import Declared, UsageError
from twisted.python.usage._words import takeApart

_REQUEST = "--_shell-completion"

SCRIPT = """\
#compdef {program}
# Completion of {program} for zsh: put this into a file _{program} in a folder of $fpath.
_{function}() {{
    eval "$("${{words[1]}}" "${{(@)words[2,-1]}}" --_shell-completion "zsh:$CURRENT" 2> /dev/null)"
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _{function} "$@"
else
    compdef _{function} {program}
fi
"""


def isAsked(words: Sequence[str]) -> bool:
    """Whether a command line is a shell's question."""
    return len(words) >= 2 and words[-2] == _REQUEST


def answer(options: Any, program: str, words: Sequence[str]) -> str:
    """What the shell is to run; nothing for a shell that is not known.

    Args:
        options: the `Options` of the program.
        program: its name.
        words: the command line, with the question at its end.
    """
    shell, _, position = words[-1].partition(":")
    if shell != "zsh" or not position.isdigit():
        return ""
    # Words after the one that is being typed do not count, nor does that one.
    typed = list(words[:-2])[: max(int(position) - 2, 0)]
    inner, depth = _innermost(options, typed)
    lines = list(_forOptions(inner))
    if depth:
        # The words before the subcommand are no concern of its options.
        lines[:0] = [f"shift {depth} words", f"(( CURRENT -= {depth} ))"]
    return f"#compdef {program}\n" + "\n".join(lines) + "\n"


def _innermost(options: Any, typed: list[str]) -> tuple[Any, int]:
    """The options of the subcommand that was chosen so far, and how many words chose it."""
    depth = 0
    while options.subCommands:
        try:
            _, rest = takeApart(typed, options._known)
        except UsageError:
            break
        chosen = next((row for row in options.subCommands if rest and rest[0] in row[:2]), None)
        if chosen is None:
            break
        depth += len(typed) - len(rest) + 1
        typed = rest[1:]
        options = chosen[2]()
    return options, depth


def _forOptions(options: Any) -> Iterator[str]:
    data = _completionsOf(options)
    specs = list(itertools.chain.from_iterable(_specs(one, data) for one in options._declared))
    if options.subCommands:
        yield "local state"
        specs.append("*::command:->commands")
    else:
        specs.extend(_argument(number, one) for number, one in enumerate(data.extraActions, 1))
    quoted = " \\\n".join(f"  {_quote(spec)}" for spec in specs)
    yield '_arguments -s -A "-*" \\\n' + quoted
    if options.subCommands:
        yield "[[ $state == commands ]] || return 0"
        yield "local -a commands"
        rows = " ".join(
            _quote(f"{row[0]}:{_oneLine(row[3] if len(row) > 3 else None)}")
            for row in options.subCommands
        )
        yield f"commands=({rows})"
        yield "_describe command commands"


def _completionsOf(options: Any) -> Completions:
    """What the classes of the options say, that of the nearest class first."""
    found: list[Completions] = [
        cls.__dict__[name]
        for cls in reversed(type(options).__mro__)
        for name in ("completionData", "compData")
        if cls.__dict__.get(name) is not None
    ]
    descriptions: dict[str, str] = {}
    actions: dict[str, Completer] = {}
    for data in found:
        descriptions.update(data.descriptions)
        actions.update(data.optActions)
    return Completions(
        descriptions=descriptions,
        multiUse=[name for data in found for name in data.multiUse],
        mutuallyExclusive=[group for data in found for group in data.mutuallyExclusive],
        optActions=actions,
        extraActions=next((data.extraActions for data in reversed(found) if data.extraActions), ()),
    )


def _specs(declared: Declared, data: Completions) -> Iterator[str]:
    """One specification of ``_arguments`` for each spelling."""
    names = declared.names()
    excluded = [] if names & set(data.multiUse) else list(declared.spellings)
    for group in data.mutuallyExclusive:
        if names & set(group):
            others = [name for name in group if name not in names]
            excluded.extend(f"-{name}" if len(name) == 1 else f"--{name}" for name in others)
    prefix = f"({' '.join(excluded)})" if excluded else "*"
    description = next((data.descriptions[n] for n in names if n in data.descriptions), None)
    shown = _escape(_oneLine(description or declared.doc or declared.key))
    value = ""
    if declared.takesValue:
        completer = next((data.optActions[n] for n in names if n in data.optActions), Completer())
        label = _escape(completer.descr or declared.key)
        value = f":{label}:{completer.zshAction()}"
    for spelling in declared.spellings:
        joint = "" if not declared.takesValue else "=" if spelling.startswith("--") else "+"
        yield f"{prefix}{spelling}{joint}[{shown}]{value}"


def _argument(number: int, completer: Completer) -> str:
    place = "*" if completer.repeat else str(number)
    return f"{place}:{_escape(completer.descr or 'argument')}:{completer.zshAction()}"


def _oneLine(text: str | None) -> str:
    return " ".join((text or "").split())


def _escape(text: str) -> str:
    """Keep what means something in a specification from meaning it."""
    return "".join(f"\\{letter}" if letter in "[]:\\" else letter for letter in text)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
