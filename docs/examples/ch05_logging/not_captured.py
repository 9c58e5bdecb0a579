"""Log to standard output, and leave what is printed alone."""

import sys

from twisted.python import log

log.startLogging(sys.stdout, setStdout=False)
log.msg("Hello, world.")
print("This is not logged.")
