"""Descriptions of endpoints: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

import os
import socket
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface import implementer

from twisted.internet.endpoints import (
    AdoptedStreamServerEndpoint,
    StandardIOEndpoint,
    _descriptions,
    _forms,
    clientFromString,
    quoteStringArgument,
    serverFromString,
)
from twisted.internet.endpoints._strings import parse
from twisted.internet.interfaces import (
    IStreamClientEndpointStringParserWithReactor,
    IStreamServerEndpointStringParser,
)
from twisted.internet.test._endpoints import NotingFactory, Reactor
from twisted.python.systemd import ListenFDs
from twisted.trial import unittest


class LanguageTests(unittest.SynchronousTestCase):
    """Colons, equals signs and backslashes."""

    def test_words(self) -> None:
        for text, prefix, args, kwargs in (
            ("tcp:80", "tcp", ["80"], {}),
            ("tcp", "tcp", [], {}),
            ("", "", [], {}),
            ("stdio:", "stdio", [""], {}),
            ("a:b=c:d:e=f=g", "a", ["d"], {"b": "c", "e": "f=g"}),
            (r"a:b\:c\=d\\:\e", "a", ["b:c=d\\", "e"], {}),
            (r"a:b\=c=d\:e", "a", [], {"b=c": "d:e"}),
            ("a:b=", "a", [], {"b": ""}),
            ("a=b:c", "a=b", ["c"], {}),
            ("a:new\nline", "a", ["new\nline"], {}),
        ):
            self.assertEqual(parse(text), (text, prefix, args, kwargs))

    def test_bad(self) -> None:
        self.assertIn("backslash", str(self.assertRaises(ValueError, parse, "tcp:80\\")))
        error = self.assertRaises(ValueError, parse, "tcp:port=1:port=2")
        self.assertIn("'port' twice", str(error))
        self.assertIn("'tcp:8080'", str(self.assertRaises(TypeError, parse, b"tcp:80")))

    def test_quote(self) -> None:
        self.assertEqual(quoteStringArgument(r"C:\x"), r"C\:\\x")

    @settings(deadline=None, max_examples=100)
    @given(st.lists(st.text()), st.dictionaries(st.text(), st.text()))
    def test_anyText(self, args: list[str], kwargs: dict[str, str]) -> None:
        """What is quoted comes out as it was."""
        named = [f"{quoteStringArgument(k)}={quoteStringArgument(v)}" for k, v in kwargs.items()]
        text = ":".join(["x", *map(quoteStringArgument, args), *named])
        self.assertEqual(parse(text), (text, "x", args, kwargs))

    @settings(deadline=None, max_examples=100)
    @given(st.text(alphabet="tcpx:=\\80"))
    def test_anyDescription(self, text: str) -> None:
        """A description is understood, or a ValueError says why not."""
        reactor: Any = Reactor()
        for make in (serverFromString, clientFromString):
            try:
                make(reactor, text)
            except ValueError as e:
                self.assertTrue(str(e))


class ServerTests(unittest.SynchronousTestCase):
    """`serverFromString`."""

    def listen(self, description: str) -> Reactor:
        """The reactor, once it has been asked to listen."""
        reactor = Reactor()
        port = serverFromString(reactor, description).listen(NotingFactory())
        self.successResultOf(port)
        return reactor

    def test_tcp(self) -> None:
        for description, expected in (
            ("tcp:80", (80, 50, "")),
            ("TCP:0", (0, 50, "")),
            ("tcp:80:interface=127.0.0.1:backlog=7", (80, 7, "127.0.0.1")),
            ("tcp:80:127.0.0.1:7", (80, 7, "127.0.0.1")),
            ("tcp:port=65535", (65535, 50, "")),
            (r"tcp:80:interface=\:\:1", (80, 50, "::1")),
            ("tcp6:80", (80, 50, "::")),
            (r"tcp6:80:interface=\:\:1:backlog=7", (80, 7, "::1")),
        ):
            ((port, _, backlog, interface),) = self.listen(description).tcpServers
            self.assertEqual((port, backlog, interface), expected, description)

    def test_unix(self) -> None:
        for description, expected in (
            ("unix:/x", ("/x", 50, 0o666, True)),
            ("unix:/x:mode=660:backlog=7:lockfile=0", ("/x", 7, 0o660, False)),
            (r"unix:address=/a\:b\=c", ("/a:b=c", 50, 0o666, True)),
        ):
            ((path, _, *rest),) = self.listen(description).unixServers
            self.assertEqual((path, *rest), expected, description)

    def test_stdio(self) -> None:
        for description in ("stdio", "stdio:"):
            self.assertIsInstance(serverFromString(Reactor(), description), StandardIOEndpoint)

    def test_fd(self) -> None:
        """The family of a socket is found out, unless it is told."""
        with socket.socket() as opened:
            endpoint = serverFromString(Reactor(), f"fd:{opened.fileno()}")
            assert isinstance(endpoint, AdoptedStreamServerEndpoint)
            self.assertEqual(endpoint.fileno, opened.fileno())
            self.assertEqual(endpoint.addressFamily, socket.AF_INET)
            # It is still open.
            opened.getsockname()
        endpoint = serverFromString(Reactor(), "fd:999:domain=INET6")
        assert isinstance(endpoint, AdoptedStreamServerEndpoint)
        self.assertEqual(endpoint.addressFamily, socket.AF_INET6)

    def test_systemd(self) -> None:
        self.patch(_forms, "_inherited", lambda: ListenFDs([5, 6], ["web", "mail"]))
        for description, expected in (
            ("systemd:domain=INET:index=1", (6, socket.AF_INET)),
            ("systemd:INET6:0", (5, socket.AF_INET6)),
            ("systemd:domain=UNIX:name=mail", (6, socket.AF_UNIX)),
        ):
            endpoint = serverFromString(Reactor(), description)
            assert isinstance(endpoint, AdoptedStreamServerEndpoint)
            self.assertEqual((endpoint.fileno, endpoint.addressFamily), expected)
        for description, text in (
            ("systemd:INET:index=2", "opened 2 sockets"),
            ("systemd:INET:name=x", "no socket named 'x'"),
            ("systemd:INET:0:web", "one of index and name"),
            ("systemd:INET", "one of index and name"),
            ("systemd:AX25:index=0", "INET, INET6, UNIX"),
            ("systemd:index=0", "domain is missing"),
        ):
            error = self.assertRaises(ValueError, serverFromString, Reactor(), description)
            self.assertIn(text, str(error))

    def test_bad(self) -> None:
        """What is wrong, and how it is right, in a line."""
        missing = os.path.join(self.mktemp(), "key.pem")
        for description, text in (
            ("tcp:", "the port is missing"),
            ("tcp", "the port is missing"),
            ("tcp:http", "'http' is not a port"),
            ("tcp:65536", "'65536' is not a port"),
            ("tcp:-1", "'-1' is not a port"),
            ("tcp: 80", "' 80' is not a port"),
            ("tcp:8_0", "is not a port"),
            ("tcp:\N{ARABIC-INDIC DIGIT EIGHT}", "is not a port"),
            ("tcp:" + "9" * 5000, "is not a port"),
            ("tcp:80:port=81", "the port is said twice"),
            ("tcp:80:::81", "too many"),
            ("tcp:80:colour=red", "no argument 'colour'"),
            ("tcp:80:backlog=many", "'many' is not a number"),
            ("unix:/x:mode=rw", "'rw' is not a mode"),
            ("unix:/x:mode=77777", "is not a mode"),
            ("unix:/x:lockfile=yes", "neither 0 nor 1"),
            ("unix:", "the address is missing"),
            ("stdio:1", "too many"),
            ("fd:999", "no socket that is open"),
            ("fd:x", "'x' is not a number"),
            (f"ssl:443:privateKey={missing}", "cannot be read (No such file or directory)"),
            ("ssl:443:sslmethod=SSLv3_METHOD", "sslmethod"),
        ):
            error = self.assertRaises(ValueError, serverFromString, Reactor(), description)
            self.assertIn(text, str(error))
            self.assertIn(f"; write {description.partition(':')[0]}:", str(error))
            self.assertNotIn("\n", str(error))

    def test_unknown(self) -> None:
        for description, example in (("nope:1", "'tcp:8080'"), ("8081", "'tcp:8081'")):
            error = self.assertRaises(ValueError, serverFromString, Reactor(), description)
            self.assertIn("haproxy, ssl", str(error))
            self.assertIn(example, str(error))


class ClientTests(unittest.SynchronousTestCase):
    """`clientFromString`."""

    def test_tcp(self) -> None:
        for description, expected in (
            ("tcp:example.com:80", ("example.com", 80, 30, None)),
            ("tcp:port=80:host=x:timeout=7", ("x", 80, 7, None)),
            ("tcp:x:80:timeout=0.5:bindAddress=127.0.0.1", ("x", 80, 0.5, ("127.0.0.1", 0))),
            (r"tcp6:\:\:1:80:bindAddress=\:\:1", ("::1", 80, 30, ("::1", 0))),
        ):
            reactor = Reactor()
            clientFromString(reactor, description).connect(NotingFactory())
            ((host, port, _, *rest),) = reactor.tcpClients
            self.assertEqual((host, port, *rest), expected, description)

    def test_unix(self) -> None:
        for description, expected in (
            ("unix:/x", ("/x", 30, False)),
            ("unix:path=/x:timeout=7:lockfile=1", ("/x", 7, True)),
        ):
            reactor = Reactor()
            clientFromString(reactor, description).connect(NotingFactory())
            ((path, _, *rest),) = reactor.unixClients
            self.assertEqual((path, *rest), expected, description)

    def test_bad(self) -> None:
        for description, text in (
            ("tcp:80", "the port is missing"),
            ("tcp::80", "the host is missing"),
            ("tcp:x:y", "'y' is not a port"),
            ("tcp:x:80:timeout=soon", "not a number of seconds"),
            ("tcp:x:80:timeout=nan", "not a number of seconds"),
            ("tcp:x:80:timeout=-1", "not a number of seconds"),
            ("unix:", "the path is missing"),
            ("unix:/x:colour=red", "no argument 'colour'"),
            ("ssl:x:443:privateKey=/nonexistent/key.pem", "cannot be read"),
            ("tls:x:443:trustRoots=/nonexistent", "cannot be read"),
        ):
            error = self.assertRaises(ValueError, clientFromString, Reactor(), description)
            self.assertIn(text, str(error))
            self.assertIn(f"; write {description.partition(':')[0]}:", str(error))

    def test_unknown(self) -> None:
        error = self.assertRaises(ValueError, clientFromString, Reactor(), "stdio:")
        self.assertIn("ssl, tcp, tcp6, tls, unix", str(error))


@implementer(IStreamServerEndpointStringParser, IStreamClientEndpointStringParserWithReactor)
class _Parser:
    """Returns what it is asked."""

    prefix = "example"

    def parseStreamServer(self, reactor: Any, *args: Any, **kwargs: Any) -> Any:
        return "server", reactor, args, kwargs

    def parseStreamClient(self, reactor: Any, *args: Any, **kwargs: Any) -> Any:
        return "client", reactor, args, kwargs


class PluginTests(unittest.SynchronousTestCase):
    """Parsers that others have installed."""

    def setUp(self) -> None:
        self.asked: list[Any] = []

        def getPlugins(interface: Any) -> list[_Parser]:
            self.asked.append(interface)
            return [_Parser()]

        self.patch(_descriptions, "getPlugins", getPlugins)

    def test_found(self) -> None:
        reactor: Any = Reactor()
        for make, kind in ((serverFromString, "server"), (clientFromString, "client")):
            made: Any = make(reactor, r"example:a\:b:c=d")
            self.assertEqual(made, (kind, reactor, ("a:b",), {"c": "d"}))
        self.assertEqual(
            self.asked,
            [IStreamServerEndpointStringParser, IStreamClientEndpointStringParserWithReactor],
        )

    def test_notAsked(self) -> None:
        """For what everybody has, plugins are not looked for."""
        serverFromString(Reactor(), "tcp:80")
        self.assertEqual(self.asked, [])

    def test_named(self) -> None:
        """They are among what one may write."""
        error = self.assertRaises(ValueError, serverFromString, Reactor(), "nope:")
        self.assertIn("example, fd", str(error))
