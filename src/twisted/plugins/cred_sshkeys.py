"""``--auth sshkey``: users of this machine by the keys in their ``~/.ssh/authorized_keys``."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.cred.credentials import ISSHPrivateKey
from twisted.cred.strcred import ICheckerFactory, StrcredException
from twisted.plugin import IPlugin
from twisted.python.reflect import requireModule

__all__ = ["SSHKeyCheckerFactory", "sshKeyCheckerFactoryHelp", "theSSHKeyCheckerFactory"]

sshKeyCheckerFactoryHelp = """
The users of this machine, by the public keys in their authorized_keys.

For servers that speak SSH.
"""


@implementer(ICheckerFactory, IPlugin)
class SSHKeyCheckerFactory:
    """Makes what checks keys, of `twisted.conch`."""

    credentialInterfaces = (ISSHPrivateKey,)
    authType = "sshkey"
    argStringFormat = "No argstring required."
    authHelp = sshKeyCheckerFactoryHelp

    def generateChecker(self, argstring: str = "") -> Any:
        """A checker; there is nothing to say of it.

        Raises:
            StrcredException: `twisted.conch`, or what it needs, is not installed.
        """
        conch = requireModule("twisted.conch.checkers")
        if conch is None:
            raise StrcredException(
                "keys are checked by twisted.conch, which cannot be imported: "
                "pip install 'torsion[conch]'"
            )
        return conch.SSHPublicKeyChecker(conch.UNIXAuthorizedKeysFiles())


theSSHKeyCheckerFactory = SSHKeyCheckerFactory()
