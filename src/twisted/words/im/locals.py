"""What all parts of the Instance Messenger know."""

from __future__ import annotations

__all__ = ["AWAY", "OFFLINE", "ONLINE", "Enum", "OfflineError", "StatusEnum"]


class Enum:
    """One of several things, by a label.

    Attributes:
        group: what it is one of.
        label: what it is called.
    """

    group: str | None = None

    def __init__(self, label: str) -> None:
        self.label = label

    def __repr__(self) -> str:
        return f"<{self.group}: {self.label}>"

    def __str__(self) -> str:
        return self.label


class StatusEnum(Enum):
    """Whether somebody is there."""

    group = "Status"


OFFLINE = StatusEnum("Offline")
ONLINE = StatusEnum("Online")
AWAY = StatusEnum("Away")


class OfflineError(Exception):
    """The account is not logged on, and so has nothing to send by."""
