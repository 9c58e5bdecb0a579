"""The classes that programs are made of: protocols, and the factories that make them.

A protocol is the behaviour of one connection (or of one datagram port, or towards one
process); it goes when the connection goes. What has to outlive it belongs to the factory.
Nothing here knows the network: a reactor connects a factory to it.
"""

from twisted.internet.protocol._clients import ClientCreator
from twisted.internet.protocol._datagrams import (
    AbstractDatagramProtocol,
    ConnectedDatagramProtocol,
    DatagramProtocol,
)
from twisted.internet.protocol._factories import (
    ClientFactory,
    Factory,
    ReconnectingClientFactory,
    ServerFactory,
)
from twisted.internet.protocol._filewrapper import FileWrapper
from twisted.internet.protocol._streams import (
    BaseProtocol,
    ProcessProtocol,
    Protocol,
    connectionDone,
)

__all__ = [
    "AbstractDatagramProtocol",
    "BaseProtocol",
    "ClientCreator",
    "ClientFactory",
    "ConnectedDatagramProtocol",
    "DatagramProtocol",
    "Factory",
    "FileWrapper",
    "ProcessProtocol",
    "Protocol",
    "ReconnectingClientFactory",
    "ServerFactory",
    "connectionDone",
]
