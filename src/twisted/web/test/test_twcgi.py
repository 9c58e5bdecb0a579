"""CGI scripts: real ones, in the shell, and real clients."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import resource, static, twcgi
from twisted.web.test._serving import ServedTestCase

reactor: Any = _reactor

ENVIRONMENT = """#!/bin/sh
echo Content-Type: text/plain
echo
env
echo "ARGUMENTS=$*"
echo "FOLDER=$(pwd)"
"""
CAT = """#!/bin/sh
echo Content-Type: text/plain
echo
echo "$CONTENT_LENGTH"
cat
"""


class Clocked:
    """The reactor, but for its time, which stands still."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.callLater = self.clock.callLater
        self.seconds = self.clock.seconds
        self.protocols: list[Any] = []

    def spawnProcess(self, protocol: Any, *args: Any, **kwargs: Any) -> Any:
        """Start a process."""
        self.protocols.append(protocol)
        return reactor.spawnProcess(protocol, *args, **kwargs)


class ScriptTestCase(ServedTestCase):
    """Tests with scripts."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.clocked = Clocked()
        self.root = resource.Resource()
        self.logged = EventLoggingObserver.createWithCleanup(self, globalLogPublisher)

    def script(self, text: str, name: str = "script.cgi", mode: int = 0o755) -> str:
        """Serve a script; its URL."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        made = twcgi.CGIScript(str(path), reactor=self.clocked)
        self.made = made
        self.root.putChild(name.encode(), made)
        return f"{self.serve(self.root)}/{name}"

    def said(self) -> str:
        """What was logged about scripts."""
        events = [event for event in self.logged if event["log_namespace"] == "twisted.web.twcgi"]
        return "\n".join(str(event.get("line") or event.get("why") or "") for event in events)

    async def ended(self) -> None:
        """Wait until all programs have ended."""
        for protocol in self.clocked.protocols:
            ended: Deferred[None] = Deferred()
            if protocol._call is None and protocol.transport.pid is None:
                continue
            before = protocol.processEnded

            def processEnded(reason: Any, before: Any = before, ended: Any = ended) -> None:
                before(reason)
                ended.callback(None)

            protocol.processEnded = processEnded
            await ended


class ViewTests(SynchronousTestCase):
    """A peer of Perspective Broker has the output flow as it can take it."""

    def test_views(self) -> None:
        """What a peer calls is what the transport of a response calls."""
        protocol = twcgi.CGIProcessProtocol(SimpleNamespace(uri=b"/a?b"))
        self.assertEqual(protocol.script, "/a")
        told: list[str] = []
        for name in ("pauseProducing", "resumeProducing", "stopProducing"):
            self.patch(protocol, name, lambda name=name: told.append(name))
        protocol.view_pauseProducing(None)
        protocol.view_resumeProducing(None)
        protocol.view_stopProducing(None)
        self.assertEqual(told, ["pauseProducing", "resumeProducing", "stopProducing"])


class AnswerTests(ScriptTestCase):
    """What scripts are told, and what they answer."""

    async def environment(self, url: str, *arguments: str) -> dict[str, str]:
        """The variables of a script that prints them."""
        output = (await self.curl(*arguments, url)).decode()
        return dict(line.split("=", 1) for line in output.splitlines() if "=" in line)

    async def test_variables(self) -> None:
        """The variables of RFC 3875, and those of the server."""
        self.patch(os, "environ", {**os.environ, "OURS": "here", "HTTP_LIE": "ours"})
        url = self.script(ENVIRONMENT)
        told = await self.environment(
            f"{url}/a%20b/%C3%A9?x=1", "-H", "Proxy: evil", "-H", "X_User: evil", "-H", "X-Ok: 1",
            "-H", "Content-Type: a/b", "-d", "body",
        )  # fmt: skip
        expected = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "/script.cgi",
            "SCRIPT_FILENAME": str(self.folder / "script.cgi"),
            "PATH_INFO": "/a b/\xe9",
            "QUERY_STRING": "x=1",
            "CONTENT_LENGTH": "4",
            "CONTENT_TYPE": "a/b",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "Torsion",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_X_OK": "1",
            "OURS": "here",
            "ARGUMENTS": "",
            "FOLDER": str(self.folder),
        }
        self.assertEqual({name: told.get(name) for name in expected}, expected)
        self.assertEqual([name for name in told if "evil" in told[name]], [])
        self.assertNotIn("HTTP_LIE", told)

    async def test_arguments(self) -> None:
        """A query that is no form is arguments, but never options (CVE-2012-1823)."""
        url = self.script(ENVIRONMENT)
        told = await self.environment(f"{url}?one+t%20wo+-s+%2Ds")
        self.assertEqual(told["ARGUMENTS"], "one t wo")

    async def test_bodies(self) -> None:
        """Bodies of any length, with a length and in chunks, found by their path or not."""
        url = self.script(CAT)
        files = static.File(str(self.folder))
        files.processors = {".cgi": twcgi.CGIScript}
        self.root.putChild(b"files", files)
        self.root.putChild(b"folder", twcgi.CGIDirectory(str(self.folder)))
        (self.folder / "below").mkdir()
        (self.folder / "below" / "it").symlink_to(self.folder / "script.cgi")
        path = self.mktemp()
        Path(path).write_bytes(b"0123456789" * 100_000)
        base = url.rpartition("/")[0]
        for place in (url, f"{base}/files/script.cgi", f"{base}/folder/below/it"):
            for header in ("A: b", "Transfer-Encoding: chunked"):
                output = await self.curl("-H", header, "--data-binary", f"@{path}", place)
                self.assertEqual(output, b"1000000\n" + b"0123456789" * 100_000)

    async def test_answers(self) -> None:
        """Status, headers and redirections."""
        url = self.script("#!/bin/sh\nprintf 'Status: 404 Nope\\r\\nX-A: 1\\r\\n\\r\\nno'\n")
        output = await self.curl("-i", url)
        self.assertTrue(output.startswith(b"HTTP/1.1 404 Nope\r\n"), output)
        self.assertIn(b"\r\nX-A: 1\r\n", output)
        self.assertNotIn(b"Content-Type", output)
        url = self.script("#!/bin/sh\nprintf 'Location: /there\\n\\n'\n", "other.cgi")
        output = await self.curl("-w", "%{http_code} %{redirect_url}", url)
        self.assertEqual(output, b"302 " + url.rpartition("/")[0].encode() + b"/there")

    async def test_filter(self) -> None:
        """A script that another program runs need not be one that can be run."""
        path = self.folder / "page.py"
        path.write_text("import sys\nprint('Content-Type: a/b\\n')\nprint(sys.argv[1:])\n")

        class Python(twcgi.FilteredScript):
            filter = sys.executable

        self.root.putChild(b"page", Python(str(path)))
        output = await self.curl(f"{self.serve(self.root)}/page?a+b")
        self.assertEqual(output, b"['a', 'b']\n")

    async def test_folder(self) -> None:
        """What is not below the folder is not run, and nothing is listed."""
        self.script(ENVIRONMENT)
        folder = twcgi.CGIDirectory(str(self.folder / "inner"))
        (self.folder / "inner").mkdir()
        self.root.putChild(b"folder", folder)
        url = self.serve(self.root)
        for path in ("", "%2E%2E/script.cgi", "..%2Fscript.cgi", "missing", "%00", "%ff"):
            output = await self.curl(
                "--path-as-is", "-o", os.devnull, "-w", "%{http_code}", f"{url}/folder/{path}"
            )
            self.assertEqual((path, output), (path, b"404"))

    async def test_nul(self) -> None:
        """A path with a NUL in it cannot be told to a program."""
        url = self.script(ENVIRONMENT)
        output = await self.curl("-o", os.devnull, "-w", "%{http_code}", f"{url}/%00")
        self.assertEqual(output, b"400")


class FaultTests(ScriptTestCase):
    """Scripts that do what they should not, and clients that leave."""

    async def assertStatus(self, status: bytes, text: str, *arguments: str) -> None:
        """What the client is told about a script."""
        output = await self.curl(
            "-o", os.devnull, "-w", "%{http_code}", *arguments, self.script(text)
        )
        self.assertEqual(output, status)
        await self.ended()

    async def assertBroken(self, text: str) -> None:
        """The client sees that a response is not all."""
        with self.assertRaises(self.failureException) as caught:
            await self.curl(self.script(text))
        self.assertIn("curl: (", str(caught.exception))
        await self.ended()

    async def test_noHeaders(self) -> None:
        """A script that ends at once, with or without an error, is a 500."""
        await self.assertStatus(b"500", "#!/bin/sh\nexit 3\n")
        self.assertIn("exit code 3", repr(list(self.logged)))
        self.assertIn("ended before its headers", self.said())
        await self.assertStatus(b"500", "#!/bin/sh\necho no header\necho\nsleep 1000\n")
        self.assertIn("is not a header", self.said())

    async def test_endlessHeaders(self) -> None:
        """A script that floods us with headers is killed."""
        await self.assertStatus(b"500", "#!/bin/sh\nwhile :; do echo A: b; done\n")
        self.assertIn("more than 65536", self.said())

    async def test_status(self) -> None:
        """What a script has done before it failed is sent; that it failed is logged."""
        await self.assertStatus(b"200", "#!/bin/sh\nprintf 'A: b\\n\\nbody'\nexit 3\n")

    async def test_killed(self) -> None:
        """A script that is killed in the midst of its answer breaks it."""
        await self.assertBroken("#!/bin/sh\nprintf 'A: b\\n\\nbody'\nkill -9 $$\n")

    async def test_lengths(self) -> None:
        """A script that answers more than it says, or less, breaks it."""
        for body in ("abcd", "ab"):
            await self.assertBroken(f"#!/bin/sh\nprintf 'Content-Length: 3\\n\\n{body}'\n")

    async def test_notRunnable(self) -> None:
        """What cannot be run is a 500, and the log says why."""
        url = self.script("no script", mode=0o644)
        output = await self.curl("-o", os.devnull, "-w", "%{http_code}", url)
        self.assertEqual(output, b"500")
        (failure,) = self.flushLoggedErrors()
        self.assertTrue(failure.check(OSError))

    async def test_errors(self) -> None:
        """Standard error is logged, line by line, and no more than is good."""
        url = self.script("#!/bin/sh\necho A: b\necho\nprintf 'one\\ntwo' >&2\n")
        await self.curl(url)
        await self.ended()
        self.assertEqual(self.said(), "one\ntwo")
        flood = "#!/bin/sh\necho A: b\necho\nseq 1 100000 >&2\n"
        await self.curl(self.script(flood))
        await self.ended()
        self.assertIn("\n10000\n", self.said())
        self.assertNotIn("\n99999\n", self.said())

    async def test_silence(self) -> None:
        """A script that neither reads nor writes is killed in the end: 504."""
        asked = self.assertStatus(b"504", "#!/bin/sh\nexec sleep 1000\n")
        begun = Deferred.fromCoroutine(asked)
        await self.begun()
        self.clocked.clock.advance(self.made.silenceSeconds - 1)
        self.assertFalse(begun.called)
        self.clocked.clock.advance(2)
        await begun
        self.assertIn("silent", self.said())

    async def begun(self) -> None:
        """Wait until a program runs."""
        waiting: Deferred[None] = Deferred()
        spawn = self.clocked.spawnProcess

        def spawnProcess(*args: Any, **kwargs: Any) -> Any:
            process = spawn(*args, **kwargs)
            waiting.callback(None)
            return process

        self.clocked.spawnProcess = spawnProcess  # type: ignore[method-assign]  # to be told
        await waiting

    async def talk(self, url: str, request: bytes) -> Any:
        """A socket that has sent a request for a script, and read nothing of the answer."""
        port = int(url.split(":")[2].split("/")[0])
        begun = Deferred.fromCoroutine(self.begun())
        client = socket.create_connection(("127.0.0.1", port), 20)
        self.addCleanup(client.close)
        client.sendall(b"%b /script.cgi HTTP/1.1\r\nHost: a\r\n%b" % tuple(request.split(b" ", 1)))
        await begun
        return client

    async def test_clientLeaves(self) -> None:
        """A script whose client has gone is killed."""
        url = self.script("#!/bin/sh\nexec sleep 1000\n")
        client = await self.talk(url, b"GET \r\n")
        client.close()
        await self.ended()
        self.assertEqual(self.made._running.count, 0)

    async def test_uploaderLeaves(self) -> None:
        """So is one whose client leaves before it has sent all."""
        url = self.script(CAT)
        client = await self.talk(url, b"POST Content-Length: 1000000\r\n\r\n" + b"x" * 5000)
        client.close()
        await self.ended()

    async def test_slowReader(self) -> None:
        """A script waits for a client that does not read, and is not killed for that."""
        url = self.script("#!/bin/sh\necho A: b\necho\nexec cat /dev/zero\n")
        client = await self.talk(url, b"GET \r\n")
        (protocol,) = self.clocked.protocols
        paused: Deferred[None] = Deferred()
        pause = protocol.pauseProducing

        def pauseProducing() -> None:
            pause()
            if not paused.called:
                paused.callback(None)

        protocol.pauseProducing = pauseProducing
        await paused
        self.clocked.clock.advance(self.made.silenceSeconds * 3)
        self.assertIsNotNone(protocol.transport.pid)
        client.close()
        await self.ended()

    async def test_notReading(self) -> None:
        """A script need not read what the client sends."""
        path = self.mktemp()
        Path(path).write_bytes(b"x" * 5_000_000)
        text = "#!/bin/sh\nprintf 'Status: 413\\n\\n'\n"
        await self.assertStatus(b"413", text, "-H", "Expect:", "--data-binary", f"@{path}")

    async def test_tooMany(self) -> None:
        """No more scripts run at a time than there may."""
        url = self.script("#!/bin/sh\nexec sleep 1000\n")
        self.made.maxScripts = 1
        client = await self.talk(url, b"GET \r\n")
        output = await self.curl("-o", os.devnull, "-w", "%{http_code}", url)
        self.assertEqual(output, b"503")
        client.close()
        await self.ended()
