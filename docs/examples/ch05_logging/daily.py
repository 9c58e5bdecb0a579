"""Log to a file in the directory that the command line names, and to a new one each day."""

import sys

from twisted.python import log
from twisted.python.logfile import DailyLogFile

log.startLogging(DailyLogFile("my.log", sys.argv[1]))
log.msg("Hello, world.")
