"""A checker of a specialized (fictional) kind."""

from zope.interface import implementer

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin


@implementer(ICredentialsChecker)
class SpecialChecker:
    """Lets in one user."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self, user, word):
        self.user = user
        self.word = word

    def requestAvatarId(self, credentials):
        if credentials.checkPassword(self.word) and credentials.username == self.user:
            return credentials.username
        raise UnauthorizedLogin("not the special user")
