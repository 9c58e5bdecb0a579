"""``--auth file:/path``: users and passwords, or their hashes, in a file."""

from __future__ import annotations

import os
import sys

from zope.interface import implementer

from twisted.cred.checkers import FilePasswordDB
from twisted.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from twisted.cred.strcred import ICheckerFactory, InvalidAuthArgumentString
from twisted.plugin import IPlugin

__all__ = [
    "FileCheckerFactory",
    "fileCheckerFactoryHelp",
    "invalidFileWarning",
    "theFileCheckerFactory",
]

fileCheckerFactoryHelp = """
Users in a file, one on each line, as name:password. Instead of the
password there may be a hash, as htpasswd -B and argon2 make them.

The file is read for each login, so that it can be changed at any time.
"""

#: Before the name of what is no file yet, on standard error.
invalidFileWarning = "Warning: not a valid file"


@implementer(ICheckerFactory, IPlugin)
class FileCheckerFactory:
    """Makes `FilePasswordDB`.

    Attributes:
        errorOutput: where warnings are written to.
    """

    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)
    authType = "file"
    argStringFormat = "Location of a FilePasswordDB-formatted file."
    authHelp = fileCheckerFactoryHelp
    errorOutput = sys.stderr

    def generateChecker(self, argstring: str) -> FilePasswordDB:
        """A checker of the users of a file, which need not be there yet.

        Args:
            argstring: its path.

        Raises:
            InvalidAuthArgumentString: there is none.
        """
        if not argstring:
            raise InvalidAuthArgumentString(f"{self.authType!r} requires a filename")
        if not os.path.isfile(argstring):
            self.errorOutput.write(f"{invalidFileWarning}: {argstring}\n")
        return FilePasswordDB(argstring)


theFileCheckerFactory = FileCheckerFactory()
