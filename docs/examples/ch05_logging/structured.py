"""The same log, structured: events keep what they are about until somebody wants text."""

import sys

from twisted.logger import (
    FilteringLogObserver,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    eventsFromJSONLogFile,
    globalLogBeginner,
    jsonFileLogObserver,
    textFileLogObserver,
)


class Door:
    log = Logger()

    def open(self, who):
        self.log.debug("the hinges creak")
        self.log.info("{who} opens the door", who=who)
        with self.log.failuresHandled("while closing the door") as operation:
            1 / 0
        print("closed:", operation.succeeded)


levels = LogLevelFilterPredicate(defaultLogLevel=LogLevel.info)
text = FilteringLogObserver(textFileLogObserver(sys.stdout, timeFormat=None), [levels])
file = open(sys.argv[1], "w")
globalLogBeginner.beginLoggingTo([text, jsonFileLogObserver(file)], redirectStandardIO=False)
Door().open("alice")
file.close()

with open(sys.argv[1]) as file:
    for event in eventsFromJSONLogFile(file):
        print(event["log_level"].name, event.get("who"))
