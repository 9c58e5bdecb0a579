"""Endpoints: places to connect to or to listen at, as values.

A program that takes an endpoint, or the description of one, leaves it to its user what it speaks
over: TCP, a UNIX socket, TLS, a program's pipes.
"""

from twisted.internet.endpoints._clients import SSL4ClientEndpoint as SSL4ClientEndpoint
from twisted.internet.endpoints._clients import TCP4ClientEndpoint as TCP4ClientEndpoint
from twisted.internet.endpoints._clients import UNIXClientEndpoint as UNIXClientEndpoint
from twisted.internet.endpoints._clients import connectProtocol as connectProtocol
from twisted.internet.endpoints._descriptions import clientFromString as clientFromString
from twisted.internet.endpoints._descriptions import serverFromString as serverFromString
from twisted.internet.endpoints._hostname import HostnameEndpoint as HostnameEndpoint
from twisted.internet.endpoints._hostname import TCP6ClientEndpoint as TCP6ClientEndpoint
from twisted.internet.endpoints._processes import ProcessEndpoint as ProcessEndpoint
from twisted.internet.endpoints._processes import StandardErrorBehavior as StandardErrorBehavior
from twisted.internet.endpoints._servers import (
    AdoptedStreamServerEndpoint as AdoptedStreamServerEndpoint,
)
from twisted.internet.endpoints._servers import SSL4ServerEndpoint as SSL4ServerEndpoint
from twisted.internet.endpoints._servers import StandardIOEndpoint as StandardIOEndpoint
from twisted.internet.endpoints._servers import TCP4ServerEndpoint as TCP4ServerEndpoint
from twisted.internet.endpoints._servers import TCP6ServerEndpoint as TCP6ServerEndpoint
from twisted.internet.endpoints._servers import UNIXServerEndpoint as UNIXServerEndpoint
from twisted.internet.endpoints._strings import quoteStringArgument as quoteStringArgument
from twisted.internet.endpoints._tls import wrapClientTLS as wrapClientTLS
from twisted.internet.endpoints._tls import wrapServerTLS as wrapServerTLS

__all__ = [
    "AdoptedStreamServerEndpoint",
    "HostnameEndpoint",
    "ProcessEndpoint",
    "SSL4ClientEndpoint",
    "SSL4ServerEndpoint",
    "StandardErrorBehavior",
    "StandardIOEndpoint",
    "TCP4ClientEndpoint",
    "TCP4ServerEndpoint",
    "TCP6ClientEndpoint",
    "TCP6ServerEndpoint",
    "UNIXClientEndpoint",
    "UNIXServerEndpoint",
    "clientFromString",
    "connectProtocol",
    "quoteStringArgument",
    "serverFromString",
    "wrapClientTLS",
    "wrapServerTLS",
]
