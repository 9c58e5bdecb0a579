"""Tests of chat servers in several processes, with a real Redis between them.

They are skipped where there is none, or not its library.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.words.service import InMemoryWordsRealm
from twisted.words.test import _clusterserver

#: Seconds until something broken is given up.
PATIENCE = 30

LIBRARY = importlib.util.find_spec("redis") is not None


class Person:
    """Somebody at a client of IRC, who waits for what is to come."""

    def __init__(self, path: str, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\r\n")
        self.seen: list[str] = []
        self.say("PASS secret", f"NICK {name}", f"USER {name} 0 * :{name}")
        self.hear(" 376 ")

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def hear(self, part: str) -> str:
        """The next line with something in it."""
        for line in self.lines:
            self.seen.append(line)
            if part in line:
                return line.rstrip("\r\n")
        raise AssertionError(f"{part!r} has not come: {self.seen[-10:]}")

    def close(self) -> None:
        """Hang up."""
        self.lines.close()
        self.socket.close()


class ClusterTests(SynchronousTestCase):
    """Two servers."""

    def setUp(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise SkipTest("there is no redis-server here")
        if not LIBRARY:
            raise SkipTest("redis is not installed: it is the extra `redis`")
        self.program = program
        # Not the test's own: the names of sockets are short.
        self.folder = tempfile.mkdtemp(prefix="words-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.redis = self.startRedis()
        self.servers = [self.startServer(name) for name in ("one", "two")]

    def start(self, command: list[str], ready: str) -> subprocess.Popen[str]:
        """Run a program, and wait for what it says when it is ready."""
        program = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        assert program.stdout is not None
        for line in program.stdout:
            if ready in line:
                return program
        assert program.stderr is not None
        raise AssertionError(f"{command} does not start: {program.stderr.read()[-2000:]}")

    def startRedis(self) -> subprocess.Popen[str]:
        """Start Redis, on a socket of its own."""
        options = ["--port", "0", "--save", "", "--dir", self.folder]
        return self.start(
            [self.program, *options, "--unixsocket", f"{self.folder}/redis"], "ready to accept"
        )

    def startServer(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Start a chat server."""
        script, url = str(_clusterserver.__file__), f"unix://{self.folder}/redis"
        path = os.path.join(self.folder, name)
        return self.start([sys.executable, "-P", script, name, path, url, *words], "ready")

    def person(self, server: str, name: str) -> Person:
        """Somebody at a server."""
        person = Person(os.path.join(self.folder, server), name)
        self.addCleanup(person.close)
        return person

    def test_together(self) -> None:
        """They talk; Redis dies, and each server goes on by itself; it is back, and they talk."""
        alice, bob = self.person("one", "alice"), self.person("two", "bob")
        alice.say("JOIN #lobby")
        alice.hear(" 366 ")
        bob.say("JOIN #lobby")
        self.assertEqual(alice.hear("JOIN"), ":bob!bob@two JOIN #lobby")
        alice.say("PRIVMSG #lobby :hello", "PRIVMSG bob :you there")
        self.assertEqual(bob.hear("PRIVMSG"), ":alice!alice@one PRIVMSG #lobby :hello")
        self.assertEqual(bob.hear("PRIVMSG"), ":alice!alice@one PRIVMSG bob :you there")

        self.redis.kill()
        self.redis.wait()
        for person, other, name in ((alice, "bob", "one"), (bob, "alice", "two")):
            self.assertIn(f":{other}!", person.hear("QUIT :cannot be reached"))
            notice = person.hear("NOTICE")
            self.assertIn("The other servers cannot be reached", notice)
            self.assertIn(name, notice)
        carol = self.person("one", "carol")
        carol.say("JOIN #lobby", "PRIVMSG #lobby :alone")
        self.assertEqual(alice.hear("PRIVMSG"), ":carol!carol@one PRIVMSG #lobby :alone")
        carol.say("TOPIC #lobby :Redis is away")
        carol.hear("TOPIC")

        self.redis = self.startRedis()
        for person in (alice, bob):
            person.hear("NOTICE")
        self.assertEqual(alice.hear("JOIN"), ":bob!bob@two JOIN #lobby")
        self.assertEqual(
            {bob.hear("JOIN") for _ in range(2)},
            {":alice!alice@one JOIN #lobby", ":carol!carol@one JOIN #lobby"},
        )
        bob.say("TOPIC #lobby")
        self.assertIn("Redis is away", bob.hear(" 332 "))
        bob.say("PRIVMSG #lobby :back")
        self.assertEqual(alice.hear("PRIVMSG"), ":bob!bob@two PRIVMSG #lobby :back")

        # A server that ends takes its users with it, and says in its log what there was.
        _, err = self.servers[1].communicate()
        self.assertEqual(self.servers[1].returncode, 0, err)
        self.assertIn("Redis cannot be reached, and so no other server", err)
        self.assertNotIn("Traceback", err)
        self.assertEqual(alice.hear("QUIT").partition(" ")[2], "QUIT :two has ended")

    def test_killed(self) -> None:
        """Without Redis, servers start; and they find it when it comes."""
        self.redis.kill()
        self.redis.wait()
        os.unlink(os.path.join(self.folder, "redis"))
        self.servers.append(self.startServer("three"))
        alice = self.person("three", "alice")
        alice.say("JOIN #lobby")
        alice.hear(" 366 ")
        bob = self.person("one", "bob")
        bob.say("JOIN #lobby")
        bob.hear(" 366 ")
        self.redis = self.startRedis()
        self.assertEqual(alice.hear("JOIN"), ":bob!bob@one JOIN #lobby")

    def test_silent(self) -> None:
        """A Redis that hangs is one that is away: its signs of life are missing."""
        self.servers.append(self.startServer("three", "0.2"))
        alice = self.person("three", "alice")
        self.redis.send_signal(signal.SIGSTOP)
        self.assertIn("cannot be reached", alice.hear("NOTICE"))
        self.redis.send_signal(signal.SIGCONT)
        self.assertIn("can be reached again", alice.hear("NOTICE"))


class AddressTests(SynchronousTestCase):
    """Where Redis is."""

    def test_bad(self) -> None:
        if not LIBRARY:
            raise SkipTest("redis is not installed: it is the extra `redis`")
        cluster: Any = __import__("twisted.words.cluster", fromlist=["ClusterService"])
        for url in ("", "localhost", "http://localhost", "redis"):
            e = self.assertRaises(
                ValueError, cluster.ClusterService, InMemoryWordsRealm("x"), url, clock=object()
            )
            self.assertIn("redis://HOST", str(e))
