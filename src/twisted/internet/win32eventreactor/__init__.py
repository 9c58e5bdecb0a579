"""The reactor on Windows' waits for events, sockets and windows' messages alike; chapter 3.9.4."""

from twisted.internet.win32eventreactor._reactor import Win32Reactor as Win32Reactor
from twisted.internet.win32eventreactor._reactor import install as install

__all__ = ["Win32Reactor", "install"]
