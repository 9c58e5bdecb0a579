"""The examples of XML-RPC, and of resources that stand before others, with other clients."""

from __future__ import annotations

import shutil
import subprocess
import xmlrpc.client

from twisted.protocols.test._programs import PATIENCE, ServerCase
from twisted.trial.unittest import SkipTest


class ResourcesTests(ServerCase):
    """The programs of the chapter."""

    chapter = "resources"

    def curl(self, *arguments: str) -> str:
        """What curl prints; it has to succeed."""
        program = shutil.which("curl")
        if program is None:
            raise SkipTest("curl is not installed")
        command = [program, "-sS", "--max-time", str(PATIENCE), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_calculator(self) -> None:
        """The client of the standard library, and ours."""
        with self.server("calculator.py") as port:
            url = f"http://127.0.0.1:{port}/"
            with xmlrpc.client.ServerProxy(url, allow_none=True) as client:
                self.assertEqual(client.add(1, 2, 3.5), 6.5)
                self.assertEqual(client.later(None, 0), None)
                self.assertEqual(client.system.methodHelp("divide"), "Divide a number by another.")
                fault = self.assertRaises(xmlrpc.client.Fault, client.divide, 1, 0)
                self.assertEqual((fault.faultCode, fault.faultString), (17, "division by zero"))
            said = self.finish(self.start("calculate.py", url))
            self.assertEqual(
                said.splitlines(),
                [
                    "methods: add divide later system.listMethods system.methodHelp"
                    " system.methodSignature",
                    "3 + 4 = 7",
                    "1 / 0: division by zero",
                    "0 1 2",
                ],
            )

    def test_private(self) -> None:
        with self.server("private.py") as port:
            url = f"http://127.0.0.1:{port}/"
            self.assertEqual(self.curl("-w%{http_code}", url), "Unauthorized401")
            said = self.curl("--digest", "-u", "bob:secret", url)
            self.assertEqual(said, "Only bob sees this.\n")
            said = self.curl("--digest", "-u", "bob:wrong", "-w%{http_code}", url)
            self.assertEqual(said, "Unauthorized401")

    def test_proxies(self) -> None:
        """A server behind another, and both through a proxy."""
        with (
            self.server("publisher.py") as publisher,
            self.server("subscriber.py", publisher) as behind,
            self.server("front.py", "127.0.0.1", behind) as front,
        ):
            url = f"http://127.0.0.1:{front}"
            self.assertEqual(self.curl(f"{url}/"), "This is in front.\n")
            self.assertEqual(self.curl(f"{url}/app/"), "This is here.\n")
            said = self.curl("-H", "Host: app.example.com", f"{url}/there/a")
            self.assertIn("answers 127.0.0.1 at http://127.0.0.1:", said)
            self.assertEqual(self.curl("-d", "a" * 5000, f"{url}/app/there"), "5000 bytes\n")
            self.checkForward(url)

    def checkForward(self, url: str) -> None:
        program = self.start("forward.py", 0)
        assert program.stdout is not None
        proxy = f"http://127.0.0.1:{int(program.stdout.readline().split()[-1])}"
        self.assertEqual(self.curl("-x", proxy, f"{url}/app/"), "This is here.\n")
        self.assertEqual(self.finish(program, interrupt=True), f"GET {url}/app/\n")
