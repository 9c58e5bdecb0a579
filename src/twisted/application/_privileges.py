"""Becoming another user, for good."""

from __future__ import annotations

import os
import pwd

from twisted.logger import Logger
from twisted.python.util import initgroups, switchUID

_log = Logger(namespace="twisted.scripts.twistd")


class CannotBecome(RuntimeError):
    """The process may not become that user; the text says so."""


def shed(uid: int | None, gid: int | None, effectiveOnly: bool) -> None:
    """Become another user and group, with no way back.

    The saved ids are changed too, and the further groups are those of the user.

    Args:
        uid: the user; None for no change.
        gid: the group; None for that of the user.
        effectiveOnly: keep the way back: change the effective ids alone.

    Raises:
        CannotBecome: the process may not do that.
    """
    if uid is None and gid is None:
        return
    if gid is None:
        gid = _groupOf(uid)
    try:
        if effectiveOnly:
            switchUID(uid, gid, True)  # type: ignore[arg-type]  # None is for no change
        else:
            _become(uid, gid)
    except OSError as problem:
        raise CannotBecome(
            f"this process cannot become user {uid}, group {gid}: {problem.strerror}"
        )
    _log.info("set {kind}uid/gid {uid}/{gid}", kind="e" if effectiveOnly else "", uid=uid, gid=gid)


def _groupOf(uid: int | None) -> int | None:
    try:
        return None if uid is None else pwd.getpwuid(uid).pw_gid
    except KeyError:
        # A user without an entry has no group of its own.
        return None


def _become(uid: int | None, gid: int | None) -> None:
    if (uid, gid) == (os.geteuid(), os.getegid()) == (os.getuid(), os.getgid()):
        return
    # The groups first: a user that is not root cannot change them.
    if uid is not None:
        initgroups(uid, gid)
    if hasattr(os, "setresuid"):
        if gid is not None:
            os.setresgid(gid, gid, gid)
        if uid is not None:
            os.setresuid(uid, uid, uid)
        return
    # To root this does the same.
    if gid is not None:
        os.setgid(gid)
    if uid is not None:
        os.setuid(uid)
