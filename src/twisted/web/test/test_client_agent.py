"""Agents: what they ask of whom, on which connection."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectionRefusedError
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial import unittest
from twisted.web.client import (
    URI,
    Agent,
    BrowserLikePolicyForHTTPS,
    HostnameCachingHTTPSPolicy,
    HTTPConnectionPool,
    ProxyAgent,
    ResponseNeverReceived,
    TunnelRefused,
    _agent,
    _policies,
    _pool,
    readBody,
)
from twisted.web.client._bodies import BytesBody
from twisted.web.client._tunnel import TUNNEL_TIMEOUT, TunnelEndpoint
from twisted.web.error import SchemeNotSupported
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IPolicyForHTTPS
from twisted.web.test._clients import Memory, Receiver, Setup, answer


class URITests(unittest.SynchronousTestCase):
    """URIs in their parts."""

    def test_parts(self) -> None:
        uri = URI.fromBytes(b"http://example.com:81/a/b;c?d=e#f")
        self.assertEqual(
            (uri.scheme, uri.netloc, uri.host, uri.port),
            (b"http", b"example.com:81", b"example.com", 81),
        )
        self.assertEqual(
            (uri.path, uri.params, uri.query, uri.fragment), (b"/a/b", b"c", b"d=e", b"f")
        )
        self.assertEqual(uri.originForm, b"/a/b;c?d=e")
        self.assertEqual(uri.toBytes(), b"http://example.com:81/a/b;c?d=e#f")
        self.assertIn("example.com", repr(uri))

    def test_defaults(self) -> None:
        self.assertEqual(URI.fromBytes(b"http://a").port, 80)
        self.assertEqual(URI.fromBytes(b"https://a").port, 443)
        self.assertEqual(URI.fromBytes(b"https://a", 8).port, 8)
        self.assertEqual(URI.fromBytes(b"http://a:").port, 80)
        self.assertEqual(URI.fromBytes(b"http://a").originForm, b"/")
        self.assertEqual(URI.fromBytes(b"http://a?b").originForm, b"/?b")

    def test_ipv6(self) -> None:
        uri = URI.fromBytes(b"http://[::1]:81/")
        self.assertEqual((uri.host, uri.port), (b"::1", 81))
        self.assertEqual(URI.fromBytes(b"http://[::1]/").port, 80)

    def test_bad(self) -> None:
        self.assertRaises(ValueError, URI.fromBytes, b"http://a:70000/")
        self.assertRaises(ValueError, URI.fromBytes, b"http://a:" + b"9" * 9999)
        self.assertRaises(TypeError, URI.fromBytes, "http://a/")

    def test_independent(self) -> None:
        """One can be changed without changing another."""
        URI.fromBytes(b"http://a/").host = b"b"
        self.assertEqual(URI.fromBytes(b"http://a/").host, b"a")


class AgentTests(unittest.SynchronousTestCase):
    """`Agent`, on connections in memory."""

    def setUp(self) -> None:
        self.setup = Setup()
        self.agent = self.setup.agent

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IAgent, self.agent))

    def test_request(self) -> None:
        """The path is asked for of the host, which is named."""
        asked = self.agent.request(b"GET", b"http://example.com:81/a?b#c", Headers({b"x": [b"y"]}))
        wire = self.setup.endpoints.to(b"example.com")
        self.assertEqual(wire.heard(), b"GET /a?b HTTP/1.1\r\nHost: example.com:81\r\nX: y\r\n\r\n")
        wire.say(answer(b"here"))
        response: Any = self.successResultOf(asked)
        self.assertEqual(self.successResultOf(readBody(response)), b"here")
        self.assertEqual(response.request.absoluteURI, b"http://example.com:81/a?b#c")

    def test_hosts(self) -> None:
        """The usual port is not named; what the program says of the host is."""
        for uri, host in (
            (b"http://a:80/", b"a"),
            (b"https://a:443/", b"a"),
            (b"https://a:80/", b"a:80"),
            (b"http://[::1]/", b"[::1]"),
            (b"http://[::1]:8080/", b"[::1]:8080"),
        ):
            self.setUp()
            self.agent.request(b"GET", uri)
            self.assertIn(b"\r\nHost: " + host + b"\r\n", self.setup.endpoints.wire.heard())
        headers = Headers({b"host": [b"other"]})
        self.agent.request(b"GET", b"http://a/", headers)
        self.assertIn(b"\r\nHost: other\r\n", self.setup.endpoints.to(b"a").heard())

    def test_headersAreNotChanged(self) -> None:
        headers = Headers({b"x": [b"y"]})
        self.agent.request(b"GET", b"http://a/", headers)
        self.assertEqual(headers, Headers({b"x": [b"y"]}))

    def test_injection(self) -> None:
        """What would end a line is refused before anything is sent, or anybody is asked."""
        for method in (b"GET /evil HTTP/1.1\r\nX:", b"G ET", b"GET\n", b"", b"G\xc3\xa9T"):
            self.assertRaises(ValueError, self.agent.request, method, b"http://a/")
        for uri in (
            b"http://a/ HTTP/1.1\r\nX: y",
            b"http://a/b c",
            b"http://a/\n",
            b"http://a/\r\nX: y",
            b"http://a\r\nX: y/",
            b"http://a/\0",
            b"http://a/\x7f",
            b"http://a/\xc3\xa9",
        ):
            self.assertRaises(ValueError, self.agent.request, b"GET", uri)
        self.assertEqual([wire.value() for wire in self.setup.endpoints.wires], [])

    def test_spaces(self) -> None:
        """Spaces around a URI are a slip, and not part of it."""
        self.agent.request(b"GET", b" http://a/b ")
        self.assertTrue(self.setup.endpoints.wire.heard().startswith(b"GET /b HTTP/1.1\r\n"))

    def test_types(self) -> None:
        """The errors show what to write."""
        for arguments, said in (
            (("GET", b"http://a/"), "b'GET'"),
            ((b"GET", "http://a/"), "encode"),
            ((b"GET", b"http://a/", {b"a": [b"b"]}), "Headers(headers)"),
        ):
            error = self.assertRaises(TypeError, self.agent.request, *arguments)
            self.assertIn(said, str(error))

    def test_schemes(self) -> None:
        agent = Agent(MemoryReactorClock())
        for uri in (b"ftp://a/", b"/a", b"file:///etc/passwd"):
            self.failureResultOf(agent.request(b"GET", uri), SchemeNotSupported)

    def test_cannotConnect(self) -> None:
        @implementer(IAgentEndpointFactory)
        class Nowhere:
            def endpointForURI(self, uri: Any) -> Any:
                raise ZeroDivisionError

        agent = Agent.usingEndpointFactory(Clock(), Nowhere())
        self.failureResultOf(agent.request(b"GET", b"http://a/"), ZeroDivisionError)

    def test_endpointFactory(self) -> None:
        self.assertRaises(TypeError, Agent.usingEndpointFactory, Clock(), object())

    def test_connecting(self) -> None:
        """It connects by TCP, from where it is told, and as long as it is told."""
        reactor = MemoryReactorClock()
        agent = Agent(reactor, connectTimeout=7, bindAddress=b"127.0.0.2")
        asked = agent.request(b"GET", b"http://127.0.0.1:81/")
        [(host, port, factory, timeout, bindAddress)] = reactor.tcpClients
        self.assertEqual((host, port, timeout, bindAddress), ("127.0.0.1", 81, 7, ("127.0.0.2", 0)))
        factory.clientConnectionFailed(None, Failure(ConnectionRefusedError()))
        self.failureResultOf(asked, ConnectionRefusedError)

    def test_endpointsAreRemembered(self) -> None:
        """One is made for a host, and those of hosts of long ago are let go."""
        factory = _policies._StandardEndpointFactory(Clock(), None, None, None)
        one = factory.endpointForURI(URI.fromBytes(b"http://a/b"))
        self.assertIs(one, factory.endpointForURI(URI.fromBytes(b"http://a/c")))
        self.assertIsNot(one, factory.endpointForURI(URI.fromBytes(b"http://a:81/")))
        for number in range(1000):
            factory.endpointForURI(URI.fromBytes(b"http://host%d/" % number))
        self.assertLessEqual(len(factory._known), _policies._REMEMBERED_ENDPOINTS)


class PolicyTests(unittest.SynchronousTestCase):
    """Whom to trust."""

    def test_trustRoot(self) -> None:
        """What the program trusts is what is trusted."""
        seen: list[Any] = []
        policy = BrowserLikePolicyForHTTPS(trustRoot="roots", acceptableProtocols=[b"h2"])
        self.patch(_policies, "namedAny", lambda name: lambda *a, **kw: seen.append((name, a, kw)))
        policy.creatorForNetloc(b"example.com", 443)
        [(name, positional, named)] = seen
        self.assertEqual(name, "twisted.internet.ssl.optionsForClientTLS")
        self.assertEqual(positional, ("example.com",))
        self.assertEqual(named, {"trustRoot": "roots", "acceptableProtocols": [b"h2"]})

    def test_caching(self) -> None:
        """The hosts that were used last are remembered, and no more than so many."""
        made: list[bytes] = []

        class Policy:
            def creatorForNetloc(self, hostname: bytes, port: int) -> object:
                made.append(hostname)
                return object()

        policy = HostnameCachingHTTPSPolicy(Policy(), cacheSize=2)
        self.assertTrue(verifyObject(IPolicyForHTTPS, policy))
        first = policy.creatorForNetloc(b"a", 1)
        policy.creatorForNetloc(b"b", 1)
        self.assertIs(policy.creatorForNetloc(b"a", 1), first)
        policy.creatorForNetloc(b"c", 1)
        self.assertIs(policy.creatorForNetloc(b"a", 1), first)
        policy.creatorForNetloc(b"b", 1)
        self.assertEqual(made, [b"a", b"b", b"c", b"b"])

    def test_contextFactory(self) -> None:
        """A factory of contexts is asked for that of the host."""

        class ContextFactory:
            def getContext(self, hostname: bytes, port: int) -> Any:
                return hostname, port

        made = _policies.policyFrom(ContextFactory()).creatorForNetloc(b"a", 1)
        self.assertEqual(made.getContext(), (b"a", 1))


class Idle:
    """A connection, as far as decisions need it."""

    def __init__(self, since: float = 0, usable: bool = True) -> None:
        self.since = since
        self.usable = usable


class DecisionTests(unittest.SynchronousTestCase):
    """What to do with connections that are idle."""

    def test_take(self) -> None:
        """The one that was used last, if it can be used."""
        old, new, dead = Idle(1), Idle(2), Idle(3, usable=False)
        self.assertEqual(_pool.take([]), (None, []))
        self.assertEqual(_pool.take([old, new]), (new, [old]))
        self.assertEqual(_pool.take([old, new, dead]), (new, [old]))
        self.assertEqual(_pool.take([dead]), (None, []))

    def test_surplus(self) -> None:
        """The oldest are too many."""
        old, new = Idle(1), Idle(2)
        self.assertEqual(_pool.surplus([old, new], 2), ([], [old, new]))
        self.assertEqual(_pool.surplus([old, new], 1), ([old], [new]))
        self.assertEqual(_pool.surplus([old, new], 0), ([old, new], []))
        self.assertEqual(_pool.surplus([old, new], -1), ([old, new], []))

    def test_stale(self) -> None:
        """Those that have been idle for so long, and when the next will have been."""
        a, b, c = Idle(1), Idle(2), Idle(3)
        self.assertEqual(_pool.stale([a, b, c], 0, 10), ([], 11))
        self.assertEqual(_pool.stale([c, b, a], 12, 10), ([b, a], 13))
        self.assertEqual(_pool.stale([a, b, c], 13, 10), ([a, b, c], None))
        self.assertEqual(_pool.stale([], 13, 10), ([], None))


class PoolTests(unittest.SynchronousTestCase):
    """`HTTPConnectionPool`."""

    def setUp(self) -> None:
        self.setup = Setup()
        self.clock, self.pool = self.setup.clock, self.setup.pool

    def get(
        self, uri: bytes = b"http://a/", method: bytes = b"GET", body: Any = None
    ) -> Deferred[Any]:
        return self.setup.agent.request(method, uri, None, body)

    def served(self, uri: bytes = b"http://a/") -> Any:
        """Make a request that is answered; returns the connection."""
        asked = self.get(uri)
        (wire,) = [one for one in self.setup.endpoints.wires if one.value()]
        wire.say(answer())
        wire.clear()
        self.successResultOf(asked)
        return wire

    def test_reuse(self) -> None:
        """A connection is used again, for the same scheme, host and port."""
        wire = self.served()
        self.assertIs(self.served(b"http://a/other"), wire)
        for uri in (b"http://a:81/", b"https://a/", b"http://b/"):
            self.assertIsNot(self.served(uri), wire)

    def test_parallel(self) -> None:
        """Requests at the same time have a connection each; so many are kept."""
        asked = [self.get() for _ in range(5)]
        wires = self.setup.endpoints.wires
        self.assertEqual(len(wires), 5)
        for wire in wires:
            wire.say(answer())
        for one in asked:
            self.successResultOf(one)
        closed = [wire.disconnecting for wire in wires]
        self.assertEqual(closed, [True, True, True, False, False])

    def test_notPersistent(self) -> None:
        self.setup = Setup(persistent=False)
        asked = self.get()
        self.setup.endpoints.wire.say(answer())
        self.successResultOf(asked)
        self.assertTrue(self.setup.endpoints.wire.disconnecting)
        self.assertEqual(self.setup.clock.getDelayedCalls(), [])

    def test_timeout(self) -> None:
        """A connection that is idle for long is closed."""
        wire = self.served()
        self.clock.advance(self.pool.cachedConnectionTimeout - 1)
        self.served()
        self.clock.advance(2)
        self.assertFalse(wire.disconnecting)
        self.clock.advance(self.pool.cachedConnectionTimeout)
        self.assertTrue(wire.disconnecting)
        wire.end()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_lost(self) -> None:
        """One that the server has closed is forgotten, and no timer stays for it."""
        wire = self.served()
        wire.end()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertIsNot(self.served(), wire)

    def test_lostAtWork(self) -> None:
        """No timer is left when the last connection is lost in the middle of a request."""
        wire = self.served()
        asked = self.get(method=b"POST")
        wire.end()
        self.failureResultOf(asked, ResponseNeverReceived)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_close(self) -> None:
        wires = [self.served(), self.served(b"http://b/")]
        closed = self.pool.closeCachedConnections()
        self.assertNoResult(closed)
        for wire in wires:
            self.assertTrue(wire.disconnecting)
            wire.end()
        self.successResultOf(closed)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.successResultOf(self.pool.closeCachedConnections())

    def test_retry(self) -> None:
        """If the server has closed a kept connection meanwhile, a new one is tried, once."""
        first = self.served()
        asked = self.get()
        first.end()
        self.assertNoResult(asked)
        second = self.setup.endpoints.wire
        self.assertIsNot(second, first)
        self.assertTrue(second.heard().startswith(b"GET / HTTP/1.1\r\n"))
        second.say(answer(b"again"))
        self.assertEqual(self.successResultOf(readBody(self.successResultOf(asked))), b"again")

    def test_retryFails(self) -> None:
        first = self.served()
        asked = self.get()
        first.end()
        self.setup.endpoints.wire.end()
        self.failureResultOf(asked, ResponseNeverReceived)
        self.assertEqual(len(self.setup.endpoints.wires), 2)

    def test_noRetry(self) -> None:
        """What may have done something, has a body, was given up, or was new, is not repeated."""
        for method, body, cancel in (
            (b"POST", None, False),
            (b"PUT", BytesBody(b"a"), False),
            (b"GET", None, True),
        ):
            self.setUp()
            wire = self.served()
            asked = self.get(method=method, body=body)
            if cancel:
                asked.cancel()
            wire.end()
            self.failureResultOf(asked, ResponseNeverReceived)
            self.assertEqual(len(self.setup.endpoints.wires), 1)
        self.setUp()
        asked = self.get()
        self.setup.endpoints.wire.end()
        self.failureResultOf(asked, ResponseNeverReceived)

    def test_retryOff(self) -> None:
        self.pool.retryAutomatically = False
        wire = self.served()
        asked = self.get()
        wire.end()
        self.failureResultOf(asked, ResponseNeverReceived)

    def test_factory(self) -> None:
        """Its factory says nothing in the log, and can be told to."""
        self.assertFalse(HTTPConnectionPool(Clock())._factory.noisy)


class ProxyTests(unittest.SynchronousTestCase):
    """`ProxyAgent`, and tunnels."""

    def setUp(self) -> None:
        self.proxy = Memory()
        self.clock = Clock()
        self.made: list[Any] = []

        @implementer(IPolicyForHTTPS)
        class Policy:
            def creatorForNetloc(this, hostname: bytes, port: int) -> Any:
                self.made.append((hostname, port))

        self.agent = ProxyAgent(
            self.proxy,
            self.clock,
            HTTPConnectionPool(self.clock),
            Policy(),
            Headers({b"proxy-authorization": [b"Basic xyz"]}),
        )
        # What goes through the tunnel is seen here as it would be without TLS.
        self.patch(_agent, "wrapClientTLS", lambda creator, endpoint, clock: endpoint)

    def test_http(self) -> None:
        """A proxy is asked for the whole URI, for any host on one connection."""
        self.agent.request(b"GET", b"http://example.com/a?b")
        [wire] = self.proxy.wires
        self.assertEqual(
            wire.heard(),
            b"GET http://example.com/a?b HTTP/1.1\r\nHost: example.com\r\n"
            b"Proxy-Authorization: Basic xyz\r\n\r\n",
        )
        wire.say(answer())
        self.agent.request(b"GET", b"http://other/")
        self.assertEqual(len(self.proxy.wires), 1)
        self.assertIn(b"GET http://other/ HTTP/1.1\r\n", wire.heard())

    def tunnel(self, uri: bytes = b"https://example.com/a") -> Deferred[Any]:
        return self.agent.request(b"GET", uri)

    def test_tunnel(self) -> None:
        """For https it is asked to connect, and told nothing else."""
        asked = self.tunnel()
        [wire] = self.proxy.wires
        self.assertEqual(
            wire.heard(),
            b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n"
            b"Proxy-Authorization: Basic xyz\r\n\r\n",
        )
        wire.say(b"HTTP/1.1 200 Connection established\r\nContent-Length: 99\r\n\r\n")
        self.assertEqual(wire.heard(), b"GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n")
        wire.protocol.dataReceived(answer(b"beyond"))
        response = self.successResultOf(asked)
        self.assertEqual(self.successResultOf(readBody(response)), b"beyond")
        self.assertEqual(self.made, [(b"example.com", 443)])
        self.assertEqual(self.clock.getDelayedCalls()[0].time, 240)

    def test_tunnelIsKept(self) -> None:
        """A tunnel is used again for the same host, and for no other."""
        self.tunnel()
        wire = self.proxy.wires[0]
        wire.say(b"HTTP/1.1 200 OK\r\n\r\n", answer())
        wire.heard()
        self.tunnel(b"https://example.com/b")
        self.assertTrue(wire.heard().startswith(b"GET /b HTTP/1.1\r\n"))
        self.tunnel(b"https://[::1]/")
        self.assertTrue(self.proxy.wires[1].heard().startswith(b"CONNECT [::1]:443 HTTP/1.1\r\n"))

    def test_refused(self) -> None:
        asked = self.tunnel()
        [wire] = self.proxy.wires
        wire.say(b"HTTP/1.1 407 Proxy Authentication\r\nContent-Length: 9\r\n\r\n<evil>...")
        error: Any = self.failureResultOf(asked, TunnelRefused).value
        self.assertEqual(error.status, 407)
        self.assertIn("example.com:443: 407 Proxy Authentication", str(error))
        self.assertTrue(wire.aborted)
        wire.end()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_noHTTP(self) -> None:
        asked = self.tunnel()
        self.proxy.wires[0].say(b"SSH-2.0\r\n\r\n")
        self.failureResultOf(asked, ConnectError)

    def test_late(self) -> None:
        asked = self.tunnel()
        self.clock.advance(TUNNEL_TIMEOUT)
        self.failureResultOf(asked, ConnectError)
        self.assertTrue(self.proxy.wires[0].aborted)

    def test_lost(self) -> None:
        asked = self.tunnel()
        self.proxy.wires[0].end()
        self.failureResultOf(asked)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled(self) -> None:
        asked = self.tunnel()
        asked.cancel()
        self.failureResultOf(asked, CancelledError)
        self.assertTrue(self.proxy.wires[0].aborted)
        self.proxy.wires[0].say(b"HTTP/1.1 200 OK\r\n\r\n")
        self.proxy.wires[0].end()

    def test_noProtocol(self) -> None:
        """The factory beyond may refuse."""

        class Refusing(Factory[Any]):
            def buildProtocol(self, addr: Any) -> None:
                return None

        endpoint = TunnelEndpoint(self.proxy, b"a", 1, Headers(), self.clock)
        connecting = endpoint.connect(Refusing())
        self.proxy.wires[0].say(b"HTTP/1.1 200 OK\r\n\r\n")
        self.failureResultOf(connecting, ConnectError)

    def test_early(self) -> None:
        """What a host says at once is not lost."""
        endpoint = TunnelEndpoint(self.proxy, b"a", 1, Headers(), self.clock)
        connecting = endpoint.connect(Factory.forProtocol(Receiver))
        wire = self.proxy.wires[0]
        wire.say(b"HTTP/1.1 200 OK\r\n\r\nhello")
        receiver: Any = self.successResultOf(connecting)
        self.assertEqual(receiver.data, b"hello")
        wire.end()
        self.assertIsNot(receiver.reason, None)
