"""HTTP/2 (RFC 9113), for servers and for clients, on the library h2.

An engine without input and output (`_engine`, on `_frames`, `_hpack`, `_messages` and `_streams`),
and a protocol for each end around it (`_server`, `_client`). A server's requests and resources are
those of HTTP/1.1: each stream is the channel of a request (`_channel`).

Importing this needs h2; ``pip install torsion[http2]`` brings it.
"""

from twisted.web._http2._errors import StreamReset as StreamReset
from twisted.web._http2._server import ServerConnection as ServerConnection

__all__ = ["ServerConnection", "StreamReset"]
