"""Credentials that hold all that there is to know, and those of one challenge and one answer."""

from __future__ import annotations

import hmac
import secrets
import socket
import time

from incremental import Version
from zope.interface import implementer

from twisted.cred._secrets import asBytes, sameSecret
from twisted.cred.credentials._kinds import (
    IAnonymous,
    ISSHPrivateKey,
    IUsernameHashedPassword,
    IUsernamePassword,
    Text,
)
from twisted.python.deprecate import deprecatedModuleAttribute

__name__ = "twisted.cred.credentials"  # the public path, for pickles and messages


@implementer(IAnonymous)
class Anonymous:
    """Those of somebody who does not say who they are."""


@implementer(IUsernamePassword)
class UsernamePassword:
    """A name and a password, as the peer said them."""

    def __init__(self, username: Text, password: Text) -> None:
        self.username = username
        self.password = password

    def checkPassword(self, password: Text) -> bool:
        """Whether the password that was said is this one."""
        return sameSecret(self.password, password)


@implementer(IUsernameHashedPassword)
class UsernameHashedPassword:
    """A name and the hash of a password.

    The hash is compared as it is: whoever has it need not know the password.  `UsernamePassword`
    over an encrypted connection, or a challenge, is better.
    """

    def __init__(self, username: Text, hashed: Text) -> None:
        self.username = username
        self.hashed = hashed

    def checkPassword(self, password: Text) -> bool:
        """Whether the hash is this, which is the hash that it should be."""
        return sameSecret(self.hashed, password)


deprecatedModuleAttribute(
    Version("Twisted", 21, 2, 0),
    "Use twisted.cred.credentials.UsernamePassword instead.",
    __name__,
    "UsernameHashedPassword",
)


@implementer(IUsernameHashedPassword)
class CramMD5Credentials:
    """An answer to a challenge that is different each time (RFC 2195).

    The checker has to know the password itself, since the answer is made with it.

    Attributes:
        challenge: what was sent; empty before `getChallenge` was called.
        username: who answered; empty before `setResponse` was called.
        response: the answer, in hexadecimal digits; empty likewise.
    """

    username: Text = b""
    challenge: bytes = b""
    response: bytes = b""

    def __init__(self, host: Text | None = None) -> None:
        """
        Args:
            host: the name of this server, which is part of the challenge; by default what the
                system calls it.
        """
        self.host = host

    def getChallenge(self) -> bytes:
        """What to send to the peer; the same at each call."""
        if not self.challenge:
            host = asBytes(socket.gethostname() if self.host is None else self.host)
            number = secrets.randbits(64)
            self.challenge = b"<%d.%d@%s>" % (number, int(time.time()), host)
        return self.challenge

    def setResponse(self, response: bytes) -> None:
        """Take what the peer sent: a name, a space, and the answer.

        What is not of this form is the answer of nobody, which is wrong.
        """
        # The name may have spaces in it, the digits have none.
        self.username, _, self.response = asBytes(response).strip().rpartition(b" ")

    def moreChallenges(self) -> bool:
        """Whether there is another challenge after this one, which there is not."""
        return False

    def checkPassword(self, password: Text) -> bool:
        """Whether this password leads to the answer."""
        if not self.challenge:
            return False  # nobody was asked
        expected = hmac.new(asBytes(password), self.challenge, "md5").hexdigest()
        return sameSecret(self.response.lower(), expected)


@implementer(ISSHPrivateKey)
class SSHPrivateKey:
    """A signature by a key (RFC 4252, chapter 7); `ISSHPrivateKey` says what its attributes are."""

    def __init__(
        self,
        username: Text,
        algName: bytes,
        blob: bytes,
        sigData: bytes,
        signature: bytes | None,
    ) -> None:
        self.username = username
        self.algName = algName
        self.blob = blob
        self.sigData = sigData
        self.signature = signature
