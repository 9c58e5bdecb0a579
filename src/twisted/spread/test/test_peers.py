"""Perspective Broker between processes: this implementation, and Twisted's own, at either end.

The tests with Twisted are skipped where there is no environment with it; see CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from OpenSSL import crypto

import twisted
from twisted.internet.test._tlspeers import Authority
from twisted.spread.test import _pbpeer
from twisted.trial.unittest import SkipTest, SynchronousTestCase

PEERS = Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
OURS = Path(sys.executable)

#: Nothing here waits for time to pass; this is when something broken is given up, in seconds.
PATIENCE = 30

MAIN = "__main__."

#: What is told of everything that is asked for, whoever asks and whoever answers.
EXPECTED: list[Any] = [
    ["values", "[(1, -1180591620717411303424, 1.5, 't\xe9', b'b', None, True), {'b': [(), {}]}]"],
    ["shared", "[(['shared'], ['shared']), {}]"],
    True,
    ["later", "{'a': {1, 2}}"],
    ["a reference", "'a reference'"],
    ["called", "1"],
    ["comes back", "True"],
    ["calls us", "1"],
    [["y"], True],
    ["expected", f"{MAIN}Expected", "7"],
    ["copyable", "Failed", 7],
    ["bug", "builtins.LookupError", "7"],
    ["no such method", "twisted.spread.flavors.NoSuchMethod", "No such method: remote_nothing"],
    [
        "unknown class",
        "twisted.spread.jelly.InsecureJelly",
        f"Module __main__ not allowed (in type {MAIN}Unknown).",
    ],
    ["a copy", "['Point', {'x': 1, 'y': '2'}]"],
    ["a cache", "['RemotePond', 1]"],
    ["changed", "1"],
    [2, 2],
    ["comes back", "True"],
    ["let go", "0"],
    ["they keep ours", "None"],
    ["they saw", "2"],
    ["observers of ours", 0],
    ["pages", True],
    ["file", True],
    ["lives", "[(), {}]"],
    ["who", "'bob'"],
    ["mind", "1"],
    ["view", "'a reference'"],
    ["whose", "['User', 'bob', [1]]"],
    ["login", "twisted.cred.error.UnauthorizedLogin"],
    ["login", "twisted.cred.error.UnauthorizedLogin"],
    ["anonymous", "'nobody'"],
]  # fmt: skip


class PeerTests(SynchronousTestCase):
    """Everything there is is asked for, in the words of each profile."""

    maxDiff = None

    def start(self, python: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """Run one end."""
        if not python.exists():
            raise SkipTest(f"there is no {python}")
        program = subprocess.Popen(
            [str(python), "-P", str(_pbpeer.__file__), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def ask(self, server: Path, client: Path, profile: str) -> list[Any]:
        """What a client notes of a server."""
        serving = self.start(server, "serve", profile, *["tcp:0:interface=127.0.0.1"] * 2)
        assert serving.stdout is not None
        where = [f"tcp:127.0.0.1:{port}" for port in json.loads(serving.stdout.readline())]
        return self.notes(self.start(client, "ask", profile, *where))

    def notes(self, asking: subprocess.Popen[bytes]) -> list[Any]:
        """What a client notes."""
        out, err = asking.communicate(timeout=PATIENCE)
        notes: list[Any] = json.loads(out)
        self.assertEqual(asking.returncode, 0, (notes, err.decode()))
        return notes

    def test_ours(self) -> None:
        self.assertEqual(self.ask(OURS, OURS, "none"), EXPECTED)

    def test_unix(self) -> None:
        """UNIX sockets."""
        paths = [self.mktemp(), self.mktemp()]
        serving = self.start(OURS, "serve", "pb", *[f"unix:{path}" for path in paths])
        assert serving.stdout is not None
        serving.stdout.readline()
        where = [f"unix:{path}" for path in paths]
        self.assertEqual(self.notes(self.start(OURS, "ask", "pb", *where)), EXPECTED)

    def test_tls(self) -> None:
        """TLS, with a certificate that the client has, and which is looked at."""
        authority = Authority()
        own = authority.issue("localhost")
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "authority.pem").write_bytes(authority.pem())
        path = Path(self.mktemp()).absolute()
        path.write_bytes(own.privateKey.dump(crypto.FILETYPE_PEM) + own.dumpPEM())
        files = f"privateKey={path}:certKey={path}"
        serving = self.start(OURS, "serve", "pb", *[f"ssl:0:interface=127.0.0.1:{files}"] * 2)
        assert serving.stdout is not None
        where = [
            f"tls:localhost:{port}:trustRoots={folder}"
            for port in json.loads(serving.stdout.readline())
        ]
        self.assertEqual(self.notes(self.start(OURS, "ask", "pb", *where)), EXPECTED)

    def test_client(self) -> None:
        """Our client, Twisted's server."""
        for profile in ("pb", "none"):
            self.assertEqual(self.ask(PEERS, OURS, profile), EXPECTED)

    def test_server(self) -> None:
        """Our server, Twisted's client."""
        for profile in ("pb", "none"):
            self.assertEqual(self.ask(OURS, PEERS, profile), EXPECTED)
