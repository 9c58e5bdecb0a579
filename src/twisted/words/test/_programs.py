"""A server and a client of IRC that are not ours: ngIRCd and sic."""

from __future__ import annotations

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


def ircClient(case: DaemonCase, port: int, nickname: str) -> Foreground:
    """Start sic, which writes what is said; `type` says something, or gives a command."""
    if shutil.which("sic") is None:
        raise SkipTest("there is no sic")
    client = Foreground(case, ["sic", "-h", "127.0.0.1", "-p", str(port), "-n", nickname], {})
    client.until(" 376 ")
    return client
