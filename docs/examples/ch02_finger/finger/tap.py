"""The service as a command, `twistd finger`: section 2.16.2."""

import os

import finger
from twisted.python import usage


class Options(usage.Options):
    optParameters = [
        # Whole, since a daemon may have another working directory.
        ["file", "f", "/etc/users", "Who there is: lines like name: message.", os.path.abspath],
        ["port", None, 79, "The port to answer on.", usage.portCoerce],
        ["pbport", "p", None, "The port for perspective broker.", usage.portCoerce],
    ]


def makeService(config):
    return finger.makeService(config)
