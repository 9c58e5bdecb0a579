"""Run twistd once, and print as JSON the processor time that it took.

    python twistd_cases.py help|listening FILE

`help` is `twistd --help`; `listening` runs the application of the file, which `write` makes, until
it listens, in the foreground. What is printed includes the start of Python and all imports.
"""

import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path

APPLICATION = """
from twisted.application import internet, service
from twisted.internet import protocol, reactor

application = service.Application("listening")
server = internet.TCPServer(0, protocol.Factory(), interface="127.0.0.1")
server.setServiceParent(application)
reactor.callWhenRunning(reactor.stop)
"""


def write(path: Path) -> None:
    """Write the application that `listening` runs."""
    path.write_text(APPLICATION)


def main(kind: str, file: str) -> None:
    words = {
        "help": ["--help"],
        "listening": ["--nodaemon", "--pidfile=", f"--logfile={os.devnull}", "--python", file],
    }
    sys.argv = ["twistd", *words[kind]]
    from twisted.scripts.twistd import run

    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        run()
    # By now, `sys.stdout` may be a way into a log.
    sys.__stdout__.write(json.dumps({"seconds": time.process_time()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
