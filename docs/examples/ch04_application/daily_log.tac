"""An application that brings its own log: a file my.log, begun anew each day.

twistd -y daily_log.tac
"""

import os

from twisted.application.service import Application
from twisted.python.log import FileLogObserver, ILogObserver
from twisted.python.logfile import DailyLogFile

application = Application("myapp")
logfile = DailyLogFile("my.log", os.environ.get("LOGS", "/tmp"))
application.setComponent(ILogObserver, FileLogObserver(logfile).emit)
