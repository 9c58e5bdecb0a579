"""What a shell may offer while a command line is being typed.

These classes say what values are; `_zsh` turns them into the language of a shell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_PUBLIC = "twisted.python.usage"


class Completer:
    """A kind of value; this one is any text, for which nothing can be offered.

    Args:
        descr: what the value is, to show it.
        repeat: for arguments: whether there may be any number of them.
    """

    __module__ = _PUBLIC

    def __init__(self, descr: str | None = None, repeat: bool = False) -> None:
        self.descr = descr
        self.repeat = repeat

    def zshAction(self) -> str:
        """How zsh completes such a value."""
        return " "


class CompleteFiles(Completer):
    """A file.

    Args:
        globPattern: which names to offer.
    """

    __module__ = _PUBLIC

    def __init__(self, globPattern: str = "*", **kw: Any) -> None:
        super().__init__(**kw)
        self.globPattern = globPattern
        if self.descr is None and globPattern != "*":
            self.descr = f"file ({globPattern})"

    def zshAction(self) -> str:
        return f'_files -g "{self.globPattern}"'


class CompleteDirs(Completer):
    """A directory."""

    __module__ = _PUBLIC

    def zshAction(self) -> str:
        return "_directories"


class CompleteList(Completer):
    """One of some words.

    Args:
        items: the words.
    """

    __module__ = _PUBLIC

    def __init__(self, items: Sequence[str], **kw: Any) -> None:
        super().__init__(**kw)
        self.items = items

    def zshAction(self) -> str:
        return f"({' '.join(self.items)})"


class CompleteMultiList(Completer):
    """Some of some words, with commas between them.

    Args:
        items: the words.
    """

    __module__ = _PUBLIC

    def __init__(self, items: Sequence[str], **kw: Any) -> None:
        super().__init__(**kw)
        self.items = items

    def zshAction(self) -> str:
        words = " ".join(f"'{item}'" for item in self.items)
        return f"_values -s , '{self.descr or 'value'}' {words}"


class CompleteUsernames(Completer):
    """A user of the system."""

    __module__ = _PUBLIC

    def zshAction(self) -> str:
        return "_users"


class CompleteGroups(Completer):
    """A group of the system."""

    __module__ = _PUBLIC

    def zshAction(self) -> str:
        return "_groups"


class CompleteHostnames(Completer):
    """The name of a host."""

    __module__ = _PUBLIC

    def zshAction(self) -> str:
        return "_hosts"


class CompleteUserAtHost(Completer):
    """A host, or a user and a host: ``me@there``."""

    __module__ = _PUBLIC

    def zshAction(self) -> str:
        return (
            '{if compset -P "*@"; then _wanted hosts expl "remote host name" _hosts; '
            'else _wanted hosts expl "remote host name" _hosts; '
            '_wanted users expl "login name" _combination -s "[:@]" my-accounts users -S @; fi}'
        )


class CompleteNetInterfaces(Completer):
    """A network interface."""

    __module__ = _PUBLIC

    def zshAction(self) -> str:
        return "_net_interfaces"


class Completions:
    """What a shell should know about the options of a class, besides what the class declares.

    Args:
        descriptions: texts to show instead of the declared ones, by name of the option.
        multiUse: options that may be given more than once.
        mutuallyExclusive: groups of options of which only one may be given.
        optActions: a `Completer` for the value of an option, by name of the option.
        extraActions: a `Completer` for each word that follows the options.
    """

    __module__ = _PUBLIC

    def __init__(
        self,
        descriptions: Mapping[str, str] = {},
        multiUse: Sequence[str] = (),
        mutuallyExclusive: Sequence[Sequence[str]] = (),
        optActions: Mapping[str, Completer] = {},
        extraActions: Sequence[Completer] = (),
    ) -> None:
        self.descriptions = descriptions
        self.multiUse = multiUse
        self.mutuallyExclusive = mutuallyExclusive
        self.optActions = optActions
        self.extraActions = extraActions
