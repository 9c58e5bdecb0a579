r"""The tutorial's finger server, in the state of its listing finger08, made fit to be left running.

twistd --nodaemon finger [--port PORT] [--users FILE]

with this folder in PYTHONPATH, as `make demo` does it; without `--nodaemon` it is a daemon. Or

python finger.py [--port PORT] [--users FILE]

Ask it from another terminal, with CR and LF after the name or with LF alone:

    printf 'moshez\r\n' | nc localhost 1079

An empty line asks who is known. Names and answers are UTF-8 on the wire; the standard, RFC 1288,
knows only ASCII, which is the same where there is no more than that.
"""

import signal
import sys
from pathlib import Path

from twisted.application import internet
from twisted.internet import defer, protocol, reactor
from twisted.internet.error import CannotListenError
from twisted.protocols import finger, policies
from twisted.python import log, usage
from twisted.scripts import twistd

USERS = Path(__file__).with_name("users.txt")


class Options(usage.Options):
    optParameters = [
        ["port", "p", 1079, "The port to listen on; 0 lets the system choose.", usage.portCoerce],
        ["users", "u", str(USERS), "The file that says who is known."],
    ]


class FingerProtocol(policies.TimeoutMixin, finger.Finger):
    """Asks the factory; `finger.Finger` has understood the query and limited its length."""

    # It takes the CR for the white space that it drops, so that `echo moshez | nc` works as well.
    delimiter = b"\n"

    # How long a connection may last, in seconds: nobody can hold on to one by saying nothing.
    patience = 60

    def connectionMade(self):
        self.setTimeout(self.patience)

    def timeoutConnection(self):
        log.msg(f"Giving up after {self.patience} seconds")
        self.transport.abortConnection()

    def connectionLost(self, reason):
        self.setTimeout(None)

    def lineReceived(self, line):
        # As repr shows it, since a peer may send what would confuse the terminal.
        log.msg("Asked for {!r}".format(line.strip().decode("utf-8", "backslashreplace")))
        super().lineReceived(line)

    def lineLengthExceeded(self, line):
        log.msg(f"Asked for more than {self.MAX_LENGTH} bytes")
        super().lineLengthExceeded(line)

    def getUser(self, slash_w, user):
        self.answer(self.factory.getUser(user.decode("utf-8", "replace")))

    def getDomain(self, slash_w):
        self.answer(self.factory.getUsers())

    def answer(self, d):
        d.addErrback(self.failed).addCallback(self.say)

    def failed(self, reason):
        log.err(reason, "While looking for an answer")
        return "Internal error in server"

    def say(self, text):
        self.transport.write("".join(f"{line}\r\n" for line in text.splitlines()).encode())
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    """Knows the users. Its answers are Deferreds, so that they may as well come from afar."""

    protocol = FingerProtocol
    noisy = False

    def __init__(self, users):
        self.users = users

    def getUser(self, user):
        return defer.succeed(self.users.get(user, "No such user"))

    def getUsers(self):
        return defer.succeed("\n".join(self.users))


def readUsers(path):
    """The users of a file. Raises OSError, or ValueError if it makes no sense somewhere."""
    users = {}
    for number, raw in enumerate(Path(path).read_bytes().splitlines(), 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if line and not line.startswith("#"):
                name, status = readUser(line)
                if name in users:
                    raise ValueError(f"{name} has a line already")
                users[name] = status
        except UnicodeDecodeError:
            raise ValueError(f"{path}, line {number}: this is not UTF-8") from None
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    if not users:
        raise ValueError(f"{path}: there is no user in it")
    return users


def readUser(line):
    """The name and what there is to say, from a line that has both."""
    name, colon, status = line.partition(":")
    name, status = " ".join(name.split()), status.strip()
    if not colon or not name or not status:
        raise ValueError("this is not of the form 'name: what there is to say'")
    if "@" in name:
        raise ValueError("nobody can ask for a name with an @ in it")
    if not (name + status).isprintable():
        raise ValueError("there are characters that cannot be printed")
    return name, status


class FingerServer(internet.TCPServer):
    """Serves, and says on the terminal how to ask it."""

    def __init__(self, port, factory, path):
        super().__init__(port, factory)
        self.factory = factory
        self.path = path

    def privilegedStartService(self):
        try:
            super().privilegedStartService()
        except CannotListenError as error:
            raise OSError(f"{error} Is one running already? --port takes another port.") from None

    def startService(self):
        super().startService()
        # Once it runs, so that whoever has read this can stop it.
        reactor.callWhenRunning(self.announce)
        reactor.addSystemEventTrigger("after", "shutdown", self.say, "Stopped.")

    def announce(self):
        port = self._port.getHost().port
        count = len(self.factory.users)
        self.say(f"Listening on port {port}. Users known, from {self.path}: {count}.")
        self.say("Ask, in another terminal:")
        self.say(rf"    printf 'moshez\r\n' | nc localhost {port}")
        self.say(rf"    printf '\r\n' | nc localhost {port}        (who is known)")
        self.say("Ctrl-C stops it.")

    def say(self, text):
        # Not by the log, which is for what happens. A daemon says it to nobody.
        print(text, file=sys.__stdout__, flush=True)


def makeService(options):
    # A shell has its background jobs ignore this; here it always means to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        factory = FingerFactory(readUsers(options["users"]))
    except OSError as error:
        raise usage.UsageError(f"{error.filename}: {error.strerror}") from None
    return FingerServer(options["port"], factory, options["users"])


if __name__ == "__main__":
    sys.argv[1:1] = ["--nodaemon", "--pidfile=", "finger"]
    twistd.run()
