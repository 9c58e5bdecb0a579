"""Runs the Instance Messenger in a terminal: ``python -m twisted.words.im --help``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from twisted.internet.stdio import StandardIO
from twisted.words.im._command import run
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.terminal import TerminalProtocol


def show(accounts: AccountManager, quit: Callable[[], None]) -> None:
    """Use the terminal."""
    StandardIO(TerminalProtocol(accounts, quit))


if __name__ == "__main__":
    run(sys.argv[1:], show)
