"""What somebody who wants to log in says of themselves, and shows.

Some credentials are all that is to be known, as a name and a password are; others answer a
challenge, and know whether a password would have led to that answer.
"""

from twisted.cred.credentials._digest import (
    DigestCredentialFactory,
    DigestedCredentials,
    calcHA1,
    calcHA2,
    calcResponse,
)
from twisted.cred.credentials._kinds import (
    IAnonymous,
    ICredentials,
    ISSHPrivateKey,
    IUsernameDigestHash,
    IUsernameHashedPassword,
    IUsernamePassword,
)
from twisted.cred.credentials._simple import (
    Anonymous,
    CramMD5Credentials,
    SSHPrivateKey,
    UsernameHashedPassword,
    UsernamePassword,
)

__all__ = [
    "Anonymous",
    "CramMD5Credentials",
    "DigestCredentialFactory",
    "DigestedCredentials",
    "IAnonymous",
    "ICredentials",
    "ISSHPrivateKey",
    "IUsernameDigestHash",
    "IUsernameHashedPassword",
    "IUsernamePassword",
    "SSHPrivateKey",
    "UsernameHashedPassword",
    "UsernamePassword",
    "calcHA1",
    "calcHA2",
    "calcResponse",
]
