"""XML-RPC over real sockets: clients and servers of the standard library, and of Twisted's own."""

from __future__ import annotations

import datetime
import xmlrpc.client
import xmlrpc.server
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import ConnectionLost, ConnectionRefusedError, TimeoutError
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import optionsForClientTLS
from twisted.internet.test._tlspeers import Authority
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import xmlrpc as ours
from twisted.web.error import Error
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import Data
from twisted.web.test._serving import PEERS, ServedTestCase, reactor


class Slow(ours.Handler):
    """A long task."""

    def run(self, *args: Any) -> None:
        """Add, later."""
        reactor.callLater(0, self.result.callback, sum(args))


class Calls(ours.XMLRPC):
    """Methods of all sorts."""

    def xmlrpc_add(self, a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    xmlrpc_add.signature = [["int", "int", "int"]]  # type: ignore[attr-defined]  # for clients

    def xmlrpc_echo(self, *values: Any) -> list[Any]:
        return list(values)

    xmlrpc_echo.help = "Gives back."  # type: ignore[attr-defined]  # for clients

    def xmlrpc_later(self, value: Any) -> Deferred[Any]:
        return succeed(value)

    async def xmlrpc_coroutine(self, value: Any) -> Any:
        return await succeed([value])

    def xmlrpc_slow(self, *args: Any) -> Slow:
        return Slow(self, *args)

    async def xmlrpc_slowLater(self, *args: Any) -> Slow:
        return Slow(self, *args)

    def xmlrpc_fault(self) -> ours.Fault:
        return ours.Fault(12, "hello")

    def xmlrpc_raisesFault(self) -> None:
        raise ours.Fault(13, "raised")

    def xmlrpc_failsLater(self) -> Deferred[Any]:
        return fail(ours.Fault(14, "later"))

    def xmlrpc_bug(self) -> None:
        raise LookupError("a secret")

    async def xmlrpc_bugLater(self) -> None:
        raise LookupError("a secret")

    def xmlrpc_strange(self) -> object:
        return object()

    def xmlrpc_nothing(self) -> None:
        return None

    @ours.withRequest
    def xmlrpc_who(self, request: Any, greeting: str) -> str:
        return f"{greeting}, {request.getUser().decode()} of {request.getClientIP()}"

    xmlrpc_notCallable = 5


class More(ours.XMLRPC):
    """Methods below others."""

    def xmlrpc_hello(self) -> str:
        return "Hello"


def calls(**options: Any) -> Calls:
    """A resource to be called."""
    root = Calls(**options)
    more = More()
    more.putSubHandler("more", More())
    root.putSubHandler("more", more)
    ours.addIntrospection(root)
    return root


METHODS = sorted(name.removeprefix("xmlrpc_") for name in vars(Calls) if "xmlrpc_" in name)
SYSTEM = ["system.listMethods", "system.methodHelp", "system.methodSignature"]


class CalledTests(ServedTestCase):
    """A server, called by `xmlrpc.client` and by ours."""

    def setUp(self) -> None:
        super().setUp()
        self.url = self.serve(calls()) + "/RPC2"

    async def called(self, name: str, *args: Any) -> Any:
        """What a client of the standard library gets, in a thread of its own."""

        def talk() -> Any:
            with xmlrpc.client.ServerProxy(self.url) as client:
                return getattr(client, name)(*args)

        return await self.inThread(talk)

    async def faultOf(self, name: str, *args: Any) -> tuple[int, str]:
        """The fault that a call is answered with, to both clients."""
        with self.assertRaises(ours.Fault) as caught:
            await self.called(name, *args)
        one = caught.exception
        with self.assertRaises(ours.Fault) as caught:
            await ours.Proxy(self.url).callRemote(name, *args)
        two = caught.exception
        self.assertEqual((one.faultCode, one.faultString), (two.faultCode, two.faultString))
        return one.faultCode, one.faultString

    async def test_results(self) -> None:
        """Methods give results, Deferreds, coroutines and handlers."""
        proxy = ours.Proxy(self.url)
        for name, args, expected in (
            ("add", (1, 2), 3),
            ("echo", (1, "é<&\n", [True, {"a": 1.5}]), [1, "é<&\n", [True, {"a": 1.5}]]),
            ("later", ("x",), "x"),
            ("coroutine", ("x",), ["x"]),
            ("slow", (1, 2, 3), 6),
            ("slowLater", (1, 2, 3), 6),
            ("more.hello", (), "Hello"),
            ("more.more.hello", (), "Hello"),
        ):
            self.assertEqual(await proxy.callRemote(name, *args), expected, name)
            self.assertEqual(await self.called(name, *args), expected, name)

    async def test_faults(self) -> None:
        """Faults arrive as they are, whether returned or raised."""
        self.assertEqual(await self.faultOf("fault"), (12, "hello"))
        self.assertEqual(await self.faultOf("raisesFault"), (13, "raised"))
        self.assertEqual(await self.faultOf("failsLater"), (14, "later"))

    async def test_noSuchMethod(self) -> None:
        for name in ("none", "notCallable", "none.hello", "more.none", "__doc__x"):
            code, said = await self.faultOf(name)
            self.assertEqual(code, 8001, name)
            self.assertIn("not found" if "none." not in name else "no such", said)

    async def test_bugs(self) -> None:
        """A client is told that there was an error, and not which."""
        for name in ("bug", "bugLater"):
            self.assertEqual(await self.faultOf(name), (8002, "error"))
            self.assertEqual(len(self.flushLoggedErrors(LookupError)), 2)
        self.assertEqual((await self.faultOf("add", 1, "2"))[0], 8002)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 2)

    async def test_wrongArguments(self) -> None:
        """One who calls a method as it is not is told so; it is no bug, and not logged as one."""
        code, said = await self.faultOf("add", 1)
        self.assertEqual(code, 8002)
        self.assertIn("add: missing a required argument", said)

    async def test_unserializable(self) -> None:
        code, said = await self.faultOf("strange")
        self.assertEqual(code, 8002)
        self.assertIn("Can't serialize output: object cannot be sent", said)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 2)

    async def test_introspection(self) -> None:
        proxy = ours.Proxy(self.url)
        self.assertEqual(
            await proxy.callRemote("system.listMethods"),
            sorted([*METHODS, "more.hello", "more.more.hello", *SYSTEM]),
        )
        for name, expected in (("add", "Add two numbers."), ("echo", "Gives back."), ("bug", "")):
            said = await self.called("system.methodHelp", name)
            self.assertEqual(said, expected)
        signature = await proxy.callRemote("system.methodSignature", "add")
        self.assertEqual(signature, [["int", "int", "int"]])
        self.assertEqual(await proxy.callRemote("system.methodSignature", "echo"), "")
        self.assertEqual((await self.faultOf("system.methodHelp", "none"))[0], 8001)

    async def test_request(self) -> None:
        """A method can have the request; a client can say who it is, in the URL or beside it."""
        named = self.url.replace("//", "//bob%40home:pass%3Aword@")
        for proxy in (
            ours.Proxy(named),
            ours.Proxy(named.encode()),
            ours.Proxy(self.url, "bob@home", "pass:word"),
            ours.Proxy(named.replace("bob", "eve"), b"bob@home", b"pass:word"),
        ):
            said = await proxy.callRemote("who", "Hi")
            self.assertEqual(said, "Hi, bob@home of 127.0.0.1")

    async def test_none(self) -> None:
        """None is sent, and answered, if that is allowed."""
        error = self.assertRaises(TypeError, ours.Proxy(self.url).callRemote, "echo", None)
        self.assertIn("allowNone", str(error))
        code, said = await self.faultOf("nothing")
        self.assertEqual(code, 8002)
        self.assertIn("allowNone", said)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 2)

    async def test_dates(self) -> None:
        """`useDateTime` at either end."""
        url = self.serve(calls(useDateTime=True, allowNone=True))
        time = datetime.datetime(2020, 2, 3, 4, 5, 6)
        proxy = ours.Proxy(url, allowNone=True, useDateTime=True)
        self.assertEqual(await proxy.callRemote("echo", time, None), [time, None])
        self.assertEqual(str(await ours.Proxy(url).callRemote("later", time)), "20200203T04:05:06")

    async def test_binary(self) -> None:
        every = bytes(range(256)) * 5000
        self.assertEqual(await ours.Proxy(self.url).callRemote("echo", every), [ours.Binary(every)])

    async def test_notXML(self) -> None:
        """What is no call is a fault; what is no POST is refused."""
        sent = await self.curl("--data-binary", "<!DOCTYPE a []><methodCall/>", self.url)
        error = self.assertRaises(ours.Fault, xmlrpc.client.loads, sent)
        self.assertEqual(error.faultCode, 8002)
        self.assertIn("Can't deserialize input: the message has a document", error.faultString)
        self.assertEqual(await self.curl("-so/dev/null", "-w%{http_code}", self.url), b"405")

    async def test_tooLarge(self) -> None:
        """What is too large is refused; the limit can be set."""
        small = calls()
        small.limits = ours.Limits(size=1000)
        proxy = ours.Proxy(self.serve(small))
        self.assertEqual(await proxy.callRemote("echo", "a" * 500), ["a" * 500])
        with self.assertRaises(ours.Fault) as caught:
            await proxy.callRemote("echo", "a" * 1000)
        self.assertIn("longer than 1000 bytes", caught.exception.faultString)

    async def test_many(self) -> None:
        """Many calls at a time."""
        proxy = ours.Proxy(self.url)
        waiting = [proxy.callRemote("slow", n, n) for n in range(50)]
        self.assertEqual([await each for each in waiting], [2 * n for n in range(50)])

    async def test_disconnected(self) -> None:
        """A client that goes away cancels what it waits for."""
        cancelled: Deferred[None] = Deferred()
        begun: Deferred[None] = Deferred()

        def wait() -> Deferred[None]:
            begun.callback(None)
            return Deferred(lambda waiting: cancelled.callback(None))

        root = Calls()
        root.xmlrpc_wait = wait  # type: ignore[attr-defined]  # as the documentation does it
        call = ours.Proxy(self.serve(root)).callRemote("wait")
        await begun
        call.cancel()
        with self.assertRaises(CancelledError):
            await call
        await cancelled


class TLSTests(ServedTestCase):
    """Calls under TLS."""

    async def test_trusted(self) -> None:
        authority = Authority()
        port = self.listen(Site(calls()), authority.server())
        proxy = ours.Proxy(
            f"https://localhost:{port}/", contextFactory=authority.client("localhost")
        )
        self.assertEqual(await proxy.callRemote("add", 1, 2), 3)

    async def test_notTrusted(self) -> None:
        """By default the server has to have a certificate that the system trusts."""
        port = self.listen(Site(calls()), Authority().server())
        with self.assertRaises(Exception) as caught:
            await ours.Proxy(f"https://localhost:{port}/").callRemote("add", 1, 2)
        self.assertIn("could not be verified", str(caught.exception))


class Answers(Protocol):
    """A server that answers with some bytes, whatever it is asked."""

    factory: Any

    def dataReceived(self, data: bytes) -> None:
        """Answer, and close."""
        assert self.transport is not None
        self.transport.write(self.factory.answer)
        self.transport.loseConnection()


class CallingTests(ServedTestCase):
    """Our client, and servers that do other things than to answer."""

    async def answered(self, answer: bytes) -> Any:
        """What a call gives if that is what the server sends."""
        factory: Any = Factory.forProtocol(Answers)
        factory.answer = answer
        return await ours.Proxy(f"http://127.0.0.1:{self.listen(factory)}/").callRemote("m")

    async def test_standardLibrary(self) -> None:
        """A server of `xmlrpc.server`, in a thread."""
        with xmlrpc.server.SimpleXMLRPCServer(
            ("127.0.0.1", 0), allow_none=True, logRequests=False, use_builtin_types=True
        ) as server:
            server.register_function(lambda *values: values, "echo")
            server.register_introspection_functions()
            serving = self.inThread(server.serve_forever, 0.01)
            port = server.server_address[1]
            proxy = ours.Proxy(f"http://127.0.0.1:{port}/RPC2", allowNone=True)
            given = [1, "é<&\n", [True, {"a": 1.5}], None, {}]
            self.assertEqual(await proxy.callRemote("echo", *given), given)
            self.assertIn("echo", await proxy.callRemote("system.listMethods"))
            with self.assertRaises(ours.Fault) as caught:
                await proxy.callRemote("none")
            self.assertIn("not supported", caught.exception.faultString)
            await self.inThread(server.shutdown)
            await serving

    async def test_status(self) -> None:
        """A status other than 200 is an error of the web."""
        root = Resource()
        root.putChild(b"page", Data(b"", "text/plain"))
        url = self.serve(root)
        for path, status in (("/none", b"405"), ("/none/below", b"404"), ("/page", b"405")):
            with self.assertRaises(Error) as caught:
                await ours.Proxy(url + path).callRemote("m")
            self.assertIn(caught.exception.status, (status, b"404"), path)

    async def test_untilTheEnd(self) -> None:
        """An answer of HTTP/1.0, as long as its connection."""
        body = b"<methodResponse><params><param><value>a</value></param></params></methodResponse>"
        self.assertEqual(await self.answered(b"HTTP/1.0 200 OK\r\n\r\n" + body), "a")

    async def test_badAnswers(self) -> None:
        for answer, kind in (
            (b"", ConnectionLost),
            (b"HTTP/1.1 200 OK\r\nContent-Le", ConnectionLost),
            (b"SSH-2.0\r\n\r\n", ours.BadMessage),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<", ours.BadMessage),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html", ours.BadMessage),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ours.BadMessage),
            (b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", ours.BadMessage),
        ):
            with self.assertRaises(kind):
                await self.answered(answer)

    async def test_refused(self) -> None:
        port = reactor.listenTCP(0, Factory.forProtocol(Protocol), interface="127.0.0.1")
        number = port.getHost().port
        await port.stopListening()
        with self.assertRaises(ConnectionRefusedError):
            await ours.Proxy(f"http://127.0.0.1:{number}/").callRemote("m")


class ProxyTests(SynchronousTestCase):
    """What a proxy asks its reactor for."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()

    def connected(self, factory: Any) -> tuple[Any, StringTransport]:
        """What the factory makes, with a connection."""
        protocol, transport = factory.buildProtocol(None), StringTransport()
        protocol.makeConnection(transport)
        return protocol, transport

    def test_connecting(self) -> None:
        for url, expected in (
            (b"http://example.com", ("example.com", 80, b"example.com", b"/")),
            (
                "http://example.com:8080/a?b=c",
                ("example.com", 8080, b"example.com:8080", b"/a?b=c"),
            ),
            ("http://[::1]:80/", ("::1", 80, b"[::1]", b"/")),
        ):
            ours.Proxy(url, connectTimeout=2.5, reactor=self.reactor).callRemote("m")
            host, port, factory, timeout, bindAddress = self.reactor.tcpClients[-1]
            self.assertEqual((host, port, factory.host, factory.path), expected)
            self.assertEqual((timeout, bindAddress), (2.5, None))
        proxy = ours.Proxy(b"https://example.com/", reactor=self.reactor)
        proxy.callRemote("m")
        host, port, factory, context, timeout, bindAddress = self.reactor.sslClients[0]
        self.assertEqual((host, port, timeout), ("example.com", 443, 30.0))
        self.assertIs(type(context), type(optionsForClientTLS("example.com")))

    def test_badURLs(self) -> None:
        for url in (
            "ftp://example.com/",
            "example.com",
            "http://",
            "http://example.com/a b",
            "http://example.com/\r\nX: y",
            "http://example.com\r\n/",
            "http://éxample.com/",
            "http://example.com:port/",
        ):
            with self.assertRaises(ValueError):
                ours.Proxy(url)

    def test_request(self) -> None:
        """What is sent, in one piece."""
        ours.Proxy("http://u:p@example.com/a", reactor=self.reactor).callRemote("m", 1)
        _, transport = self.connected(self.reactor.tcpClients[0][2])
        head, _, body = transport.value().partition(b"\r\n\r\n")
        self.assertEqual(
            head.split(b"\r\n"),
            [
                b"POST /a HTTP/1.1",
                b"Host: example.com",
                b"User-Agent: Torsion/XMLRPClib",
                b"Content-Type: text/xml; charset=utf-8",
                b"Connection: close",
                b"Authorization: Basic dTpw",
                b"Content-Length: %d" % len(body),
            ],
        )
        self.assertEqual(xmlrpc.client.loads(body), ((1,), "m"))

    def test_connectTimeout(self) -> None:
        """Nobody answers: that fails, and a cancelled call is let be."""
        call = ours.Proxy("http://example.com/", reactor=self.reactor).callRemote("m")
        factory = self.reactor.tcpClients[0][2]
        factory.clientConnectionFailed(None, Failure(TimeoutError()))
        self.failureResultOf(call, TimeoutError)

    def test_cancelled(self) -> None:
        """A cancelled call ends its connection."""
        call = ours.Proxy("http://example.com/", reactor=self.reactor).callRemote("m")
        call.cancel()
        self.failureResultOf(call, CancelledError)
        connector: Any = self.reactor.connectors[0]
        self.assertTrue(connector.stoppedConnecting or connector._disconnected)

    def test_tooLarge(self) -> None:
        """An answer of any length is not kept."""
        proxy = ours.Proxy("http://example.com/", reactor=self.reactor)
        call = proxy.callRemote("m")
        factory = self.reactor.tcpClients[0][2]
        factory.limits = ours.Limits(size=1000)
        protocol, transport = self.connected(factory)
        protocol.dataReceived(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1001)
        self.failureResultOf(call, ours.BadMessage)
        self.assertTrue(transport.disconnected)
        protocol.dataReceived(b"more")

    def test_queryFactory(self) -> None:
        """A program can have its own."""

        class Named(ours.QueryFactory):
            noisy = True

        proxy = ours.Proxy("http://example.com/", reactor=self.reactor)
        proxy.queryFactory = Named
        proxy.callRemote("m")
        self.assertIsInstance(self.reactor.tcpClients[0][2], Named)


SERVER = """
from twisted.internet import defer, reactor
from twisted.web import server, xmlrpc
class Calls(xmlrpc.XMLRPC):
    def xmlrpc_echo(self, *values):
        return defer.succeed(list(values))
    def xmlrpc_fault(self):
        raise xmlrpc.Fault(5, "no")
root = Calls(allowNone=True)
xmlrpc.addIntrospection(root)
port = reactor.listenTCP(0, server.Site(root), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""

CLIENT = """
import json, sys
from twisted.internet import defer, task
from twisted.web import xmlrpc
async def main(reactor, url):
    proxy = xmlrpc.Proxy(url.encode(), allowNone=True)
    notes = [await proxy.callRemote("echo", 1, "\\u00e9<&", [True, {"a": 1.5}], None)]
    notes.append(await proxy.callRemote("system.methodHelp", "add"))
    for name in ("fault", "none"):
        try:
            await proxy.callRemote(name)
        except xmlrpc.Fault as fault:
            notes.append([fault.faultCode, fault.faultString])
    print(json.dumps(notes))
task.react(lambda *args: defer.ensureDeferred(main(*args)), sys.argv[1:])
"""


class PeerTests(ServedTestCase):
    """Twisted's own at the other end."""

    async def test_itCallsUs(self) -> None:
        url = self.serve(calls(allowNone=True))
        self.assertEqual(
            await self.peer(CLIENT, url),
            [
                [1, "é<&", [True, {"a": 1.5}], None],
                "Add two numbers.",
                [12, "hello"],
                [8001, "procedure none not found"],
            ],
        )

    async def test_weCallIt(self) -> None:
        port = self.start(PEERS, SERVER)
        proxy = ours.Proxy(f"http://127.0.0.1:{port}/", allowNone=True)
        given = [1, "é<&", [True, {"a": 1.5}], None]
        self.assertEqual(await proxy.callRemote("echo", *given), given)
        self.assertIn("echo", await proxy.callRemote("system.listMethods"))
        for name, code in (("fault", 5), ("none", 8001)):
            with self.assertRaises(ours.Fault) as caught:
                await proxy.callRemote(name)
            self.assertEqual(caught.exception.faultCode, code)
