"""What tests share that serve resources over real sockets, to clients of any make."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.protocol import Factory
from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import SkipTest, TestCase
from twisted.web.server import Site

reactor: Any = _reactor

#: An environment with Twisted's own, if it was made; see CONTRIBUTING.md.
PEERS = Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
OURS = Path(sys.executable)

#: When something broken is given up, in seconds. Nothing here waits for time to pass.
PATIENCE = "20"


class ServedTestCase(TestCase):
    """Tests with servers on the loopback. They end when all that has begun has ended."""

    def setUp(self) -> None:
        self.connections: dict[Any, Deferred[None]] = {}

    def listen(self, factory: Factory[Any], context: Any = None) -> int:
        """Serve, under TLS if there is a context; the port."""
        build: Any = factory.buildProtocol

        def counted(addr: Any) -> Any:
            channel = build(addr)
            lost = channel.connectionLost
            ended: Deferred[None] = Deferred()
            self.connections[channel] = ended

            def connectionLost(reason: Any) -> None:
                lost(reason)
                ended.callback(None)

            channel.connectionLost = connectionLost
            return channel

        factory.buildProtocol = counted  # type: ignore[method-assign]  # to know when they end
        factory.noisy = False
        if context is None:
            port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        else:
            port = reactor.listenSSL(0, factory, context, interface="127.0.0.1")
        # The last to be cleaned up is the first that was added.
        self.addCleanup(port.stopListening)
        self.addCleanup(self.endConnections)
        number: int = port.getHost().port
        return number

    def endConnections(self) -> Deferred[Any]:
        """Wait until all connections have ended; those that a client has left open do now."""
        for channel, ended in self.connections.items():
            if not ended.called:
                channel.transport.loseConnection()
        return DeferredList(list(self.connections.values()))

    def serve(self, root: Any, **options: Any) -> str:
        """Serve a resource; its URL, without a slash."""
        return f"http://127.0.0.1:{self.listen(Site(root, **options))}"

    async def curl(self, *arguments: str) -> bytes:
        """What curl prints; it has to succeed."""
        program = shutil.which("curl")
        if program is None:
            raise SkipTest("curl is not installed")
        return await self.output(program, "-sS", "--max-time", PATIENCE, *arguments)

    async def output(self, program: str | Path, *arguments: str) -> bytes:
        """What a program prints; it has to succeed."""
        output, errors, status = await getProcessOutputAndValue(str(program), arguments, os.environ)
        self.assertEqual(status, 0, (output, errors))
        return output

    async def peer(self, script: str, *arguments: str) -> Any:
        """What a script tells, as JSON, that runs under Twisted's own."""
        if not PEERS.exists():
            raise SkipTest(f"there is no {PEERS}")
        return json.loads(await self.output(PEERS, "-P", "-c", script, *arguments))

    def start(self, python: Path, script: str, *arguments: str) -> int:
        """Run a script that serves until the end of the test, and says on which port."""
        if not python.exists():
            raise SkipTest(f"there is no {python}")
        program = subprocess.Popen(
            [str(python), "-P", "-c", script, *arguments],
            stdout=subprocess.PIPE,
            # Twisted's own has something to say of what it is asked and does not know.
            stderr=subprocess.DEVNULL if python == PEERS else None,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        assert program.stdout is not None
        return int(program.stdout.readline())

    def inThread(self, function: Any, *args: Any) -> Deferred[Any]:
        """What a function returns that blocks."""
        return deferToThread(function, *args)
