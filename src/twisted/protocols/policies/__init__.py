"""Policies for connections, put around a factory that need not know of them.

A `WrappingFactory` stands between the transport and the factory that it wraps, and puts a
`ProtocolWrapper` between the transport and each protocol. From outside it is a factory;
to the wrapped protocol, the wrapper is the transport.
"""

from twisted.protocols.policies._limits import (
    LimitConnectionsByPeer,
    LimitTotalConnectionsFactory,
    ThrottlingFactory,
    ThrottlingProtocol,
)
from twisted.protocols.policies._showing import (
    SpewingFactory,
    SpewingProtocol,
    TrafficLoggingFactory,
    TrafficLoggingProtocol,
)
from twisted.protocols.policies._timeouts import TimeoutFactory, TimeoutMixin, TimeoutProtocol
from twisted.protocols.policies._wrapping import ProtocolWrapper, WrappingFactory

__all__ = [
    "LimitConnectionsByPeer",
    "LimitTotalConnectionsFactory",
    "ProtocolWrapper",
    "SpewingFactory",
    "SpewingProtocol",
    "ThrottlingFactory",
    "ThrottlingProtocol",
    "TimeoutFactory",
    "TimeoutMixin",
    "TimeoutProtocol",
    "TrafficLoggingFactory",
    "TrafficLoggingProtocol",
    "WrappingFactory",
]
