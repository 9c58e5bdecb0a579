"""The package of sections 2.15 and 2.16 of the tutorial: by two listings, and as a command."""

from __future__ import annotations

import shutil

from twisted.application.test._listings import ports
from twisted.web.test._fingersites import SAYS, SiteCase

CHAPTER = "ch02_finger"

#: Another template than that of the package.
USER = '<html><body><em model="status"/></body></html>'


class PackageTests(SiteCase):
    """All protocols at once."""

    def setUp(self) -> None:
        super().setUp()
        words = {"file": "users", "port": 0, "webport": 0, "pbport": 0, "ircnick": "fingerbot"}
        words["ircserver"] = self.irc.address
        self.words = [f"--{name}={value}" for name, value in words.items()]

    def check(self, port: int, web: int, broker: int) -> None:
        """The answers are those of the file, whoever asks."""
        self.checkFile(port)
        self.assertIn('<a href="./shawn">shawn</a>', self.curl(web, "/"))
        self.assertIn("<p>happy and well</p>", self.curl(web, "/moshez"))
        self.checkBot("Status of {}: {}")
        self.checkCalls(web, users=True)
        self.checkBroker(broker)

    def checkAll(self, port: int, web: int, https: int, broker: int) -> None:
        """By TLS too; and the pages are what they look like."""
        self.check(port, web, broker)
        self.checkTree(web, "finger-package")
        self.checkSecured(https, "finger-package-https")

    def test_organized(self) -> None:
        self.inBothWays(self.checkAll, "-y", self.listing("organized-finger.tac"))

    def test_simple(self) -> None:
        self.inBothWays(self.check, "-y", self.listing("simple-finger.tac"))

    def test_command(self) -> None:
        """It is registered as in the days of mktap, and is a command of twistd."""
        secured = ("--ssl", "--sslport=0", "--certificate=server.pem")
        self.inBothWays(self.checkAll, "finger", *self.words, *secured)

    def test_options(self) -> None:
        """What it is, and what it takes, is told; what it does not take is refused."""
        said = self.run_("twistd", "--help", **self.env).stdout
        self.assertRegex(said, r"finger +Tell how users are")
        said = self.refused("finger", "--port", "many", command="twistd", **self.env)
        self.assertIn("--port cannot be 'many'", said)
        words = ("--ssl", "--certificate=nowhere.pem", "--sslport=0", *self.words)
        said = self.refused("-n", "finger", *words, **self.env)
        self.assertIn("SSLServer failed: ", said)

    def test_templates(self) -> None:
        """Whoever wants other pages writes other templates, and changes no code."""
        folder = self.path("templates")
        shutil.copytree(self.examples / "finger" / "templates", folder)
        self.write("templates/user.html", USER)

        def check(port: int, web: int, broker: int) -> None:
            page = self.window
            page.open(f"http://127.0.0.1:{web}/")
            self.assertEqual(page.title, "Users")
            page.follow("li:nth-child(3) a")
            self.assertEqual(page.all("em"), [SAYS])
            self.assertEqual(page.all("h1"), [])
            # A template that is changed is seen at once, and one that is broken is told of.
            self.write("templates/user.html", '<html><b model="user"/></html>')
            page.open(f"http://127.0.0.1:{web}/moshez")
            self.assertEqual(page.all("b"), ["moshez"])
            self.write("templates/user.html", "<html><b></html>")
            answer = self.program("curl", "-s", "-w", "%{http_code}", f"http://127.0.0.1:{web}/x")
            self.assertTrue(answer.endswith(b"500"), answer)
            self.write("templates/user.html", USER)

        self.inBothWays(check, "finger", *self.words, "--templates=templates")

    def test_mktap(self) -> None:
        """An application that is made by mktap runs, and is saved again when it stops."""
        done = self.run_("mktap", "finger", *self.words, **self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in ("finger.tap", "finger-shutdown.tap"):
            pid = self.daemon("-f", name, **self.env)
            self.check(*ports(self.read("twistd.log"))[-3:])
            self.stop(pid)
