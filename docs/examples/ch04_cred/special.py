"""Log somebody in by whatever checker the command line names, such as that of a plugin.

python special.py --auth special:user=bob:word=secret name password
"""

import sys

from zope.interface import implementer

from twisted.cred import credentials, strcred
from twisted.cred.portal import IRealm, Portal
from twisted.python import usage


class Options(usage.Options, strcred.AuthOptionMixin):
    # What this program has; checkers of anything else are refused.
    supportedInterfaces = (credentials.IUsernamePassword,)

    def parseArgs(self, name, password):
        self["name"], self["password"] = name, password

    def postOptions(self):
        if "credCheckers" not in self:
            raise usage.UsageError("say who may log in, by --auth")


@implementer(IRealm)
class Realm:
    def requestAvatar(self, avatarId, mind, *interfaces):
        return None, avatarId, lambda: None


def main(options):
    portal = Portal(Realm(), options["credCheckers"])
    d = portal.login(credentials.UsernamePassword(options["name"], options["password"]), None)
    d.addCallback(lambda login: print("Welcome,", login[1]))
    d.addErrback(lambda failure: print("Not let in:", failure.getErrorMessage()))


if __name__ == "__main__":
    options = Options()
    try:
        options.parseOptions()
    except usage.UsageError as e:
        sys.exit(f"{sys.argv[0]}: {e}")
    main(options)
