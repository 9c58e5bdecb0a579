"""Log to the file that the command line names."""

import sys

from twisted.python import log

log.startLogging(open(sys.argv[1], "w"))
log.msg("Hello, world.")
print("This is logged, too.")
print("So is this.", file=sys.stderr)
log.err(ValueError("no good"), "While showing what an error looks like")
log.msg("I am done.", system="example")
