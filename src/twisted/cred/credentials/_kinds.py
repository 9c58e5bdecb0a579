"""The kinds of credentials: what a checker can ask of each."""

from __future__ import annotations

from typing import TypeAlias

from zope.interface import Attribute, Interface

__name__ = "twisted.cred.credentials"  # the public path, for pickles and messages

#: Names and secrets: as bytes they are as they came; text stands for its UTF-8.
Text: TypeAlias = str | bytes


class ICredentials(Interface):
    """Any credentials: the base of the kinds below, with nothing that all of them have."""


class IUsernamePassword(ICredentials):
    """A name and a password, as they are."""

    username: Text = Attribute("The user's name, bytes or str.")
    password: Text = Attribute("The password that was given.")

    def checkPassword(password: Text) -> bool:
        """Whether the password that was given is this one, as it should be."""


class IUsernameHashedPassword(ICredentials):
    """A name, and something that was made with a password, which itself is not known."""

    username: Text = Attribute("The user's name, bytes or str.")

    def checkPassword(password: Text) -> bool:
        """Whether it was made with this password, as it should be."""


class IUsernameDigestHash(ICredentials):
    """A name, and something that was made with a hash of name, realm and password (HA1)."""

    username: Text = Attribute("The user's name, bytes or str.")

    def checkHash(digestHash: bytes) -> bool:
        """Whether it was made with this hash, as it should be.

        Args:
            digestHash: the hash of ``username:realm:password``, in hexadecimal digits: what a
                checker keeps instead of the password.
        """


class IAnonymous(ICredentials):
    """Somebody who does not say who they are."""


class ISSHPrivateKey(ICredentials):
    """A name, and a signature by a key of that user's."""

    username: Text = Attribute("The user's name, bytes or str.")
    algName: bytes = Attribute("The algorithm of the key, such as b'ssh-ed25519'.")
    blob: bytes = Attribute("The public key, as it goes over the wire.")
    sigData: bytes = Attribute("What is signed.")
    signature: bytes | None = Attribute(
        "The signature; None if all that is asked is whether the key would do."
    )
