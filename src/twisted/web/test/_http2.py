"""A scripted peer of an end of HTTP/2: the library h2 at the other side of a fake transport."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.web import resource, server
from twisted.web._limits import DEFAULT_LIMITS, Limits

try:
    from h2 import events
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.settings import SettingCodes, Settings

except ImportError:  # an extra
    SKIP = "h2 is not installed"
else:
    SKIP = ""

Fields = list[tuple[bytes, bytes]]

#: How large the transport lets its buffer become, as real ones do.
BUFFER_BYTES = 65536


def get(path: bytes = b"/", *more: tuple[bytes, bytes], method: bytes = b"GET") -> Fields:
    """A request."""
    pseudo = [(b":method", method), (b":scheme", b"http"), (b":authority", b"a"), (b":path", path)]
    return [*pseudo, *more]


def post(path: bytes = b"/", *more: tuple[bytes, bytes]) -> Fields:
    """A request with a body."""
    return get(path, *more, method=b"POST")


class Answer:
    """What has come on one stream."""

    def __init__(self) -> None:
        self.status = 0
        self.interim: list[int] = []
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.trailers: dict[bytes, bytes] = {}
        self.ended = False
        self.reset: int | None = None


class Transport(StringTransport):
    """Says that it is full, as real ones do."""

    full = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        super().write(data)
        if not self.full and self.producer is not None and self.io.tell() > BUFFER_BYTES:
            self.full = True
            self.producer.pauseProducing()

    def taken(self) -> bytes:
        """What was written, which makes room."""
        data = self.value()
        self.clear()
        return data

    def drain(self) -> None:
        """Tell the producer that there is room."""
        if self.full and not self.io.tell():
            self.full = False
            if self.producer is not None:
                self.producer.resumeProducing()


class Peer:
    """One end, by h2.

    Args:
        protocol: the other end, which has a `Transport`.
        client: whether this is the client.
        clock: of the other end.
        settings: ours.
    """

    def __init__(
        self, protocol: Any, client: bool, clock: Clock, settings: dict[Any, int] | None = None
    ) -> None:
        self.protocol = protocol
        self.clock = clock
        self.transport: Any = protocol.transport
        self.h2 = H2Connection(
            H2Configuration(
                client_side=client,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        if settings is not None:
            self.h2.local_settings = Settings(client=client, initial_values=settings)
        self.answers: dict[int, Answer] = {}
        self.gone: Any = None
        self.log: list[Any] = []
        self.takes = True  # whether the windows are opened again
        self.piece = 0  # how many bytes are given at a time; 0 for all
        self.h2.initiate_connection()

    def exchange(self) -> None:
        """Give each end what the other has written, until there is nothing."""
        while True:
            self.clock.advance(0)
            sent, received = self.h2.data_to_send(), self.transport.taken()
            if not sent and not received:
                return
            self.give(sent)
            self.read(received)
            self.transport.drain()

    def give(self, data: bytes) -> None:
        """Give the other end bytes."""
        size = self.piece or len(data) or 1
        for at in range(0, len(data), size):
            self.protocol.dataReceived(data[at : at + size])

    def read(self, data: bytes) -> None:
        """Look at what the other end has written."""
        for event in self.h2.receive_data(data):
            self.log.append(event)
            number = getattr(event, "stream_id", None)
            if isinstance(event, events.ConnectionTerminated):
                self.gone = event
            elif number:
                self._found(self.answers.setdefault(number, Answer()), event)

    def _found(self, answer: Answer, event: Any) -> None:
        if isinstance(event, events.ResponseReceived | events.RequestReceived):
            answer.headers = dict(event.headers)
            answer.status = int(answer.headers.pop(b":status", b"0"))
        elif isinstance(event, events.InformationalResponseReceived):
            answer.interim.append(int(dict(event.headers)[b":status"]))
        elif isinstance(event, events.DataReceived):
            answer.body += event.data
            if self.takes and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, events.TrailersReceived):
            answer.trailers = dict(event.headers)
        elif isinstance(event, events.StreamEnded):
            answer.ended = True
        elif isinstance(event, events.StreamReset):
            answer.reset = int(event.error_code)

    def begin(self, fields: Fields, body: bytes | None = None) -> int:
        """Begin a request, and end it if it has a body or none; see `ask`."""
        number = self.h2.get_next_available_stream_id()
        self.h2.send_headers(number, fields, end_stream=body is None)
        if body is not None:
            for at in range(0, len(body), 16384):
                self.h2.send_data(number, body[at : at + 16384])
            self.h2.end_stream(number)
        self.answers[number] = Answer()
        return number

    def open(self, fields: Fields) -> int:
        """Begin a request that has a body."""
        number = self.h2.get_next_available_stream_id()
        self.h2.send_headers(number, fields)
        self.answers[number] = Answer()
        return number

    def ask(self, fields: Fields, body: bytes | None = None) -> Answer:
        """Make a request; what has come of the answer."""
        number = self.begin(fields, body)
        self.exchange()
        return self.answers[number]


class Page(resource.Resource):
    """Answers with what a function makes of the request."""

    isLeaf = True

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.render = answer  # type: ignore[method-assign]  # whatever the method


class ServerTestCase(SynchronousTestCase):
    """Tests with a site, and one connection to it."""

    limits: Limits = DEFAULT_LIMITS

    def setUp(self) -> None:
        if SKIP:
            raise SkipTest(SKIP)
        self.clock = Clock()
        self.root = resource.Resource()
        self.requests: list[Any] = []
        self.lost: list[Any] = []
        self.page(b"", lambda request: b"root")
        self.page(b"later", self.later)
        self.page(b"echo", lambda request: request.content.read())
        self.connect()

    def page(self, path: bytes, answer: Any) -> None:
        """Put a page below the root."""
        self.root.putChild(path, Page(answer))

    def later(self, request: Any) -> int:
        """Keep the request, and answer it later."""
        self.requests.append(request)
        request.notifyFinish().addErrback(self.lost.append)
        return server.NOT_DONE_YET

    def connect(
        self,
        limits: Limits = DEFAULT_LIMITS,
        settings: dict[Any, int] | None = None,
        **options: Any,
    ) -> None:
        """Begin a new connection, to a new site."""
        self.site = server.Site(self.root, reactor=self.clock, limits=limits, **options)
        self.accept()
        self.peer = Peer(self.channel, True, self.clock, settings)
        self.peer.exchange()

    def accept(self) -> None:
        """Have a client that has said nothing yet."""
        self.transport = Transport(lenient=True)
        self.channel = self.site.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def lose(self, reason: Any) -> None:
        """The client goes away."""
        self.channel.connectionLost(reason)


def frames(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """The frames in what was sent: kind, flags, stream and payload of each."""
    found = []
    while data:
        end = 9 + int.from_bytes(data[:3], "big")
        found.append((data[3], data[4], int.from_bytes(data[5:9], "big"), data[9:end]))
        data = data[end:]
    return found


__all__ = ["BUFFER_BYTES", "SKIP", "Answer", "Fields", "Page", "Peer", "ServerTestCase"]
__all__ += ["SettingCodes", "Transport", "frames", "get", "post"]
