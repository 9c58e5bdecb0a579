"""An error that nobody handles is logged when its Deferred goes; log.err logs it at once."""

import sys

from twisted.internet import defer
from twisted.python import log


def fail(result):
    raise ValueError(result)


log.startLogging(sys.stdout, setStdout=False)

d = defer.succeed("nobody handles this")
d.addCallback(fail)
log.msg("the Deferred is still there")
del d
log.msg("the Deferred is gone")

d = defer.succeed("this gets logged")
d.addCallback(fail)
# Make sure errors get logged
d.addErrback(log.err)
log.msg("it has been handled")
