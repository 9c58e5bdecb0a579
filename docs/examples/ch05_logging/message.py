"""Log a message.  Nobody is listening yet, so it is discarded."""

from twisted.python import log

log.msg("Hello, world.")
