"""The language of descriptions such as ``tcp:8080:interface=127.0.0.1``.

A description is a word and then arguments, each after a colon.  An argument with an equals sign
has a name; one without is known by its place.  A backslash takes the meaning from the character
behind it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages

_TOKENS = re.compile(r"\\(.)|([:=])|([^\\:=]+)|(\\)", re.DOTALL)


class Description(NamedTuple):
    """What a description says."""

    text: str
    prefix: str
    args: list[str]
    kwargs: dict[str, str]


def parse(text: str) -> Description:
    """Take a description apart.

    Raises:
        ValueError: it ends in a backslash, or says something twice.
        TypeError: it is not text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a description is a str such as 'tcp:8080', not {text!r}")
    args: list[str] = []
    kwargs: dict[str, str] = {}
    name: str | None = None
    word = ""
    for escaped, mark, plain, lone in [*_TOKENS.findall(text), ("", ":", "", "")]:
        if lone:
            raise ValueError(f"{text!r} ends in a backslash: write two where one is meant")
        if mark == "=" and name is None and args:
            name, word = word, ""
        elif mark != ":":
            word += escaped or plain or mark
        elif name is None:
            args.append(word)
            word = ""
        elif name in kwargs:
            raise ValueError(f"{text!r} says {name!r} twice: say it once")
        else:
            kwargs[name] = word
            name, word = None, ""
    return Description(text, args[0], args[1:], kwargs)


def quoteStringArgument(argument: str) -> str:
    """An argument as it is written in a description.

    Args:
        argument: any text, such as a path with a colon in it.
    """
    return re.sub(r"([\\:=])", r"\\\1", argument)
