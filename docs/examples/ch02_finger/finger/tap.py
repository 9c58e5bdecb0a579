"""The service as a command, `twistd finger`: section 2.16.2."""

import os

import finger
from twisted.python import usage


class Options(usage.Options):
    optParameters = [
        # Whole, since a daemon may have another working directory.
        ["file", "f", "/etc/users", "Who there is: lines like name: message.", os.path.abspath],
        ["port", None, 79, "The port to answer on.", usage.portCoerce],
        ["webport", "w", 8000, "The port for the web.", usage.portCoerce],
        ["templates", "t", finger.TEMPLATES, "Where the templates are.", os.path.abspath],
        ["sslport", None, 443, "The port for the web by TLS.", usage.portCoerce],
        ["certificate", "c", "server.pem", "The key and the certificate.", os.path.abspath],
        ["ircnick", "n", None, "Who to be on IRC; without it, no bot is there."],
        ["ircserver", None, "irc.freenode.net", "The server, and its port after a colon."],
        ["pbport", "p", 8889, "The port for perspective broker.", usage.portCoerce],
    ]
    optFlags = [["ssl", "s", "Serve the web by TLS, too."]]


def makeService(config):
    options = dict(config)
    if not options.pop("ssl"):
        del options["sslport"]
    return finger.makeService(options)
