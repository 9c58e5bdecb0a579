"""Log an error.  Before `startLogging`, errors are written to standard error."""

from twisted.python import log

try:
    x = 1 / 0
except ZeroDivisionError:
    log.err()  # will log the ZeroDivisionError
