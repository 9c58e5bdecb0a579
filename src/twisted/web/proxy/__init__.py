"""Proxies: for clients that ask for whole URLs, and in front of a server.

Theory of operation. A request is read, and written anew, and so is its response: none of the bytes
that say where a message ends are ever passed on, so that the two sides cannot disagree about that.
What is said for one connection only (RFC 9110, 7.6.1) is left out. Bodies are passed on as they
arrive, as fast as the other side takes them, both ways.

A proxy for clients gets whatever they ask for, from inside of your network too. Decide who may use
it: listen where they are, or override `ProxyRequest.process`.
"""

from twisted.web.proxy._forward import Proxy as Proxy
from twisted.web.proxy._forward import ProxyRequest as ProxyRequest
from twisted.web.proxy._passing import ProxyClient as ProxyClient
from twisted.web.proxy._passing import ProxyClientFactory as ProxyClientFactory
from twisted.web.proxy._reverse import ReverseProxy as ReverseProxy
from twisted.web.proxy._reverse import ReverseProxyRequest as ReverseProxyRequest
from twisted.web.proxy._reverse import ReverseProxyResource as ReverseProxyResource
from twisted.web.server import NOT_DONE_YET as NOT_DONE_YET

__all__ = [
    "NOT_DONE_YET",
    "Proxy",
    "ProxyClient",
    "ProxyClientFactory",
    "ProxyRequest",
    "ReverseProxy",
    "ReverseProxyRequest",
    "ReverseProxyResource",
]
