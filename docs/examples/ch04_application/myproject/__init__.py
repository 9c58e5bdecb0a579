"""The project of section 4.3.4: what it serves."""

from twisted.internet.protocol import Factory
from twisted.protocols.wire import Echo


class MyFactory(Factory):
    protocol = Echo
