"""WebSocket (RFC 6455) without input and output: bytes in, events out, for servers and for clients.

With permessage-deflate (RFC 7692). What is not in the RFCs is an error, with the code that the peer
is to be told; after an error nothing more is read. Whatever a peer sends, no more is kept than one
message, and no more comes out of one call of `Connection.feed` than one message and a batch.

Why there is an engine of our own, and not the library `wsproto`: that one inflates whatever has
arrived before anybody can look at the size, and costs five times as much for each message. It is
what the tests compare the verdicts with.
"""

from twisted.web._websocket._connection import Connection as Connection
from twisted.web._websocket._connection import State as State
from twisted.web._websocket._deflate import Deflate as Deflate
from twisted.web._websocket._errors import HandshakeError as HandshakeError
from twisted.web._websocket._errors import LocalError as LocalError
from twisted.web._websocket._errors import RemoteError as RemoteError
from twisted.web._websocket._events import Close as Close
from twisted.web._websocket._events import Event as Event
from twisted.web._websocket._events import Ping as Ping
from twisted.web._websocket._events import Pong as Pong
from twisted.web._websocket._handshake import ClientHandshake as ClientHandshake
from twisted.web._websocket._handshake import ServerHandshake as ServerHandshake
from twisted.web._websocket._limits import DEFAULT_LIMITS as DEFAULT_LIMITS
from twisted.web._websocket._limits import WebSocketLimits as WebSocketLimits

__all__ = [
    "ClientHandshake",
    "Close",
    "Connection",
    "DEFAULT_LIMITS",
    "Deflate",
    "Event",
    "HandshakeError",
    "LocalError",
    "Ping",
    "Pong",
    "RemoteError",
    "ServerHandshake",
    "State",
    "WebSocketLimits",
]
