"""HTTP/1.1 without input and output: bytes in, events out, for servers and for clients.

One strict grammar, that of RFC 9110 and RFC 9112. What is not in it is an error, and after an error
nothing more is read: two programs that understand the same bytes differently are how requests are
smuggled past a proxy.

Where the grammar is left to the reader, or a leniency is allowed, this is the strict one:

- lines end with CR LF; a bare LF or a bare CR is an error;
- no empty line before a request; no line that continues a header;
- one `Content-Length`, of digits; not together with `Transfer-Encoding`;
- `Transfer-Encoding` is ``chunked``, once, and HTTP/1.1;
- one `Host` in a request of HTTP/1.1; one that agrees with the URL, if that is whole;
- the target of a request is a path, a URL, or what its method asks for;
- chunk sizes are hexadecimal digits, at most 16; no whitespace around them.
"""

from twisted.web._h1._errors import LocalError as LocalError
from twisted.web._h1._errors import RemoteError as RemoteError
from twisted.web._h1._events import END as END
from twisted.web._h1._events import End as End
from twisted.web._h1._events import Event as Event
from twisted.web._h1._events import RequestHead as RequestHead
from twisted.web._h1._events import ResponseHead as ResponseHead
from twisted.web._h1._reader import RequestReader as RequestReader
from twisted.web._h1._reader import ResponseReader as ResponseReader
from twisted.web._h1._writer import RequestWriter as RequestWriter
from twisted.web._h1._writer import ResponseWriter as ResponseWriter
from twisted.web._h1._writer import field_lines as field_lines

__all__ = [
    "END",
    "End",
    "Event",
    "LocalError",
    "RemoteError",
    "RequestHead",
    "RequestReader",
    "RequestWriter",
    "ResponseHead",
    "ResponseReader",
    "ResponseWriter",
    "field_lines",
]
