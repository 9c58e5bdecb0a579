"""The examples of gateways, and ``twistd web``, as programs, and curl."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from OpenSSL.crypto import FILETYPE_PEM

from twisted.internet import ssl
from twisted.protocols.test._programs import PATIENCE, ServerCase
from twisted.trial.unittest import SkipTest

try:
    from twisted.web.test import _django, _fastapi

    FRAMEWORKS = {
        f"--wsgi={_django.__name__}.wsgi": ("/later", "later"),
        f"--asgi={_fastapi.__name__}.app": ("/numbers", "0 1 2 3 4 5 6 7 8 9 "),
    }
except ImportError:
    FRAMEWORKS = {}

#: What the command twistd is.
TWISTD = (sys.executable, "-c", "from twisted.scripts.twistd import run; run()")


class CurlCase(ServerCase):
    """Asks servers by curl."""

    def setUp(self) -> None:
        super().setUp()
        program = shutil.which("curl")
        if program is None:
            raise SkipTest("curl is not installed")
        self.program = program

    def curl(self, *arguments: str) -> str:
        """What curl prints; it has to succeed."""
        command = [self.program, "-sS", "--max-time", str(PATIENCE), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()


class GatewayTests(CurlCase):
    """What is in the chapter of examples."""

    chapter = "gateways"

    def test_wsgi(self) -> None:
        """An application of WSGI, and a page beside it."""
        with self.server("wsgi.py") as port:
            url = f"http://127.0.0.1:{port}"
            self.assertEqual(self.curl("-d", "posted", f"{url}/app/there"), "/app /there\nposted")
            self.assertEqual(self.curl(url), "See /app.\n")

    def test_asgi(self) -> None:
        """An application of ASGI, with its lifespan."""
        program = self.start("asgi.py", 0)
        assert program.stdout is not None
        port = int(program.stdout.readline().split()[-1])
        self.assertEqual(self.curl(f"http://127.0.0.1:{port}/"), "0\n1\n2\n3\n4\n")
        self.assertEqual(self.finish(program, interrupt=True), "cleaned up\n")

    def test_scripts(self) -> None:
        """Scripts of the shell and of Python."""
        with self.server("scripts.py") as port:
            url = f"http://127.0.0.1:{port}"
            said = self.curl(f"{url}/cgi-bin/hello/there")
            self.assertEqual(said, "Hello from /cgi-bin/hello, /there.\n")
            self.assertEqual(self.curl("-d", "one two three", f"{url}/guests"), "3 guests\n")


class CommandTests(CurlCase):
    """``twistd web``, in a process of its own."""

    def serve(self, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
        """Serve what the options say, on a UNIX socket; the process and the socket."""
        # Short, as paths of sockets have to be.
        path = os.path.relpath(self.mktemp() + "s")
        program = subprocess.Popen(
            [*TWISTD, "-no", "--pidfile=", "web", f"--listen=unix:{path}", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        assert program.stdout is not None
        for line in program.stdout:
            if b"starting on" in line:
                return program, path
        self.fail(program.communicate()[1].decode())

    def ended(self, program: subprocess.Popen[bytes]) -> str:
        """End it in good order; what it has logged."""
        program.send_signal(signal.SIGTERM)
        out, err = program.communicate(timeout=PATIENCE)
        self.assertEqual((program.returncode, err), (0, b""), out)
        return out.decode()

    def test_folder(self) -> None:
        """A folder, its scripts, and the access log."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "index.html").write_text("index")
        (folder / "a.cgi").write_text("#!/bin/sh\nprintf 'A: b\\n\\nscript'\n")
        (folder / "a.cgi").chmod(0o755)
        (folder / "a.rpy").write_text(
            "from twisted.web.static import Data\nresource = Data(b'resource', 'a/b')\n"
        )
        program, path = self.serve("--path", str(folder), "--log-format=json")
        for name, expected in (("", "index"), ("a.cgi", "script"), ("a.rpy", "resource")):
            said = self.curl("--unix-socket", path, f"http://a/{name}")
            self.assertEqual(said, expected)
        self.assertIn('"uri": "/a.cgi"', self.ended(program))

    def test_https(self) -> None:
        """A port for HTTPS, where HTTP/2 is spoken with those who can."""
        own = ssl.KeyPair.generate().selfSignedCert(1, commonName="localhost")
        pem = Path(self.mktemp())
        pem.write_bytes(own.privateKey.dump(FILETYPE_PEM) + own.dump(FILETYPE_PEM))
        program, _ = self.serve("--https=0:interface=127.0.0.1", f"-c{pem}", f"-k{pem}")
        assert program.stdout is not None
        port = next(line.split()[-1] for line in program.stdout if b"(TLS) starting on" in line)
        url = f"https://127.0.0.1:{port.decode()}"
        self.assertIn("It works", self.curl("--http1.1", "-k", url))
        self.assertIn("It works", self.curl("-k", url))
        self.ended(program)

    def test_frameworks(self) -> None:
        """An application of Django, by WSGI, and one of FastAPI, with its lifespan."""
        if not FRAMEWORKS:
            raise SkipTest("Django or FastAPI is not installed")
        for argument, (where, expected) in FRAMEWORKS.items():
            program, path = self.serve(argument)
            self.assertEqual(self.curl("--unix-socket", path, f"http://a{where}"), expected)
            self.ended(program)

    def test_cannotStart(self) -> None:
        """An application that cannot start ends the program, which says why."""
        path = os.path.relpath(self.mktemp() + "s")
        done = subprocess.run(
            [*TWISTD, "-no", "--pidfile=", "web", f"--listen=unix:{path}",
             "--asgi=twisted.web.test.test_tap.asgi"],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )  # fmt: skip
        self.assertIn(b"The application cannot start: not today", done.stdout)
        self.assertEqual(done.returncode, 1)
        with socket.socket(socket.AF_UNIX) as client:
            self.assertRaises(OSError, client.connect, path)
