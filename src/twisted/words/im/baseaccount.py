"""The accounts that one has."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

__all__ = ["AccountManager"]


class AccountManager:
    """Keeps accounts, by their names.

    Attributes:
        accounts: each an `twisted.words.im.interfaces.IAccount`.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Any] = {}

    def getSnapShot(self) -> list[tuple[str, bool, Any, str]]:
        """For each account its name, whether it is logged on, `autoLogin` and the protocol."""
        return [
            (one.accountName, one.isOnline(), one.autoLogin, one.gatewayType)
            for one in self.accounts.values()
        ]

    def isEmpty(self) -> bool:
        """Whether there is none."""
        return not self.accounts

    def getConnectionInfo(self) -> list[bool]:
        """For each account, whether it is logged on."""
        return [account.isOnline() for account in self.accounts.values()]

    def addAccount(self, account: Any) -> None:
        """Keep one more, in place of another of its name."""
        self.accounts[account.accountName] = account

    def delAccount(self, accountName: str) -> None:
        """Forget one."""
        del self.accounts[accountName]

    def connect(self, accountName: str, chatui: Any) -> Deferred[Any]:
        """Log on; see `twisted.words.im.interfaces.IAccount.logOn`."""
        result: Deferred[Any] = self.accounts[accountName].logOn(chatui)
        return result

    def disconnect(self, accountName: str) -> None:
        """Log off."""
        self.accounts[accountName].logOff()

    def quit(self) -> None:
        """Log off wherever one is logged on."""
        for account in self.accounts.values():
            if account.isOnline():
                account.logOff()
