"""TCP: connections, the ports that accept them, and the clients that make them.

Chapters 2.1 and 2.2; RFC 9293.
"""

from twisted.internet.tcp._client import BaseClient as BaseClient
from twisted.internet.tcp._client import Client as Client
from twisted.internet.tcp._client import Connector as Connector
from twisted.internet.tcp._connection import Connection as Connection
from twisted.internet.tcp._connection import Server as Server
from twisted.internet.tcp._port import Port as Port

__all__ = ["BaseClient", "Client", "Connection", "Connector", "Port", "Server"]
