"""A chat server of a cluster: ``python _clusterserver.py NAME SOCKET URL [SECONDS]``.

It is what ``twistd words --cluster URL`` makes, and looks for Redis more often. It tells when it is
there; and it ends when its input does, so that it does not outlive the test.
"""

from __future__ import annotations

import sys

from twisted.internet import reactor, stdio
from twisted.internet.protocol import Protocol
from twisted.logger import globalLogPublisher, textFileLogObserver
from twisted.python.failure import Failure
from twisted.words.cluster import ClusterService
from twisted.words.tap import Options, makeService


class Ending(Protocol):
    """Ends the program when its input ends."""

    def connectionLost(self, reason: Failure | None = None) -> None:
        reactor.stop()


def main(name: str, socket: str, url: str, beat: str = "5") -> None:
    """Serve."""
    globalLogPublisher.addObserver(textFileLogObserver(sys.stderr))
    options = Options()
    options.parseOptions(
        ["--hostname", name, "--irc-port", f"unix:{socket}", "--group", "lobby", "--cluster", url]
        + ["--auth", "memory:alice:secret:bob:secret:carol:secret", "--limit", "floodRate=none"]
    )
    service = makeService(options)
    (cluster,) = [each for each in service if isinstance(each, ClusterService)]
    cluster.retry = 0.1
    cluster.beat = float(beat)
    stdio.StandardIO(Ending())
    service.privilegedStartService()
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.callWhenRunning(print, "ready", flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
