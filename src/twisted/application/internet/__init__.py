"""Services that listen, connect, and call functions: what the reactor does, as parts of a program.

There is one for each ``listen...`` and ``connect...`` of a reactor, with the same arguments;
`StreamServerEndpointService` and `ClientService` do the same with endpoints.
"""

from twisted.application.internet._calls import CooperatorService, TimerService
from twisted.application.internet._client import ClientService, backoffPolicy
from twisted.application.internet._endpoint import StreamServerEndpointService
from twisted.application.internet._reactor import (
    MulticastServer,
    SSLClient,
    SSLServer,
    TCPClient,
    TCPServer,
    UDPClient,
    UDPServer,
    UNIXClient,
    UNIXDatagramClient,
    UNIXDatagramServer,
    UNIXServer,
)

__all__ = [
    "ClientService",
    "CooperatorService",
    "MulticastServer",
    "SSLClient",
    "SSLServer",
    "StreamServerEndpointService",
    "TCPClient",
    "TCPServer",
    "TimerService",
    "UDPClient",
    "UDPServer",
    "UNIXClient",
    "UNIXDatagramClient",
    "UNIXDatagramServer",
    "UNIXServer",
    "backoffPolicy",
]
