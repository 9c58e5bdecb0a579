"""Makes checkers of the kind "special" from descriptions on a command line."""

from myapp.cred import SpecialChecker
from zope.interface import implementer

from twisted import plugin
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.strcred import ICheckerFactory, InvalidAuthArgumentString


# The class needs to implement both of these interfaces
# for the plugin system to find our factory.
@implementer(ICheckerFactory, plugin.IPlugin)
class SpecialCheckerFactory:
    """
    A checker factory for a specialized (fictional) API.
    """

    # This tells AuthOptionsMixin how to find this factory.
    authType = "special"

    # This is a one-line explanation of what arguments, if any,
    # your particular cred plugin requires at the command-line.
    argStringFormat = "A colon-separated key=value list."

    # This help text can be multiple lines. It will be displayed
    # when someone uses the "--help-auth-type special" command.
    authHelp = """Lets in one user: special:user=NAME:word=PASSWORD"""

    # What our checker checks.
    credentialInterfaces = (IUsernamePassword,)

    # This will be called once per command-line.
    def generateChecker(self, argstring=""):
        try:
            argdict = dict(x.split("=") for x in argstring.split(":"))
            return SpecialChecker(**argdict)
        except (TypeError, ValueError):
            raise InvalidAuthArgumentString("write special:user=NAME:word=PASSWORD")


# We need to instantiate our class for the plugin to work.
theSpecialCheckerFactory = SpecialCheckerFactory()
