"""Stand-ins for reactors, transports and peers, for tests that need no network.

Protocols are tested against a `StringTransport`, or a client and a server together with
`connectedServerAndClient`; code that asks a reactor for connections, with a
`MemoryReactor`; code that depends on time too, with a `MemoryReactorClock`.
"""

from twisted.internet.testing._memoryreactor import (
    MemoryReactor,
    MemoryReactorClock,
    RaisingMemoryReactor,
    SynchronousResolver,
)
from twisted.internet.testing._protocols import (
    AccumulatingProtocol,
    EventLoggingObserver,
    LineSendingProtocol,
    NonStreamingProducer,
    waitUntilAllDisconnected,
)
from twisted.internet.testing._pump import (
    ConnectionCompleter,
    FakeAddress,
    FakeTransport,
    IOPump,
    connect,
    connectedServerAndClient,
    makeFakeClient,
    makeFakeServer,
)
from twisted.internet.testing._transports import (
    FakeDatagramTransport,
    StringIOWithoutClosing,
    StringTransport,
    StringTransportWithDisconnection,
)

__all__ = [
    "AccumulatingProtocol",
    "ConnectionCompleter",
    "EventLoggingObserver",
    "FakeAddress",
    "FakeDatagramTransport",
    "FakeTransport",
    "IOPump",
    "LineSendingProtocol",
    "MemoryReactor",
    "MemoryReactorClock",
    "NonStreamingProducer",
    "RaisingMemoryReactor",
    "StringIOWithoutClosing",
    "StringTransport",
    "StringTransportWithDisconnection",
    "SynchronousResolver",
    "connect",
    "connectedServerAndClient",
    "makeFakeClient",
    "makeFakeServer",
    "waitUntilAllDisconnected",
]
