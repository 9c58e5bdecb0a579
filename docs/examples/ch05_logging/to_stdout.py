"""Log to standard output, where everything that is printed goes by the log."""

import sys

from twisted.python import log

log.startLogging(sys.stdout)
log.msg("Hello, world.")
print("This is logged, too.")
