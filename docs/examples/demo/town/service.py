r"""Everything in one process, as a command of twistd.

twistd --nodaemon finger [--state FOLDER] [--users FILE] [--finger PORT] [--web PORT] ...

with the folder above this one in PYTHONPATH, as `make demo` does it; without `--nodaemon` it is a
daemon. It says on the terminal where it listens, and how to try each of its protocols.
"""

import os
import signal
import sys
from pathlib import Path

from town import calls, chat, finger, pages
from town.users import Users, readUsers
from twisted.application import service
from twisted.internet import endpoints, reactor, ssl
from twisted.internet.error import CannotListenError
from twisted.protocols import policies
from twisted.python import usage
from twisted.spread import pb
from twisted.web import http, server

USERS = Path(__file__).parent.with_name("users.txt")
# How long a client of Perspective Broker may say nothing.
SILENCE_SECONDS = 300
# Whoever sends a page or a call sends little.
LIMITS = http.Limits(bodyBytes=65536, formBytes=16384)


class Options(usage.Options):
    optParameters = [
        ["finger", "f", 1079, "The port of finger; 0 lets the system choose.", usage.portCoerce],
        ["web", "w", 8080, "The port of the pages and of XML-RPC.", usage.portCoerce],
        ["https", "s", 8443, "The port of the same under TLS.", usage.portCoerce],
        ["pb", "p", 8889, "The port of Perspective Broker.", usage.portCoerce],
        ["irc", "i", 6667, "The port of IRC.", usage.portCoerce],
        ["interface", "l", "127.0.0.1", "The address to listen on."],
        ["users", "u", str(USERS), "The file that says who is known."],
        ["state", "d", None, "A folder to keep what changes; without it, nothing is kept."],
    ]


class Town(service.Service):
    """
    Listens everywhere, and says where.

    A service of its own and not one for each port: the bot has to know the port of the chat, and
    what is said on the terminal, all of them.
    """

    def __init__(self, options, users, certificate):
        self.options = options
        self.users = users
        self.certificate = certificate
        self.ports = {}
        self.bot = None
        self.announced = False

    def factories(self):
        """The factory for each option that is a port, and how to make the bot."""
        root = pages.makeRoot(self.users)
        root.putChild(b"RPC2", calls.Calls(self.users))
        site = server.Site(root, limits=LIMITS)
        site.noisy = False
        # The other factories know by themselves when a client is silent for too long.
        broker = policies.TimeoutFactory(
            pb.PBServerFactory(calls.Known(self.users)), SILENCE_SECONDS
        )
        broker.noisy = False
        ircFactory, makeBot = chat.makeChat(self.users)
        return {
            "finger": finger.FingerFactory(self.users),
            "web": site,
            "https": site,
            "pb": broker,
            "irc": ircFactory,
        }, makeBot

    def privilegedStartService(self):
        super().privilegedStartService()
        factories, self.makeBot = self.factories()
        for name, factory in factories.items():
            number, interface = self.options[name], self.options["interface"]
            try:
                if name == "https":
                    context = self.certificate.options()
                    port = reactor.listenSSL(number, factory, context, interface=interface)
                else:
                    port = reactor.listenTCP(number, factory, interface=interface)
            except CannotListenError as error:
                hint = f"Is one running already? --{name} takes another port."
                raise OSError(f"{error} {hint}") from None
            self.ports[name] = port

    def startService(self):
        super().startService()
        irc = self.ports["irc"].getHost()
        endpoint = endpoints.TCP4ClientEndpoint(reactor, irc.host, irc.port)
        # When the last of them is there, so that what is said on the terminal can be tried.
        self.bot = self.makeBot(endpoint, self.announce)
        self.bot.startService()
        reactor.addSystemEventTrigger("after", "shutdown", self.say, "Stopped.")

    async def stopService(self):
        super().stopService()
        await self.bot.stopService()
        for port in self.ports.values():
            await port.stopListening()

    def announce(self):
        if self.announced:
            return
        self.announced = True
        port = {name: listening.getHost().port for name, listening in self.ports.items()}
        python = os.path.relpath(sys.executable)
        ask = os.path.relpath(Path(__file__).parent.with_name("ask.py"))
        chatting = rf"PASS x\r\nNICK you\r\nUSER you 0 * :you\r\nPRIVMSG {chat.BOT} :moshez\r\n"
        self.say(f"Users known, from {self.options['users']}: {len(self.users.known)}.")
        self.say("Try each, in another terminal or in a browser:")
        for what, how in [
            ("Finger", rf"printf 'moshez\r\n' | nc localhost {port['finger']}"),
            ("all users", rf"printf '\r\n' | nc localhost {port['finger']}"),
            ("Web", f"http://localhost:{port['web']}/"),
            ("HTTPS", f"curl --insecure https://localhost:{port['https']}/users/moshez"),
            ("XML-RPC", f"{python} {ask} xmlrpc {port['web']} moshez"),
            ("PB", f"{python} {ask} pb {port['pb']} moshez"),
            (
                "IRC",
                rf"(printf '{chatting}'; sleep 2; printf 'QUIT\r\n') | nc localhost {port['irc']}",
            ),
        ]:
            self.say(f"  {what:10}{how}")
        self.say(
            f"  {'':10}or with any client of IRC, in #{chat.CHANNEL}: {chat.BOT}: moshez = busy"
        )
        self.say("Ctrl-C stops it.")

    def say(self, text):
        # Not by the log, which is for what happens. A daemon says it to nobody.
        print(text, file=sys.__stdout__, flush=True)


def makeCertificate(folder):
    """A certificate that nobody vouches for; the one of the folder, if it is kept there."""
    path = None if folder is None else folder / "certificate.pem"
    if path is not None and path.exists():
        return ssl.PrivateCertificate.loadPEM(path.read_bytes())
    certificate = ssl.KeyPair.generate().selfSignedCert(1, CN="localhost")
    if path is not None:
        path.touch(mode=0o600)
        path.write_bytes(certificate.dumpPEM())
    return certificate


def makeService(options):
    # A shell has its background jobs ignore this; here it always means to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        known = readUsers(options["users"])
        folder = options["state"] and Path(options["state"])
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        certificate = makeCertificate(folder)
    except OSError as error:
        raise usage.UsageError(f"{error.filename}: {error.strerror}") from None
    users = Users(folder / "users.sqlite" if folder else None, known)
    return Town(options, users, certificate)
