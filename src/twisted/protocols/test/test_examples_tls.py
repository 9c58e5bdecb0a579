"""The listings about TLS run, against each other and against plain sockets."""

from __future__ import annotations

import os
import subprocess

from twisted.protocols.test._programs import ServerCase
from twisted.python.reflect import requireModule
from twisted.trial.unittest import SkipTest


class TLSExampleTests(ServerCase):
    """A context factory of one's own, and a client that verifies."""

    chapter = "ch02_tls"

    def setUp(self) -> None:
        super().setUp()
        if requireModule("OpenSSL") is None:
            raise SkipTest("pyOpenSSL is not installed")
        peers = requireModule("twisted.internet.test._tlspeers")
        authority = peers.Authority()
        self.both = self.file(peers.pemOf(authority.issue("localhost")))
        self.trusted = self.file(authority.pem())
        self.stranger = self.file(peers.Authority("stranger").pem())

    def file(self, content: bytes) -> str:
        """A file with this content."""
        path = os.path.abspath(self.mktemp())
        with open(path, "wb") as file:
            file.write(content)
        return path

    def client(self, *arguments: object) -> subprocess.Popen[bytes]:
        """Run the client."""
        return self.start("finger_tls_client.py", *arguments)

    def test_finger(self) -> None:
        """Those who know the authority get an answer."""
        with self.server("finger_tls.py", 0, self.both) as port:
            for user, answer in (("moshez", "Happy and well\n"), ("nobody", "No such user\n")):
                client = self.client("127.0.0.1", port, user, self.trusted)
                self.assertEqual(self.finish(client).replace("\r", ""), answer)

    def test_stranger(self) -> None:
        """Others are told why they get none."""
        with self.server("finger_tls.py", 0, self.both) as port:
            client = self.client("127.0.0.1", port, "moshez", self.stranger)
            printed, complaint = client.communicate()
            self.assertEqual((client.returncode, printed), (1, b""))
            self.assertIn(b"did not answer: the certificate of the peer", complaint)

    def test_all(self) -> None:
        """None is left out of the tests above."""
        self.assertEqual(self.names(), {"finger_tls.py", "finger_tls_client.py"})
