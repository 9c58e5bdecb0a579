"""What the documentation shows runs: the code of its chapters and of the README."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from twisted.test._chapter import Block, Chapter
from twisted.test._source import ROOT, modules
from twisted.trial import unittest

TREE = ROOT.parents[1]
HOWTO = TREE / "docs" / "howto"
EXAMPLES = TREE / "docs" / "examples"

MANY = re.DOTALL | re.MULTILINE

# When a chapter that does not come to its end is given up, in seconds.
PATIENCE = 30

#: A key and its certificate, in files.
CERTIFICATE = """
from pathlib import Path
from OpenSSL.crypto import FILETYPE_PEM
from twisted.internet import reactor, ssl
own = ssl.KeyPair.generate().selfSignedCert(1, commonName="localhost")
Path("key.pem").write_bytes(own.privateKey.dump(FILETYPE_PEM))
Path("certificate.pem").write_bytes(own.dump(FILETYPE_PEM))
"""

#: The code that chapters leave to their reader.
PRELUDES = {
    "clients.md": """
from twisted.internet.protocol import ClientFactory, Protocol, ReconnectingClientFactory
class Echo(Protocol): ...
""",
    "components.md": """
from zope.interface import Interface, implementer
class IAccount(Interface): ...
class IMailbox(Interface): ...
class ITalk(Interface):
    def say(): ...
from twisted.python.components import Adapter
@implementer(IAccount)
class Account(Adapter): ...
@implementer(IMailbox)
class Mailbox: ...
mailbox = Mailbox()
""",
    "http2.md": CERTIFICATE,
    "logging.md": """
from twisted.internet.defer import Deferred
d = Deferred()
def page(failure, text): ...
def greet(): ...
""",
    "reactors.md": """
import sys, types
from twisted.internet.epollreactor import EPollReactor
sys.modules["mypackage"] = types.SimpleNamespace(MyReactor=EPollReactor)
def finishWork(): ...
""",
    "scheduling.md": """
import sys
from twisted.internet import reactor, task
from twisted.trial.unittest import SynchronousTestCase
sys.argv[1:] = ["world"]
f = print
def runEverySecond(): ...
def advance(frames): ...
class Kettle:
    boiling = False
    def __init__(self, clock):
        clock.callLater(180, setattr, self, "boiling", True)
self = SynchronousTestCase()
""",
    "servers.md": "from twisted.internet.testing import StringTransport",
    # The process in which chapters run needs its standard output for itself, and has no modem.
    "stdio.md": """
import os
from twisted.internet import serialport, stdio
class OnPipes(stdio.StandardIO):
    def __init__(self, protocol):
        super().__init__(protocol, os.pipe()[0], os.pipe()[1])
stdio.StandardIO = OnPipes
serialport.SerialPort = lambda protocol, name, reactor, baudrate: None
""",
    "threads.md": """
from twisted.internet import reactor, threads
f = doLongCalculation = printResult = render = str
image = None
""",
    "tls.md": f"""{CERTIFICATE}
factory = None
reactor.listenSSL = reactor.connectSSL = lambda *arguments: None
""",
    "udp.md": """
from twisted.internet import defer, reactor
from twisted.internet.protocol import DatagramProtocol
reactor.resolve = lambda name: defer.succeed({"example.com": "127.0.0.1"}.get(name, name))
port = reactor.listenUDP(0, DatagramProtocol()).protocol.transport
""",
}

#: What is not run: a part of the block, and the reason.
NOT_RUN = {
    "pollreactor.install()": "the reactor of the process is there already",
    "gtk3reactor.install()": "it has no display",
    "tkinter.Tk()": "it has no display",
    "threads.blockingCallFromThread(": "it would wait for its own thread",
}

#: What is run a little different, so that it stays in the directory of the test.
REPLACED = {'"/var/log"': '"."'}


#: What runs the server of the README, on a port that the system chooses.
ANY_PORT = """
import sys
from twisted.internet import reactor
listenTCP = reactor.listenTCP
def listenAnywhere(port, factory):
    print(port, listenTCP(0, factory, interface="127.0.0.1").getHost().port, flush=True)
reactor.listenTCP = listenAnywhere
exec(sys.argv[1])
"""


def blocksOf(path: Path) -> list[Block]:
    """Every block of Python in a chapter, with what the block of text right below it says."""
    text = path.read_text("utf-8")
    pattern = r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?"
    return [
        Block(text.count("\n", 0, found.start()) + 1, found[1], found[2])
        for found in re.finditer(pattern, text, MANY)
    ]


def isRun(block: Block) -> bool:
    """Whether there is no reason against it."""
    return not any(part in block.source for part in NOT_RUN)


class DocumentationCase(unittest.SynchronousTestCase):
    """Skipped where the package is installed without its documentation."""

    def setUp(self) -> None:
        if not HOWTO.is_dir():
            raise unittest.SkipTest(f"there is no {HOWTO}")

    def problems(self, prelude: str, blocks: list[Block]) -> list[str]:
        """Run blocks one after the other, in a process and a directory of their own."""
        directory = self.mktemp()
        os.makedirs(directory)
        for before, after in REPLACED.items():
            blocks = [b._replace(source=b.source.replace(before, after)) for b in blocks]
        done = subprocess.run(
            [sys.executable, "-m", "twisted.test._chapter"],
            input=json.dumps(Chapter(prelude, blocks)),
            capture_output=True,
            text=True,
            cwd=directory,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        problems: list[str] = json.loads(done.stdout)
        return problems


class ChapterTests(DocumentationCase):
    """The chapters, each from its first block to its last."""

    def test_chapters(self) -> None:
        for path in sorted(HOWTO.glob("*.md")):
            blocks = [block for block in blocksOf(path) if isRun(block)]
            found = self.problems(PRELUDES.get(path.name, ""), blocks)
            self.assertEqual(found, [], "\n".join([path.name, *found]))

    def test_tables(self) -> None:
        """Nothing is kept here that no chapter needs."""
        chapters = {path.name: path.read_text("utf-8") for path in HOWTO.glob("*.md")}
        self.assertEqual(PRELUDES.keys() - chapters.keys(), set())
        text = "".join(chapters.values())
        self.assertEqual([part for part in (*NOT_RUN, *REPLACED) if part not in text], [])

    def test_bad(self) -> None:
        """Code that does not do what the chapter says is found, and the block with it."""
        blocks = [
            Block(10, "print(1)", "1\n"),
            Block(20, "print(1)", "2\n"),
            Block(30, "int('x')  # ValueError: not a number", None),
            Block(40, "int('x')", None),
            Block(50, "int('1')  # ValueError: not a number", None),
            Block(60, "missing", None),
            Block(70, "import sys; sys.exit(0)", None),
            Block(80, "sys.exit('because')", None),
        ]
        self.assertEqual(
            [(problem.partition(":")[0]) for problem in self.problems("", blocks)],
            ["line 20", "line 40", "line 50", "line 60", "line 80"],
        )


class ReadmeTests(DocumentationCase):
    """The programs of the README, each of them whole."""

    def setUp(self) -> None:
        super().setUp()
        self.server, *self.others = blocksOf(TREE / "README.md")

    def test_server(self) -> None:
        program = subprocess.Popen(
            [sys.executable, "-c", ANY_PORT, self.server.source], stdout=subprocess.PIPE
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        assert program.stdout is not None
        asked, port = map(int, program.stdout.readline().split())
        self.assertEqual(asked, 8000)
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(b"hello")
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(connection.makefile("rb").read(), b"hello")
        program.terminate()
        self.assertEqual(program.wait(PATIENCE), 0)

    def test_others(self) -> None:
        self.assertTrue(self.others)
        for block in self.others:
            self.assertEqual(self.problems("", [block]), [])


#: How the names of examples end.
PROGRAMS = (".py", ".tac")


class ExamplesTests(DocumentationCase):
    """The table of the examples is whole, and true."""

    def setUp(self) -> None:
        super().setUp()
        text = (EXAMPLES / "README.md").read_text("utf-8")
        self.rows = [
            (folder[1], folder[2], *row)
            for folder in re.finditer(
                r"^In `(\w+)/`; tested by `([\w.]+)`.(.*?)(?=^##|\Z)", text, MANY
            )
            for row in re.findall(r"\[([\w./-]+)\]\(([\w./-]+)\) \| `(\w+)` \|$", folder[3], MANY)
        ]

    def test_all(self) -> None:
        """Every program has one row; what a package of an example is made of may have one."""
        programs = [
            path.relative_to(EXAMPLES).as_posix()
            for path in EXAMPLES.glob("*/*")
            if path.suffix in PROGRAMS
        ]
        targets = [(name, target) for _, _, name, target, _ in self.rows]
        whole = [target for name, target in targets if "/" not in name]
        self.assertEqual(sorted(whole), sorted(programs))
        for name, target in set(targets):
            self.assertEqual(targets.count((name, target)), 1, target)
            self.assertTrue((EXAMPLES / target).is_file(), target)

    def test_tested(self) -> None:
        """The test of each row is there, and its module knows the program, or one that needs it."""
        for folder, module, name, target, test in self.rows:
            self.assertEqual(target, f"{folder}/{name}")
            source = modules()[module].source
            self.assertTrue(folder in source and f"def {test}(self)" in source, target)
            if "/" in name:
                # Part of a package, which is run as a whole.
                continue
            neededBy = [
                path.name
                for path in (EXAMPLES / folder).iterdir()
                if path.suffix in PROGRAMS
                if path.name == name or f"from {name[:-3]} import" in path.read_text("utf-8")
            ]
            self.assertTrue(any(f'"{program}"' in source for program in neededBy), target)
