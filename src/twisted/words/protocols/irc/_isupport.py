"""What a server says that it supports: the reply RPL_ISUPPORT.

Source: "IRC RPL_ISUPPORT Numeric Definition" (draft-brocklesby-irc-isupport-03).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from twisted.logger import Logger

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")

#: How many features are remembered. Servers have some forty.
MAX_FEATURES = 500

_HEX_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_PREFIX = re.compile(r"\((\w*)\)(.*)", re.ASCII | re.DOTALL)


class UnhandledCommand(RuntimeError):
    """There is no method for a command."""


class ServerSupportedFeatures:
    """What a server supports; what it has not said is what RFC 1459 says.

    The method ``isupport_<FEATURE>(params)`` reads the value of a feature, as a list of what stood
    between its commas. A feature without such a method is a tuple of these texts.
    """

    prefix = "isupport"

    _taking: tuple[str, str] | None = None

    def __init__(self) -> None:
        self._features: dict[str, Any] = {
            "CHANNELLEN": 200,
            "CHANTYPES": ("#", "&"),
            "MODES": 3,
            "NICKLEN": 9,
            "PREFIX": {"o": ("@", 0), "v": ("+", 1), "h": ("%", 2)},
            "CHANMODES": self._modes(("b", "", "lk", "")),
        }

    def parse(self, params: Iterable[str]) -> None:
        """Take in what a server says.

        Args:
            params: each ``FEATURE``, ``FEATURE=value`` or ``-FEATURE``, which it has no more.
        """
        self._taking = None
        for param in params:
            if param.startswith("-"):
                self._features.pop(param[1:], None)
                continue
            feature, _, value = param.partition("=")
            if feature not in self._features and len(self._features) >= MAX_FEATURES:
                _log.warn("The server has too many features to remember {feature}", feature=feature)
                continue
            values = [_HEX_ESCAPE.sub(_unescaped, one) for one in value.split(",")]
            try:
                self._features[feature] = self.dispatch(feature, values)
            except (ValueError, IndexError):
                # What a server gets wrong is as if it had not said it.
                _log.warn("The server's feature {param!r} cannot be read", param=param)

    def dispatch(self, command: str, params: list[str]) -> Any:
        """Read the value of a feature by the method that there is for it."""
        method: Callable[[list[str]], Any] | None
        method = getattr(self, f"{self.prefix}_{command}", None) if command != "unknown" else None
        if method is None:
            return self.isupport_unknown(command, params)
        return method(params)

    def getFeature(self, feature: str, default: Any = None) -> Any:
        """The value of a feature, or `default` if the server has not said that it has it."""
        return self._features.get(feature, default)

    def hasFeature(self, feature: str) -> bool:
        """Whether the server has a feature; it may be without a value."""
        return self.getFeature(feature) is not None

    def channelModesTaking(self) -> tuple[str, str]:
        """The modes of channels that take something: when they are set, and when taken away."""
        if self._taking is None:
            kinds = self.getFeature("CHANMODES") or {}
            always = "".join(self.getFeature("PREFIX") or ())
            always += kinds.get("addressModes", "") + kinds.get("param", "")
            self._taking = (always + kinds.get("setParam", ""), always)
        return self._taking

    # --- The values ---

    def isupport_unknown(self, command: str, params: list[str]) -> tuple[str, ...]:
        """A feature that there is no other method for: its texts."""
        return tuple(params)

    def isupport_CHANLIMIT(self, params: list[str]) -> list[tuple[str, int | None]]:
        """How many channels of each kind one may be in."""
        return _numbered(params)

    def isupport_CHANMODES(self, params: list[str]) -> dict[str, str]:
        """The modes of channels: ``addressModes`` (lists), ``param``, ``setParam``, ``noParam``."""
        if not any(params):
            raise ValueError("It names no modes.")
        return self._modes(params)

    def isupport_CHANNELLEN(self, params: list[str]) -> int:
        """How long the name of a channel may be."""
        return int(params[0])

    def isupport_CHANTYPES(self, params: list[str]) -> tuple[str, ...]:
        """What the names of channels begin with."""
        return tuple(params[0])

    def isupport_EXCEPTS(self, params: list[str]) -> str:
        """The mode for exceptions from bans."""
        return params[0] or "e"

    def isupport_IDCHAN(self, params: list[str]) -> list[tuple[str, str]]:
        """How long the identities of safe channels are."""
        return [(kind, size) for kind, _, size in (param.partition(":") for param in params)]

    def isupport_INVEX(self, params: list[str]) -> str:
        """The mode for who needs no invitation."""
        return params[0] or "I"

    def isupport_KICKLEN(self, params: list[str]) -> int:
        """How long the reason of a kick may be."""
        return int(params[0])

    def isupport_MAXLIST(self, params: list[str]) -> list[tuple[str, int | None]]:
        """How long the lists of modes may be."""
        return _numbered(params)

    def isupport_MODES(self, params: list[str]) -> int | None:
        """How many modes that take something may be changed at once; None for no limit."""
        return _number(params[0])

    def isupport_NETWORK(self, params: list[str]) -> str:
        """What the network is called."""
        return params[0]

    def isupport_NICKLEN(self, params: list[str]) -> int:
        """How long a nickname may be."""
        return int(params[0])

    def isupport_PREFIX(self, params: list[str]) -> dict[str, tuple[str, int]] | None:
        """The modes of members: what stands for each before a name, and its rank, 0 the highest."""
        if not params[0]:
            return None
        found = _PREFIX.fullmatch(params[0])
        if found is None:
            raise ValueError("It is not in parentheses.")
        pairs = zip(found[1], found[2], strict=False)
        return {mode: (mark, rank) for rank, (mode, mark) in enumerate(pairs)}

    def isupport_SAFELIST(self, params: list[str]) -> bool:
        """Whether the list of channels may be asked for without being thrown out for its length."""
        return True

    def isupport_STATUSMSG(self, params: list[str]) -> str:
        """Which members of a channel may be written to alone."""
        return params[0]

    def isupport_TARGMAX(self, params: list[str]) -> dict[str, int | None]:
        """How many targets commands may have; None if there is no limit."""
        return dict(_numbered(params))

    def isupport_TOPICLEN(self, params: list[str]) -> int:
        """How long a topic may be."""
        return int(params[0])

    @staticmethod
    def _modes(params: Sequence[str]) -> dict[str, str]:
        kinds = ("addressModes", "param", "setParam", "noParam")
        return dict(zip(kinds, params, strict=False))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _numbered(params: Iterable[str]) -> list[tuple[str, int | None]]:
    """Names with numbers after a colon, or without."""
    return [(name, _number(size)) for name, _, size in (param.partition(":") for param in params)]


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
