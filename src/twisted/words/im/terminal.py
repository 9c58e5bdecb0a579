"""The Instance Messenger in a terminal: lines that are typed, and lines that are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.words.im._shell import Shell
from twisted.words.im.baseaccount import AccountManager

__all__ = ["TerminalChat", "TerminalProtocol"]


class TerminalChat(Shell):
    """Shows conversations as lines, each with the name of its conversation before it.

    Args:
        accounts: the accounts that there are.
        out: shows a line.
        quit: called when one has had enough.
    """

    def __init__(
        self, accounts: AccountManager, out: Callable[[str], object], quit: Callable[[], object]
    ) -> None:
        super().__init__(accounts, quit)
        self._out = out

    def write(self, talk: Any, line: str) -> None:
        """Show a line."""
        self._out(line if talk is None else f"[{talk.title}] {line}")

    def choose(self, talk: Any) -> None:
        """Say what is typed here, from now on."""
        new = talk is not self.current
        super().choose(talk)
        if talk is not None and new:
            self._out(f"You speak in [{talk.title}].")


class TerminalProtocol(LineReceiver):
    """A terminal: what is typed is given to a `TerminalChat`.

    Args:
        accounts: the accounts that there are. Those with `autoLogin` are logged on.
        quit: called when one has had enough, or the terminal has gone.

    Attributes:
        chat: the `TerminalChat`.
    """

    delimiter = b"\n"

    def __init__(self, accounts: AccountManager, quit: Callable[[], object]) -> None:
        self.chat = TerminalChat(accounts, self.showLine, quit)
        self._quit = quit

    def showLine(self, line: str) -> None:
        """Show a line."""
        self.sendLine(line.encode("utf-8", "replace"))

    def connectionMade(self) -> None:
        """Say how to begin, and log on."""
        self.showLine("The Instance Messenger. /help lists the commands.")
        for name, account in self.chat.accounts.accounts.items():
            if account.autoLogin:
                self.chat.typed(f"/connect {name}")

    def lineReceived(self, line: bytes) -> None:
        """A line was typed."""
        self.chat.typed(line.decode("utf-8", "replace"))

    def lineLengthExceeded(self, line: bytes) -> None:
        """What was typed is too long to be anything: forget it."""
        self.showLine(f"!! A line has at most {self.MAX_LENGTH} bytes.")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The terminal has gone."""
        self.chat.accounts.quit()
        self._quit()
