"""The listings of the chapter on logging in run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.cred._hashes import md5Crypt
from twisted.protocols.test._programs import EXAMPLES, PATIENCE, ServerCase


class CredExampleTests(ServerCase):
    """Each program of the chapter, against sockets and command lines."""

    chapter = "ch04_cred"

    def say(self, port: int, *lines: bytes) -> list[bytes]:
        """Speak to the mailbox server; the first word of each answer."""
        answers = self.ask(port, b"".join(line + b"\r\n" for line in lines))
        return [line.split()[0] for line in answers.splitlines()]

    def test_pop3(self) -> None:
        """A mailbox is there after one has logged in, and not before."""
        ok, err = b"+OK", b"-ERR"
        with self.server("pop3.py") as port:
            login = (b"USER bob", b"PASS secret")
            # What follows is said later, since a login may take its time.
            self.assertEqual(self.say(port, b"DELE 1", b"PASS secret", b"HELO"), [err] * 3)
            self.assertEqual(self.say(port, b"USER bob", b"PASS wrong"), [ok, err])
            self.assertEqual(self.say(port, b"USER eve", b"PASS secret"), [ok, err])
            self.assertEqual(self.say(port, *login, b"DELE 3", b"DELE x"), [ok, ok, err, err])
            self.assertEqual(self.say(port, *login, b"DELE 2", b"DELE 2"), [ok, ok, ok, err])

    def test_pop3File(self) -> None:
        """The same with another checker: with a file, with hashes in it."""
        path = Path(self.mktemp())
        path.write_bytes(b"tim:" + md5Crypt(b"tanstaaf", b"salt", b"$apr1$") + b"\n")
        with self.server("pop3.py", path.absolute()) as port, self.connect(port) as connection:
            for line, answer in [
                (b"USER tim", b"+OK USER accepted, send PASS\r\n"),
                (b"PASS secret", b"-ERR Authentication failed\r\n"),
                (b"USER tim", b"+OK USER accepted, send PASS\r\n"),
                (b"PASS tanstaaf", b"+OK Authentication succeeded\r\n"),
            ]:
                self.assertEqual(self.answer(connection, line + b"\r\n", len(answer)), answer)

    def test_realm(self) -> None:
        """A realm gives an avatar, and takes it back."""
        self.assertEqual(
            self.finish(self.start("realm.py")),
            "IPerspective SimplePerspective\nechoing hello\nSimplePerspective logged out\n"
            "() no interface\n",
        )

    def test_deploy(self) -> None:
        """Guests who know the password have it say something, by `guest.py`."""
        with self.server("deploy.py") as port:
            for arguments, expected in [
                ((), "hello\n"),
                (("guest", "wrong"), "Not let in: twisted.cred.error.UnauthorizedLogin\n"),
                (("eve",), "Not let in: twisted.cred.error.UnauthorizedLogin\n"),
            ]:
                guest = self.start("guest.py", "127.0.0.1", port, *arguments)
                self.assertEqual(self.finish(guest), expected)

    def special(self, *arguments: str) -> str:
        """What a program says, or why it ends, with a plugin of its own."""
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / self.chapter / "special.py"), *arguments],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return (done.stdout + done.stderr).decode()

    def test_special(self) -> None:
        """A plugin beside the program makes checkers by their description."""
        auth = ("--auth", "special:user=bob:word=secret")
        self.assertEqual(self.special(*auth, "bob", "secret"), "Welcome, bob\n")
        for name, password in (("bob", "wrong"), ("eve", "secret")):
            self.assertIn("Not let in", self.special(*auth, name, password))
        self.assertIn("special:user=NAME", self.special("--auth", "special", "bob", "x"))
        self.assertIn("by --auth", self.special("bob", "secret"))
        self.assertIn("key=value list", self.special("--help-auth"))
        self.assertIn("Lets in one user", self.special("--help-auth-type", "special"))

    def test_all(self) -> None:
        """None is left out of the tests above."""
        programs = {"deploy.py", "guest.py", "pop3.py", "realm.py", "special.py"}
        self.assertEqual(self.names(), programs)
