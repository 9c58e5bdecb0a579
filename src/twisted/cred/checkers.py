"""Checkers: who is it that these credentials are of?

A checker of one's own is a class with `credentialInterfaces` and `requestAvatarId`
(`ICredentialsChecker`).  Those here find passwords in memory and in files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from zope.interface import Attribute, Interface, implementer

from twisted.cred._factory import ICheckerFactory
from twisted.cred._hashes import HashUnavailable, Scheme, schemeOf, verify
from twisted.cred._secrets import asBytes, sameSecret
from twisted.cred.credentials import (
    IAnonymous,
    IUsernameHashedPassword,
    IUsernamePassword,
)
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

__all__ = [
    "ANONYMOUS",
    "AllowAnonymousAccess",
    "FilePasswordDB",
    "ICheckerFactory",
    "ICredentialsChecker",
    "InMemoryUsernamePasswordDatabaseDontUse",
    "OnDiskUsernamePasswordDatabase",
]

_log = Logger()

Text: TypeAlias = str | bytes

#: Slow hashes that may wait for a thread, for one file; further logins are refused. With ten
#: threads and a tenth of a second for each hash, the last one waits for ten seconds.
MAX_CHECKS = 1000

#: The name of the avatar of those who do not say who they are.
ANONYMOUS: tuple[()] = ()

#: What the password of somebody who does not exist is compared with, so that it takes as long.
#: No password is this one, whatever the peer says: the result is thrown away.
_DECOY = b"nobody's password"


class ICredentialsChecker(Interface):
    """Says whose credentials are."""

    credentialInterfaces: Any = Attribute(
        "The kinds of credentials that it can check: a list of interfaces that extend "
        "`twisted.cred.credentials.ICredentials`."
    )

    def requestAvatarId(credentials: Any) -> Any:
        """Find out whose some credentials are.

        Args:
            credentials: of one of the kinds in `credentialInterfaces`.

        Returns:
            The name of an avatar, as bytes (or as the str that the credentials have), or
            `ANONYMOUS`; or a Deferred that fires with that, or fails.

        Raises:
            twisted.cred.error.UnauthorizedLogin: there is no such user, or the password is wrong.
        """


@implementer(ICredentialsChecker)
class AllowAnonymousAccess:
    """Lets everybody in, as nobody."""

    credentialInterfaces = (IAnonymous,)

    def requestAvatarId(self, credentials: Any) -> Deferred[tuple[()]]:
        """Fires with `ANONYMOUS`."""
        return succeed(ANONYMOUS)


@implementer(ICredentialsChecker)
class InMemoryUsernamePasswordDatabaseDontUse:
    """Users and passwords in a dictionary: for examples and tests.

    Who can read the process's memory, or its saved state, has the passwords.

    Attributes:
        users: passwords by name.  Bytes, and text with the same UTF-8, are the same.
    """

    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)

    def __init__(self, **users: Text) -> None:
        """
        Args:
            users: a password for each name.
        """
        self.users: dict[Text, Text] = {
            name.encode("utf-8"): password for name, password in users.items()
        }

    def addUser(self, username: Text, password: Text) -> None:
        """Add a user, or give one another password."""
        self.users[username] = password

    def requestAvatarId(self, credentials: Any) -> Deferred[Text]:
        """Fires with the name, as the credentials have it; or fails with `UnauthorizedLogin`."""
        password = self._passwordOf(credentials.username)
        known = password is not None
        checked = maybeDeferred(credentials.checkPassword, password if known else _DECOY)
        return checked.addCallback(_admit, known, credentials.username)

    def _passwordOf(self, username: Text) -> Text | None:
        for name in _spellings(username):
            if name in self.users:
                return self.users[name]
        return None


def _spellings(name: Text) -> Iterator[Text]:
    """A name, and its other form if there is one."""
    yield name
    if isinstance(name, str):
        yield asBytes(name)
    else:
        try:
            yield name.decode("utf-8")
        except UnicodeDecodeError:
            pass


def _admit(matched: object, known: bool, avatarId: Any) -> Any:
    if known and matched:
        return avatarId
    raise UnauthorizedLogin("The name or the password is wrong.")


def _isStored(hashed: Text | None, stored: bytes) -> bool:
    # A function that does not know how, as crypt(3) does not know all methods, gives None.
    return hashed is not None and sameSecret(hashed, stored)


class _Stamp(NamedTuple):
    """What changes when a file does."""

    device: int
    inode: int
    size: int
    modified: int


class _Users(NamedTuple):
    """What a file said when it was read.

    Attributes:
        stamp: of the file.
        passwords: the password, or its hash, by name.
        decoy: a hash as most users have it, if theirs are hashed.
    """

    stamp: _Stamp
    passwords: dict[bytes, tuple[bytes, bytes]]
    decoy: bytes


#: Given name, password, and the stored one: the password as it should be stored.
Hash: TypeAlias = Callable[[Any, Any, bytes], Any]


@implementer(ICredentialsChecker)
class FilePasswordDB:
    """Users and passwords in a file, one on each line, as in ``/etc/passwd`` or of ``htpasswd``.

    Passwords that are stored as hashes of a kind that shows (``$2y$`` bcrypt, ``$argon2id$``,
    ``$apr1$``, ``$1$``, ``$5$``, ``$6$``, ``$y$``, ``{SHA}``) are checked as such, slow ones in a
    thread; others are the passwords themselves, unless `hash` is given.  With hashes, credentials
    of a challenge cannot be checked, and are refused.

    Blank lines, and those that begin with ``#``, are comments.  The first line of a name counts.
    What is not of the form is logged, once, by the number of its line.

    Attributes:
        cache: whether the file is read again only after it has changed.
    """

    cache = False

    def __init__(
        self,
        filename: str,
        delim: Text = b":",
        usernameField: int = 0,
        passwordField: int = 1,
        caseSensitive: bool = True,
        hash: Hash | None = None,
        cache: bool = False,
    ) -> None:
        """
        Args:
            filename: the file.
            delim: what is between the fields of a line.
            usernameField: which field has the name, the first being 0.
            passwordField: which has the password, or its hash.
            caseSensitive: whether ``bob`` is somebody else than ``Bob``.  If not, the names of
                avatars are in lower case.
            hash: called with the name and the password that were given, and with what is stored;
                gives what the password would be stored as, or a Deferred of that.
            cache: whether the file is read again only after it has changed, by its time, size or
                identity; by default it is read for each login.
        """
        self.filename = filename
        self.delim = asBytes(delim)
        self.ufield = usernameField
        self.pfield = passwordField
        self.caseSensitive = caseSensitive
        self.hash = hash
        self.cache = cache
        self._users: _Users | None = None
        self._complaints: set[object] = set()
        self._waiting = 0
        self.credentialInterfaces: tuple[Any, ...]
        if hash is None:
            self.credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)
        else:
            # Of a challenge's answer there is no telling how the password is stored.
            self.credentialInterfaces = (IUsernamePassword,)

    def __getstate__(self) -> dict[str, Any]:
        # Passwords do not go into saved applications; the file is there to be read again.
        return {**vars(self), "_users": None, "_complaints": set(), "_waiting": 0}

    def getUser(self, username: Text) -> tuple[bytes, bytes]:
        """What the file has of a user: the name and the password, or its hash.

        Raises:
            KeyError: nothing.
            twisted.cred.error.UnauthorizedLogin: the file cannot be read, which is logged.
        """
        found = self._read().passwords.get(self._key(username))
        if found is None:
            raise KeyError(username)
        return found

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Fires with the name, as the file has it, or fails with `UnauthorizedLogin`."""
        try:
            users = self._read()
        except UnauthorizedLogin:
            return fail()
        found = users.passwords.get(self._key(credentials.username))
        username, stored = (b"", users.decoy) if found is None else found
        matches = self._matches(credentials, stored)
        return matches.addCallback(_admit, found is not None, username)

    # How a password is compared

    def _matches(self, credentials: Any, stored: bytes) -> Deferred[Any]:
        if self.hash is not None:
            given = credentials.password
            made = maybeDeferred(self.hash, credentials.username, given, stored)
            return made.addCallback(_isStored, stored)
        scheme = schemeOf(stored)
        if scheme is None:
            return maybeDeferred(credentials.checkPassword, stored)
        if not IUsernamePassword.providedBy(credentials):
            self._complain(
                "challenge",
                "{filename} has hashes, with which the answer to a challenge cannot be checked",
            )
            return succeed(False)
        return self._matchesHash(scheme, asBytes(credentials.password), stored)

    def _matchesHash(self, scheme: Scheme, password: bytes, stored: bytes) -> Deferred[bool]:
        if scheme.isSlow:
            if self._waiting >= MAX_CHECKS:
                self._complain(
                    "busy", "More than {most} logins by {filename} wait", most=MAX_CHECKS
                )
                return succeed(False)
            self._waiting += 1
            checked = deferToThread(verify, scheme, password, stored)
            checked.addBoth(self._checked)
        else:
            checked = maybeDeferred(verify, scheme, password, stored)
        return checked.addErrback(self._unavailable)

    def _checked(self, result: Any) -> Any:
        self._waiting -= 1
        return result

    def _unavailable(self, reason: Any) -> Literal[False]:
        reason.trap(HashUnavailable)
        why = str(reason.value)
        self._complain(why, "Passwords of {filename} cannot be checked: {why}", why=why)
        return False

    def _complain(self, about: object, format: str, **values: object) -> None:
        """Log something, but once."""
        if about not in self._complaints:
            self._complaints.add(about)
            _log.error(format, filename=self.filename, **values)

    # How the file is read

    def _key(self, username: Text) -> bytes:
        name = asBytes(username)
        return name if self.caseSensitive else name.lower()

    def _read(self) -> _Users:
        try:
            with open(self.filename, "rb") as file:
                status = os.fstat(file.fileno())
                stamp = _Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
                if self.cache and self._users is not None and self._users.stamp == stamp:
                    return self._users
                users = self._parsed(stamp, file.read())
        except OSError as e:
            _log.error("The users cannot be read: {reason}", reason=e)
            raise UnauthorizedLogin("Nobody can be checked now.")
        if self.cache:
            self._users = users
        return users

    def _parsed(self, stamp: _Stamp, text: bytes) -> _Users:
        passwords: dict[bytes, tuple[bytes, bytes]] = {}
        for number, line in enumerate(text.replace(b"\r\n", b"\n").split(b"\n"), 1):
            if not line.strip() or line.startswith(b"#"):
                continue
            fields = line.split(self.delim)
            if max(self.ufield, self.pfield) >= len(fields) or b"\0" in line:
                # What it says may be a password, so the log does not say it.
                self._complain(
                    (number, line),
                    "Line {number} of {filename} has no user and password: it is ignored",
                    number=number,
                )
                continue
            name = self._key(fields[self.ufield])
            passwords.setdefault(name, (name, fields[self.pfield]))
        return _Users(stamp, passwords, _decoyFor(passwords))


def _decoyFor(passwords: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    """What takes as long to compare as the passwords of most users."""
    kinds: dict[bytes | None, tuple[int, bytes]] = {}
    for _, stored in passwords.values():
        scheme = schemeOf(stored)
        kind = None if scheme is None else scheme.prefix
        count, _ = kinds.get(kind, (0, b""))
        kinds[kind] = (count + 1, _DECOY if scheme is None else stored)
    return max(kinds.values(), default=(0, _DECOY))[1]


#: Its name of before 2004.
OnDiskUsernamePasswordDatabase = FilePasswordDB
