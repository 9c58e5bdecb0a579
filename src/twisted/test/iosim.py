"""A client and a server joined in memory, under the name that programs know it by."""

from twisted.internet.testing import (
    ConnectionCompleter as ConnectionCompleter,
)
from twisted.internet.testing import (
    FakeAddress as FakeAddress,
)
from twisted.internet.testing import (
    FakeTransport as FakeTransport,
)
from twisted.internet.testing import (
    IOPump as IOPump,
)
from twisted.internet.testing import (
    connect as connect,
)
from twisted.internet.testing import (
    connectedServerAndClient as connectedServerAndClient,
)
from twisted.internet.testing import (
    makeFakeClient as makeFakeClient,
)
from twisted.internet.testing import (
    makeFakeServer as makeFakeServer,
)

__all__ = [
    "ConnectionCompleter",
    "FakeAddress",
    "FakeTransport",
    "IOPump",
    "connect",
    "connectedServerAndClient",
    "makeFakeClient",
    "makeFakeServer",
]
