"""``--auth unix``: the users of this machine."""

from __future__ import annotations

import os
from typing import Any

from zope.interface import implementer

from twisted.cred import _shadow
from twisted.cred._crypt import crypt
from twisted.cred._hashes import MAX_PASSWORD
from twisted.cred._secrets import asBytes, sameSecret
from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.strcred import ICheckerFactory
from twisted.internet.defer import Deferred, fail
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.plugin import IPlugin
from twisted.python.reflect import requireModule

__all__ = [
    "UNIXChecker",
    "UNIXCheckerFactory",
    "theUnixCheckerFactory",
    "unixCheckerFactoryHelp",
    "verifyCryptedPassword",
]

_log = Logger()

unixCheckerFactoryHelp = """
The users of this machine, by the databases that getent passwd and
getent shadow show.

Only root can see the hashes of the passwords, so the server has to be
root when somebody logs in; a server that gives up its rights once it
listens (--uid) is not. To use PAM, which has helpers of its own for
that, see twisted.cred.pamauth.
"""

#: What says that the hash is in the shadow database, or that there is none.
_ELSEWHERE = ("x", "*", "")
#: What the password of somebody who does not exist is hashed with: as the systems of today do it,
#: and as those of ten years ago.
_DECOYS = (b"$y$j9T$8LmpZTMH61oZEq..KvlqV.$", b"$6$mCgH9cpXqWVwJb0l$")


def verifyCryptedPassword(crypted: str | bytes, pw: str | bytes) -> bool:
    """Whether a password has a hash of crypt(3).

    Args:
        crypted: the hash; what is none (``"*"``, ``"!"``, ``""``) is that of no password.
        pw: the password; one with a NUL, or of more than 1024 bytes, has no hash.
    """
    password, stored = asBytes(pw), asBytes(crypted)
    if b"\0" in password + stored or len(password) > MAX_PASSWORD:
        return False
    hashed = crypt(password, stored)
    return hashed is not None and sameSecret(hashed, stored)


def _spendAsLong(password: str | bytes) -> bool:
    for decoy in _DECOYS:
        try:
            if crypt(asBytes(password)[:MAX_PASSWORD], decoy) is not None:
                break
        except ValueError:
            break
    return False


@implementer(ICredentialsChecker)
class UNIXChecker:
    """Checks passwords of the users of this machine, in threads.

    Attributes:
        pwd: where users are; a module such as `pwd`, None where there is no such thing.
        spwd: where hashes of passwords are: has ``getspnam``.
    """

    credentialInterfaces = (IUsernamePassword,)
    pwd: Any = requireModule("pwd")
    spwd: Any = _shadow

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Fires with the name, as the credentials have it; or fails with `UnauthorizedLogin`."""
        username, password = credentials.username, credentials.password
        if self.pwd is None:
            _log.error("This system has no database of users")
            return fail(UnauthorizedLogin("Nobody can be checked here."))
        return deferToThread(self._verify, username, password).addCallback(_admit, username)

    def checkPwd(self, pwd: Any, username: str | bytes, password: str | bytes) -> Any:
        """Check by the users' database alone.

        Args:
            pwd: a module such as `pwd`.
            username: whose it is.
            password: what is to be checked.

        Returns:
            A Deferred that fires with the name or fails with `UnauthorizedLogin`; None if the hash
            is not here, but in the shadow database.
        """
        try:
            stored = pwd.getpwnam(_native(username)).pw_passwd
        except (KeyError, ValueError):
            return fail(UnauthorizedLogin())
        if stored in _ELSEWHERE:
            return None
        return deferToThread(verifyCryptedPassword, stored, password).addCallback(_admit, username)

    def checkSpwd(self, spwd: Any, username: str | bytes, password: str | bytes) -> Deferred[Any]:
        """Check by the shadow database alone.

        Args:
            spwd: a module with ``getspnam``, whose results have ``sp_pwdp``.
            username: whose it is.
            password: what is to be checked.

        Returns:
            A Deferred that fires with the name or fails with `UnauthorizedLogin`.
        """
        try:
            stored = spwd.getspnam(_native(username)).sp_pwdp
        except (KeyError, ValueError, PermissionError):
            return fail(UnauthorizedLogin())
        return deferToThread(verifyCryptedPassword, stored, password).addCallback(_admit, username)

    def _verify(self, username: str | bytes, password: str | bytes) -> bool:
        """In a thread: databases may be far away, and hashes take long."""
        name = _native(username)
        try:
            stored = self.pwd.getpwnam(name).pw_passwd
            if stored in _ELSEWHERE:
                stored = self.spwd.getspnam(name).sp_pwdp
        except (KeyError, ValueError):
            return _spendAsLong(password)
        except PermissionError:
            _log.error("User {uid} cannot read the hashes of passwords", uid=os.geteuid())
            return False
        return verifyCryptedPassword(stored, password)


def _native(username: str | bytes) -> str:
    return os.fsdecode(username)


def _admit(matched: bool, username: Any) -> Any:
    if not matched:
        raise UnauthorizedLogin("The name or the password is wrong.")
    return username


@implementer(ICheckerFactory, IPlugin)
class UNIXCheckerFactory:
    """Makes `UNIXChecker`."""

    credentialInterfaces = UNIXChecker.credentialInterfaces
    authType = "unix"
    argStringFormat = "No argstring required."
    authHelp = unixCheckerFactoryHelp

    def generateChecker(self, argstring: str) -> UNIXChecker:
        """A checker; there is nothing to say of it."""
        return UNIXChecker()


theUnixCheckerFactory = UNIXCheckerFactory()
