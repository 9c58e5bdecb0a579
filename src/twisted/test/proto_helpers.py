"""Stand-ins for tests, under the name of before they were part of `twisted.internet.testing`."""

from twisted.internet.testing import (
    AccumulatingProtocol as AccumulatingProtocol,
)
from twisted.internet.testing import (
    EventLoggingObserver as EventLoggingObserver,
)
from twisted.internet.testing import (
    FakeDatagramTransport as FakeDatagramTransport,
)
from twisted.internet.testing import (
    LineSendingProtocol as LineSendingProtocol,
)
from twisted.internet.testing import (
    MemoryReactor as MemoryReactor,
)
from twisted.internet.testing import (
    MemoryReactorClock as MemoryReactorClock,
)
from twisted.internet.testing import (
    NonStreamingProducer as NonStreamingProducer,
)
from twisted.internet.testing import (
    RaisingMemoryReactor as RaisingMemoryReactor,
)
from twisted.internet.testing import (
    StringIOWithoutClosing as StringIOWithoutClosing,
)
from twisted.internet.testing import (
    StringTransport as StringTransport,
)
from twisted.internet.testing import (
    StringTransportWithDisconnection as StringTransportWithDisconnection,
)
from twisted.internet.testing import (
    waitUntilAllDisconnected as waitUntilAllDisconnected,
)

__all__ = [
    "AccumulatingProtocol",
    "EventLoggingObserver",
    "FakeDatagramTransport",
    "LineSendingProtocol",
    "MemoryReactor",
    "MemoryReactorClock",
    "NonStreamingProducer",
    "RaisingMemoryReactor",
    "StringIOWithoutClosing",
    "StringTransport",
    "StringTransportWithDisconnection",
    "waitUntilAllDisconnected",
]
