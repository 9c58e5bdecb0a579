"""A server and a client of IRC that are not ours: ngIRCd, and sic."""

from __future__ import annotations

import re
import shutil
import socket

from twisted.application.test._daemons import DaemonCase, Foreground
from twisted.trial.unittest import SkipTest

CONFIGURATION = """
[Global]
Name = irc.test
Info = For tests
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = Hello
[Limits]
MaxNickLength = 20
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
"""

#: A port that was free may be taken meanwhile, by another test.
ATTEMPTS = 5


def ircServer(case: DaemonCase) -> tuple[Foreground, int]:
    """Start ngIRCd; what it says, among it who comes and goes, and its port."""
    if shutil.which("ngircd") is None:
        raise SkipTest("there is no ngircd")
    for _ in range(ATTEMPTS):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        path = case.write("ngircd.conf", CONFIGURATION.format(port=port))
        server = Foreground(case, ["ngircd", "-n", "-f", path], {})
        if "ready" in server.until(r"Can't bind|ready\.$")[0]:
            return server, port
    raise AssertionError(server.said)


class Sic(Foreground):
    """A client of IRC that writes what it hears, a line each.

    It reads one line when there is something to read, and would leave others lie; so each thing
    that is typed is waited for.
    """

    def __init__(
        self, case: DaemonCase, port: int, nickname: str, password: str | None = None
    ) -> None:
        if shutil.which("sic") is None:
            raise SkipTest("there is no sic")
        self.nickname = nickname
        words = ["sic", "-h", "127.0.0.1", "-p", str(port), "-n", nickname]
        words += ["-k", password] if password else []
        super().__init__(case, words, {})
        self.until(r">< 376 ")

    def join(self, channel: str) -> None:
        """Join a channel; what is said goes there from now on."""
        self.type(f":j {channel}")
        self.until(r">< 366 ")

    def rename(self, nickname: str) -> None:
        """Take another name."""
        self.type(f":NICK {nickname}")
        self.until(r">< NICK ")
        self.nickname = nickname

    def say(self, text: str, to: str = "") -> None:
        """Say something on the channel, or to somebody."""
        self.type(f":m {to} {text}" if to else text)
        self.until(re.escape(f"<{self.nickname}> {text}"))

    def hear(self, nickname: str, text: str) -> None:
        """Wait for somebody to say that."""
        self.until(re.escape(f"<{nickname}> {text}\n"))
