"""WebSocket: messages both ways over one connection of HTTP (RFC 6455, RFC 7692).

A server puts a `WebSocketResource` into its tree of resources; a client connects with a
`WebSocketClientEndpoint`. Either gives each connection a protocol (see `WebSocketProtocol`), which
sends through its transport (see `WebSocketTransport`); or a `WebSocketStream`, over which a
coroutine iterates. The chapter "WebSocket" has examples.
"""

from twisted.web._websocket._limits import WebSocketLimits as WebSocketLimits
from twisted.web.websocket._client import ConnectionRejected as ConnectionRejected
from twisted.web.websocket._client import WebSocketClientEndpoint as WebSocketClientEndpoint
from twisted.web.websocket._errors import HandshakeFailed as HandshakeFailed
from twisted.web.websocket._errors import WebSocketClosed as WebSocketClosed
from twisted.web.websocket._errors import WebSocketLost as WebSocketLost
from twisted.web.websocket._errors import WebSocketNotOpen as WebSocketNotOpen
from twisted.web.websocket._interfaces import WebSocketClientFactory as WebSocketClientFactory
from twisted.web.websocket._interfaces import WebSocketProtocol as WebSocketProtocol
from twisted.web.websocket._interfaces import WebSocketServerFactory as WebSocketServerFactory
from twisted.web.websocket._interfaces import WebSocketTransport as WebSocketTransport
from twisted.web.websocket._resource import WebSocketResource as WebSocketResource
from twisted.web.websocket._stream import WebSocketStream as WebSocketStream

__all__ = [
    "ConnectionRejected",
    "HandshakeFailed",
    "WebSocketClientEndpoint",
    "WebSocketClientFactory",
    "WebSocketClosed",
    "WebSocketLimits",
    "WebSocketLost",
    "WebSocketNotOpen",
    "WebSocketProtocol",
    "WebSocketResource",
    "WebSocketServerFactory",
    "WebSocketStream",
    "WebSocketTransport",
]
