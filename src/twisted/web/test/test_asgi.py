"""ASGI: what applications are told, and may say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import asgi
from twisted.web.asgi import _messages
from twisted.web.resource import IResource, Resource
from twisted.web.test.test_server import SiteTestCase

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
BODY: Message = {"type": "http.response.body", "body": b"body"}
MORE: Message = {"type": "http.response.body", "body": b"piece", "more_body": True}


class ResponseTests(SynchronousTestCase):
    """What may be sent when: `Response`."""

    def test_table(self) -> None:
        """Every message in every state: it leads to another, or is refused."""
        messages: dict[_messages.Event, Message] = {
            _messages.Event.START: START,
            _messages.Event.PIECE: MORE,
            _messages.Event.LAST: BODY,
        }
        for state in _messages.State:
            for event in _messages.Event:
                response = _messages.Response()
                response.state = state
                expected = _messages.TRANSITIONS.get((state, event))
                if expected is None:
                    self.assertRaises(asgi.MessageError, response.send, messages[event])
                    self.assertIs(response.state, state)
                else:
                    response.send(messages[event])
                    self.assertIs(response.state, expected)

    def test_refused(self) -> None:
        """What is no message."""
        wrong: list[Any] = [
            None,
            [],
            {},
            {"type": 3},
            {"type": "http.response.push"},
            {"type": "http.response.start"},
            {"type": "http.response.start", "status": "200"},
            {"type": "http.response.start", "status": 101},
            {"type": "http.response.start", "status": 200, "headers": [("a", "b")]},
            {"type": "http.response.start", "status": 200, "headers": [b"ab"]},
            {"type": "http.response.start", "status": 200, "headers": 3},
        ]
        for message in wrong:
            self.assertRaises(asgi.MessageError, _messages.Response().send, message)
        response = _messages.Response()
        response.send(START)
        text = {"type": "http.response.body", "body": "text"}
        self.assertRaises(asgi.MessageError, response.send, text)

    def test_session(self) -> None:
        """The same for connections of WebSocket."""
        messages = {
            _messages.Step.ACCEPT: "websocket.accept",
            _messages.Step.MESSAGE: "websocket.send",
            _messages.Step.CLOSE: "websocket.close",
        }
        for phase in _messages.Phase:
            for step, kind in messages.items():
                session = _messages.Session()
                session.phase = phase
                expected = _messages.STEPS.get((phase, step))
                if expected is None:
                    self.assertRaises(asgi.MessageError, session.send, {"type": kind})
                else:
                    self.assertIs(session.send({"type": kind}), step)
                    self.assertIs(session.phase, expected)
        wrong: list[Message] = [{}, {"text": 3}, {"text": "a", "bytes": b"a"}, {"bytes": "a"}]
        for message in wrong:
            self.assertRaises(asgi.MessageError, _messages.read_text, message)

    _any = st.one_of(st.none(), st.binary(), st.text(), st.integers(), st.lists(st.binary()))
    _kind = st.sampled_from(
        ["http.response.start", "http.response.body", "websocket.accept", "websocket.send", "x"]
    )
    _message = st.fixed_dictionaries(
        {"type": _kind},
        optional=dict.fromkeys(("status", "headers", "body", "more_body", "text"), _any),
    )

    @given(st.lists(_message))
    def test_any(self, messages: list[Message]) -> None:
        """Whatever an application sends is taken, or is the one error."""
        for machine in (_messages.Response(), _messages.Session()):
            for message in messages:
                try:
                    machine.send(message)
                except asgi.MessageError:
                    pass


class CallTestCase(SiteTestCase):
    """Tests with an application, and one connection."""

    def setUp(self) -> None:
        super().setUp()
        self.scope: Message = {}

    def answer(self, application: Any, request: bytes | None = None) -> bytes:
        """What comes back at once if `application` answers a request, GET by default."""
        self.root.putChild(b"app", asgi.ASGIResource(application))
        return self.send(request or b"GET /app HTTP/1.1\r\nHost: a\r\n\r\n")

    def sending(self, *messages: Message, request: bytes | None = None) -> bytes:
        """What comes back if an application sends these messages."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            for message in messages:
                await send(message)

        return self.answer(application, request)

    async def looking(self, scope: Message, receive: Receive, send: Send) -> None:
        """An application that keeps what it is given, and has it read back."""
        self.scope = scope
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        await send(START)
        await send({"type": "http.response.body", "body": body or b"seen"})


class ScopeTests(CallTestCase):
    """What an application is told."""

    def test_interface(self) -> None:
        """It is a resource, without children."""
        made = asgi.ASGIResource(self.looking)
        verifyObject(IResource, made)
        self.assertRaises(RuntimeError, made.putChild, b"a", self.root)
        self.assertRaises(RuntimeError, made.getChildWithDefault, b"a", None)

    def test_scope(self) -> None:
        """What the specification names."""
        self.answer(
            self.looking,
            b"PATCH /app/b%20c/%C3%A9?x=%20 HTTP/1.1\r\nHost: example.com\r\n"
            b"X-A: 1\r\nX-A: 2\r\n\r\n",
        )
        expected = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "PATCH",
            "scheme": "http",
            "path": "/app/b c/\xe9",
            "raw_path": b"/app/b%20c/%C3%A9",
            "query_string": b"x=%20",
            "root_path": "/app",
            "headers": [(b"host", b"example.com"), (b"x-a", b"1"), (b"x-a", b"2")],
            "client": ("192.168.1.1", 54321),
            "server": ("10.0.0.1", 12345),
            "state": {},
        }
        self.assertEqual(self.scope, expected)

    def test_root(self) -> None:
        """An application may be all of a site, and the site be a part of another."""
        for root, expected in (("", ""), ("/outer/", "/outer")):
            self.site.resource = asgi.ASGIResource(self.looking, root)
            self.get(b"http://a/b" if root else b"/b")
            self.assertEqual((self.scope["root_path"], self.scope["path"]), (expected, "/b"))

    def test_host(self) -> None:
        """A request that was told to have come by another host is told of as that."""

        class Behind(Resource):
            """What is behind a server that speaks TLS."""

            def getChild(self, path: bytes, request: Any) -> Any:
                """Ask the application, as another host."""
                request.setHost(b"example.com", 443, True)
                return asgi.ASGIResource(looking)

        looking = self.looking
        self.root.putChild(b"behind", Behind())
        for _ in range(2):
            self.get(b"/behind/x")
            self.assertEqual(self.scope["scheme"], "https")
            self.assertEqual(self.scope["server"], ("example.com", 443))
            self.assertIn((b"host", b"example.com"), self.scope["headers"])
            self.answer(self.looking)
            self.assertEqual(self.scope["scheme"], "http")
            self.assertEqual(self.scope["server"], ("10.0.0.1", 12345))

    def test_state(self) -> None:
        """Each call has its own copy of what the lifespan has made."""
        made = self.site.resource = asgi.ASGIResource(self.looking)
        made.state["a"] = 1
        self.get(b"/")
        self.scope["state"]["b"] = 2
        self.get(b"/")
        self.assertEqual(self.scope["state"], {"a": 1})


class HTTPTests(CallTestCase):
    """Requests and responses."""

    def test_onePiece(self) -> None:
        """The length of a body in one piece is known."""
        self.assertEqual(
            self.sending({**START, "headers": [(b"content-type", b"a/b"), (b"X-a", b"1")]}, BODY),
            b"HTTP/1.1 200 OK\r\nServer: Torsion\r\nContent-Type: a/b\r\nX-A: 1\r\n"
            b"Content-Length: 4\r\n\r\nbody",
        )

    def test_pieces(self) -> None:
        """More pieces go out as they are sent, and the head with the first."""
        seen: list[bytes] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            for message in (START, MORE, {**MORE, "body": b""}, BODY):
                await send(message)
                seen.append(self.written())

        sent = self.answer(application)
        self.assertEqual(seen[0], b"")
        self.assertTrue(seen[1].endswith(b"chunked\r\n\r\n5\r\npiece\r\n"), seen)
        self.assertTrue(sent.endswith(b"\r\npiece\r\n4\r\nbody\r\n0\r\n\r\n"), sent)

    def test_headers(self) -> None:
        """Headers come several times, and stand in for the server's."""
        fields = [(b"Server", b"mine"), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
        sent = self.sending({**START, "headers": fields}, BODY)
        self.assertIn(b"Server: mine\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n", sent)
        self.assertNotIn(b"Torsion", sent)

    def test_noBody(self) -> None:
        """Responses without a body, and without the key for it."""
        sent = self.sending({**START, "status": 204}, {"type": "http.response.body"})
        self.assertEqual(sent, b"HTTP/1.1 204 No Content\r\nServer: Torsion\r\n\r\n")
        fields = [(b"content-length", b"9")]
        sent = self.sending({**START, "status": 304, "headers": fields}, {**BODY, "body": b""})
        self.assertIn(b"Content-Length: 9\r\n", sent)
        sent = self.sending(START, {"type": "http.response.body"})
        self.assertTrue(sent.endswith(b"Content-Length: 0\r\n\r\n"), sent)
        sent = self.answer(self.looking, b"HEAD /app HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(sent.endswith(b"\r\n\r\n"), sent)
        self.assertNotIn(b"seen", sent)
        for body in (b"", b"123456789"):
            told = {**START, "headers": fields}, {**BODY, "body": body}
            sent = self.sending(*told, request=b"HEAD /app HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(sent.endswith(b"Content-Length: 9\r\n\r\n"), sent)

    def test_keepAlive(self) -> None:
        """The connection goes on."""
        for _ in range(3):
            self.assertTrue(self.sending(START, BODY).endswith(b"body"))

    def test_bodies(self) -> None:
        """A body arrives in pieces, with a length and in chunks."""
        post = b"POST /app HTTP/1.1\r\nHost: a\r\n"
        self.answer(self.looking, post + b"Content-Length: 6\r\n\r\nab")
        self.send(b"cd")
        self.assertTrue(self.send(b"ef").endswith(b"\r\n\r\nabcdef"))
        self.answer(self.looking, post + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        self.assertTrue(self.send(b"2\r\nbc\r\n0\r\n\r\n").endswith(b"\r\n\r\nabc"))

    def test_spooled(self) -> None:
        """A body that lies in a file comes in pieces too."""
        made = asgi.ASGIResource(self.looking)
        made.streaming = False
        self.root.putChild(b"app", made)
        body = b"0123456789" * 20_000
        sent = self.send(
            b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        self.assertTrue(sent.endswith(body))

    def test_unread(self) -> None:
        """What the application does not take is not read from the client."""
        taken: list[bytes] = []
        go: Deferred[None] = Deferred()

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await go
            while True:
                message = await receive()
                taken.append(message["body"])
                if not message["more_body"]:
                    break
            await send(START)
            await send(BODY)

        length = 10**6
        post = b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length
        self.answer(application, post)
        sent = 0
        while self.transport.producerState == "producing" and sent < length:
            self.channel.dataReceived(b"x" * 10_000)
            sent += 10_000
        self.assertLess(sent, 300_000)
        go.callback(None)
        self.assertEqual(self.transport.producerState, "producing")
        self.assertTrue(self.send(b"x" * (length - sent)).endswith(b"body"))
        self.assertEqual(sum(map(len, taken)), length)

    def test_slowReader(self) -> None:
        """`send` waits for a client that does not read."""
        sent: list[int] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await send(START)
            for number in range(3):
                await send(MORE)
                sent.append(number)
            await send(BODY)

        self.root.putChild(b"app", asgi.ASGIResource(application))
        self.transport.clear()
        write = self.transport.write

        def full(data: Any) -> None:
            write(data)
            self.transport.producer.pauseProducing()

        self.patch(self.transport, "write", full)  # a queue of one write
        self.channel.dataReceived(b"GET /app HTTP/1.1\r\nHost: a\r\n\r\n")
        for expected in ([0], [0, 1], [0, 1, 2]):
            self.assertEqual(sent, expected)
            self.transport.producer.resumeProducing()
        self.assertTrue(self.transport.value().endswith(b"\r\n4\r\nbody\r\n0\r\n\r\n"))


class EndTests(CallTestCase):
    """Clients that leave, and applications that fail."""

    def test_disconnect(self) -> None:
        """An application that asks hears that its client has left; sending is an error then."""
        heard: list[Any] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            for _ in range(3):
                heard.append((await receive())["type"])
            try:
                await send(START)
            except OSError as error:
                heard.append(type(error))
                raise RuntimeError from error

        self.answer(application)
        self.assertEqual(heard, ["http.request"])
        self.lose()
        self.assertEqual(heard, ["http.request", *["http.disconnect"] * 2, asgi.ClientDisconnected])

    def test_failsGone(self) -> None:
        """What is raised when the client has gone is logged, if it is not because of that."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            await receive()
            raise ZeroDivisionError

        self.answer(application)
        self.lose()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_afterwards(self) -> None:
        """After its response, a client is said to have left."""
        heard: list[str] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await send(START)
            await send(BODY)
            heard.append((await receive())["type"])
            heard.append((await receive())["type"])

        self.answer(application)
        self.assertEqual(heard[1:], ["http.disconnect"])

    def test_leftUploading(self) -> None:
        """A client may leave in the midst of a body."""
        heard: list[str] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            while "http.disconnect" not in heard:
                heard.append((await receive())["type"])

        self.answer(application, b"POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab")
        self.lose()
        self.assertEqual(heard, ["http.request", "http.disconnect"])

    def test_leftReading(self) -> None:
        """One that waits for room hears that nobody is there."""
        ended: list[Any] = []

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await send(START)
            await send(MORE)
            self.transport.producer.pauseProducing()
            try:
                await send(MORE)
            except OSError as error:
                ended.append(error)
                raise

        self.answer(application)
        self.lose()
        self.assertIsInstance(ended[0], asgi.ClientDisconnected)

    def test_cancelledReceive(self) -> None:
        """To wait for a message can be given up."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            waiting: Deferred[Message] = Deferred.fromCoroutine(receive())  # type: ignore[arg-type]
            waiting.cancel()
            self.failureResultOf(waiting, CancelledError)
            await send(START)
            await send(BODY)

        self.assertTrue(self.answer(application).endswith(b"body"))

    def assertFails(self, sent: bytes, words: str) -> None:
        """The client is told 500, and the log why."""
        self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
        (failure,) = self.flushLoggedErrors()
        self.assertIn(words, str(failure.value))

    def test_wrong(self) -> None:
        """Messages that are none, or too early, or missing."""
        self.assertFails(self.sending({"type": "x"}), "no message 'x'")
        self.assertFails(self.sending(BODY), "first message is")
        self.assertFails(self.sending(START, START), "comes 'http.response.body'")
        self.assertFails(self.sending(), "without a response")
        self.assertFails(self.sending(START), "without a body")
        three = {**START, "headers": [(b"content-length", b"3")]}
        for body in (b"ab", b"abcd"):
            self.assertFails(self.sending(three, {**BODY, "body": body}), "says otherwise")
        bad = {**START, "headers": [(b"a b", b"c")]}
        self.assertFails(self.sending(bad, BODY), "cannot be sent")

    def test_splitting(self) -> None:
        """What would end a header is refused."""
        for value in (b"b\r\nc: d", b"b\n", b"\x00"):
            bad = {**START, "headers": [(b"a", value)]}
            self.assertFails(self.sending(bad, BODY), "cannot be sent")
            self.assertFails(self.sending(bad, MORE), "cannot be sent")

    def assertBroken(self, *messages: Message) -> None:
        """The client sees that the response is not all."""
        self.connect()
        self.sending(*messages)
        self.assertTrue(self.transport.disconnected or self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    def test_late(self) -> None:
        """What goes wrong after the head was sent ends the connection."""
        self.assertBroken(START, MORE)
        self.assertBroken(START, MORE, START)
        three = {**START, "headers": [(b"content-length", b"3")]}
        self.assertBroken(three, MORE)
        self.assertBroken(three, {**MORE, "body": b"ab"}, {**BODY, "body": b""})

    def test_tooMuch(self) -> None:
        """An error after the response is logged."""
        self.assertTrue(self.sending(START, BODY, BODY).endswith(b"body"))
        self.assertEqual(len(self.flushLoggedErrors(asgi.MessageError)), 1)
