"""Stand-ins for reactors, transports and peers, for tests that need no network.

Protocols are tested against a `StringTransport`, or a client and a server together with
`connectedServerAndClient`; code that asks a reactor for connections, with a
`MemoryReactor`; code that depends on time too, with a `MemoryReactorClock`.
"""

from twisted.internet.testing._memoryreactor import (
    MemoryReactor as MemoryReactor,
)
from twisted.internet.testing._memoryreactor import (
    MemoryReactorClock as MemoryReactorClock,
)
from twisted.internet.testing._memoryreactor import (
    RaisingMemoryReactor as RaisingMemoryReactor,
)
from twisted.internet.testing._memoryreactor import (
    SynchronousResolver as SynchronousResolver,
)
from twisted.internet.testing._protocols import (
    AccumulatingProtocol as AccumulatingProtocol,
)
from twisted.internet.testing._protocols import (
    EventLoggingObserver as EventLoggingObserver,
)
from twisted.internet.testing._protocols import (
    LineSendingProtocol as LineSendingProtocol,
)
from twisted.internet.testing._protocols import (
    NonStreamingProducer as NonStreamingProducer,
)
from twisted.internet.testing._protocols import (
    waitUntilAllDisconnected as waitUntilAllDisconnected,
)
from twisted.internet.testing._pump import (
    ConnectionCompleter as ConnectionCompleter,
)
from twisted.internet.testing._pump import (
    FakeAddress as FakeAddress,
)
from twisted.internet.testing._pump import (
    FakeTransport as FakeTransport,
)
from twisted.internet.testing._pump import (
    IOPump as IOPump,
)
from twisted.internet.testing._pump import (
    connect as connect,
)
from twisted.internet.testing._pump import (
    connectedServerAndClient as connectedServerAndClient,
)
from twisted.internet.testing._pump import (
    makeFakeClient as makeFakeClient,
)
from twisted.internet.testing._pump import (
    makeFakeServer as makeFakeServer,
)
from twisted.internet.testing._transports import (
    FakeDatagramTransport as FakeDatagramTransport,
)
from twisted.internet.testing._transports import (
    StringIOWithoutClosing as StringIOWithoutClosing,
)
from twisted.internet.testing._transports import (
    StringTransport as StringTransport,
)
from twisted.internet.testing._transports import (
    StringTransportWithDisconnection as StringTransportWithDisconnection,
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
