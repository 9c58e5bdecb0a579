"""XML-RPC: resources with methods that can be called over HTTP, and a client that calls them.

A message is read within `XMLRPC.limits`; one that has a document type, and with it entities, is
refused.
"""

from xmlrpc.client import Binary as Binary
from xmlrpc.client import DateTime as DateTime
from xmlrpc.client import Fault as Fault

from twisted.web.xmlrpc._client import Proxy as Proxy
from twisted.web.xmlrpc._client import QueryFactory as QueryFactory
from twisted.web.xmlrpc._client import QueryProtocol as QueryProtocol
from twisted.web.xmlrpc._errors import BadMessage as BadMessage
from twisted.web.xmlrpc._reading import Limits as Limits
from twisted.web.xmlrpc._server import XMLRPC as XMLRPC
from twisted.web.xmlrpc._server import Handler as Handler
from twisted.web.xmlrpc._server import NoSuchFunction as NoSuchFunction
from twisted.web.xmlrpc._server import XMLRPCIntrospection as XMLRPCIntrospection
from twisted.web.xmlrpc._server import addIntrospection as addIntrospection
from twisted.web.xmlrpc._server import withRequest as withRequest

__all__ = [
    "XMLRPC",
    "BadMessage",
    "Binary",
    "Boolean",
    "DateTime",
    "Fault",
    "Handler",
    "Limits",
    "NoSuchFunction",
    "Proxy",
    "QueryFactory",
    "QueryProtocol",
    "XMLRPCIntrospection",
    "addIntrospection",
    "withRequest",
]

#: True and False of XML-RPC are those of Python.
Boolean = bool
