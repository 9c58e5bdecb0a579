"""Ask by finger (RFC 1288): a line with a name, and a text comes back."""

from zope.interface import implementer

from town.users import NoSuchUser
from twisted.internet import defer, interfaces, protocol
from twisted.protocols import finger, policies
from twisted.python import log


@implementer(interfaces.IHalfCloseableProtocol)
class FingerProtocol(policies.TimeoutMixin, finger.Finger):
    """Asks the factory; `finger.Finger` has understood the query and limited its length."""

    # It takes the CR for the white space that it drops, so that `echo moshez | nc` works as well.
    delimiter = b"\n"

    # How long a connection may last, in seconds: nobody can hold on to one by saying nothing.
    patience = 60

    asked = False

    def connectionMade(self):
        self.setTimeout(self.patience)

    def timeoutConnection(self):
        log.msg(f"Giving up after {self.patience} seconds")
        self.transport.abortConnection()

    def connectionLost(self, reason):
        self.setTimeout(None)

    def readConnectionLost(self):
        # Some clients close their half when they have asked: they wait for the answer all the same.
        if not self.asked:
            self.transport.loseConnection()

    def writeConnectionLost(self):
        pass

    def lineReceived(self, line):
        self.asked = True
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

    def answer(self, coroutine):
        d = defer.ensureDeferred(coroutine)
        d.addErrback(self.failed).addCallback(self.say)

    def failed(self, reason):
        log.err(reason, "While looking for an answer")
        return "Internal error in server"

    def say(self, text):
        self.transport.write("".join(f"{line}\r\n" for line in text.splitlines()).encode())
        self.transport.loseConnection()


class FingerFactory(protocol.ServerFactory):
    """What finger says of the users."""

    protocol = FingerProtocol
    noisy = False

    def __init__(self, users):
        self.users = users

    async def getUser(self, user):
        try:
            return await self.users.status(user)
        except NoSuchUser:
            return "No such user"

    async def getUsers(self):
        return "\n".join(name for name, _, _ in await self.users.everybody())
