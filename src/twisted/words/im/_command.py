"""The command line of the Instance Messenger."""

from __future__ import annotations

import sys
from collections.abc import Callable
from urllib.parse import SplitResult, unquote, urlsplit

from twisted.internet._reactor import installedReactor
from twisted.python import usage
from twisted.words.im.baseaccount import AccountManager
from twisted.words.im.ircsupport import IRCAccount
from twisted.words.im.pbsupport import PBAccount
from twisted.words.im.tocsupport import TOCAccount

#: The ports of the protocols.
PORTS = {"irc": 6667, "pb": 8787, "toc": 9898}


class Options(usage.Options):
    """What the command line says.

    Attributes:
        accounts: the accounts, all of which are to be logged on.
    """

    synopsis = "[options] [ADDRESS ...]"
    longdesc = """Each ADDRESS is an account: irc://NAME:PASSWORD@HOST:PORT/GROUP,GROUP, or
the same with toc:// or, without groups, with pb://. Without a port the usual one is meant. Others
can see what a command line says: passwords are better in a file."""
    optParameters = [
        ("accounts", "a", None, "A file with the address of an account on each line."),
    ]

    def parseArgs(self, *addresses: str) -> None:
        """Read the addresses of accounts."""
        self.addresses = list(addresses)

    def postOptions(self) -> None:
        """Read the file of accounts, if there is one."""
        addresses = self.addresses
        if self["accounts"]:
            try:
                with open(self["accounts"], encoding="utf-8") as file:
                    addresses += [line.strip() for line in file if line.strip()]
            except OSError as problem:
                raise usage.UsageError(f"The accounts cannot be read: {problem}")
        self.accounts = AccountManager()
        for address in addresses:
            self.accounts.addAccount(accountOf(address))


def accountOf(address: str) -> IRCAccount | PBAccount | TOCAccount:
    """The account of an address.

    Raises:
        twisted.python.usage.UsageError: it is none.
    """
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS[parts.scheme]
        if not (parts.hostname and parts.username):
            raise ValueError("it has no name or no host")
    except (KeyError, ValueError):
        raise usage.UsageError(
            f"{address!r} is not the address of an account: irc://NAME@HOST/CHANNEL, say."
        )
    return _account(parts, port)


def _account(parts: SplitResult, port: int) -> IRCAccount | PBAccount | TOCAccount:
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = parts.hostname or ""
    called = f"{name}@{host}"
    if parts.scheme == "pb":
        return PBAccount(called, 1, name, password, host, port)
    kind = IRCAccount if parts.scheme == "irc" else TOCAccount
    return kind(called, 1, name, password, host, port, unquote(parts.path[1:]))


def run(arguments: list[str], show: Callable[[AccountManager, Callable[[], None]], object]) -> None:
    """Run, until one has had enough.

    Args:
        arguments: those of the command line.
        show: makes a front end, from the accounts and what to call in the end.
    """
    options = Options()
    try:
        options.parseOptions(arguments)
    except usage.UsageError as problem:
        sys.exit(f"{options.getSynopsis()}\n{problem}")
    reactor = installedReactor()

    def stop() -> None:
        if reactor.running:
            reactor.stop()

    def quit() -> None:
        # What says goodbye is sent at the end of this turn.
        if reactor.running:
            reactor.callLater(0, stop)

    show(options.accounts, quit)
    reactor.run()
