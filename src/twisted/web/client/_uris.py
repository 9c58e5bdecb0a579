"""URIs, and what may be in a request line."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urldefrag, urljoin, urlparse

__name__ = "twisted.web.client"  # the public path, for pickles and messages

_isMethod = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_isURI = re.compile(rb"[\x21-\x7e]+").fullmatch
_hostAndPort = re.compile(rb"(\[[^\]]*\]|.*?)(?::([0-9]*))?").fullmatch

_DEFAULT_PORTS = {b"http": 80, b"https": 443}
#: How many URIs are remembered with their parts: programs ask for few, again and again.
_REMEMBERED = 512
_MAX_PORT = 65535


def checkedMethod(method: bytes) -> bytes:
    """The method, if it can be one.

    Raises:
        TypeError: it is not bytes.
        ValueError: it has something in it that would end it.
    """
    if not isinstance(method, bytes):
        raise TypeError(f"a method is bytes, such as b'GET', not {method!r}")
    if not _isMethod(method):
        raise ValueError(f"not a method: {method!r}")
    return method


def checkedURI(uri: bytes) -> bytes:
    """The URI without the spaces around it, if it can be sent.

    Raises:
        TypeError: it is not bytes.
        ValueError: it has whitespace, control characters or others that are not ASCII in it.
    """
    if not isinstance(uri, bytes):
        raise TypeError(f"a URI is bytes: give {uri!r}.encode('ascii')")
    uri = uri.strip(b" ")
    if not _isURI(uri):
        raise ValueError(f"not a URI: {uri!r}; quote what is not visible ASCII with '%'")
    return uri


@lru_cache(maxsize=_REMEMBERED)
def _split(
    uri: bytes, defaultPort: int | None
) -> tuple[bytes, bytes, bytes, int, bytes, bytes, bytes, bytes]:
    parts = urlparse(uri.strip())
    default = _DEFAULT_PORTS.get(parts.scheme, 80) if defaultPort is None else defaultPort
    match = _hostAndPort(parts.netloc)
    host, port = (parts.netloc, b"") if match is None else (match.group(1), match.group(2))
    number = int(port) if port and len(port) <= len(str(_MAX_PORT)) else default
    if number > _MAX_PORT or len(port or b"") > len(str(_MAX_PORT)):
        raise ValueError(f"{uri!r} has a port above {_MAX_PORT}")
    if host[:1] == b"[":
        host = host[1:-1]
    return (
        parts.scheme,
        parts.netloc,
        host,
        number,
        parts.path,
        parts.params,
        parts.query,
        parts.fragment,
    )


class URI:
    """A URI in its parts, all of them bytes but for the port.

    Args:
        scheme: in small letters, such as ``b"http"``.
        netloc: host and port as they are written.
        host: an address without brackets, or a name.
        port: the number.
        path, params, query, fragment: the rest, without the signs between them.
    """

    __slots__ = ("fragment", "host", "netloc", "params", "path", "port", "query", "scheme")

    def __init__(
        self,
        scheme: bytes,
        netloc: bytes,
        host: bytes,
        port: int,
        path: bytes,
        params: bytes,
        query: bytes,
        fragment: bytes,
    ) -> None:
        self.scheme = scheme
        self.netloc = netloc
        self.host = host
        self.port = port
        self.path = path
        self.params = params
        self.query = query
        self.fragment = fragment

    def __repr__(self) -> str:
        return f"<URI {self.toBytes()!r}>"

    @classmethod
    def fromBytes(cls, uri: bytes, defaultPort: int | None = None) -> URI:
        """Take a URI apart.

        Args:
            uri: the whole of it.
            defaultPort: the port if it names none; that of its scheme by default.

        Raises:
            TypeError: it is not bytes.
            ValueError: its port is none.
        """
        if not isinstance(uri, bytes):
            raise TypeError(f"a URI is bytes: give {uri!r}.encode('ascii')")
        return cls(*_split(uri, defaultPort))

    def toBytes(self) -> bytes:
        """Put it together."""
        query = b"?" + self.query if self.query else b""
        fragment = b"#" + self.fragment if self.fragment else b""
        path = self._path() if self.path or not (query or fragment) else b"/"
        start = b"%b://%b" % (self.scheme, self.netloc) if self.scheme or self.netloc else b""
        return start + path + query + fragment

    def _path(self) -> bytes:
        return self.path + b";" + self.params if self.params else self.path

    @property
    def originForm(self) -> bytes:
        """What is asked for of the server: the path and the query (RFC 9112, 3.2.1)."""
        path = self._path() or b"/"
        if path[:1] != b"/":
            path = b"/" + path
        return path + b"?" + self.query if self.query else path


def hostHeader(uri: URI) -> bytes:
    """The value of ``Host`` for a URI: without what tells who the user is, or the usual port."""
    host = b"[%b]" % uri.host if b":" in uri.host else uri.host
    if uri.port == _DEFAULT_PORTS.get(uri.scheme):
        return host
    return b"%b:%d" % (host, uri.port)


def origin(uri: bytes) -> tuple[bytes, bytes, int]:
    """What two URIs share if one may see what is secret of the other (RFC 6454)."""
    parts = URI.fromBytes(uri)
    return parts.scheme, parts.host.lower(), parts.port


def joined(base: bytes, reference: bytes) -> bytes:
    """A reference, as it is meant in a document at `base`, whose fragment it inherits."""
    target, fragment = urldefrag(urljoin(base, reference))
    fragment = fragment or urldefrag(base).fragment
    return target + b"#" + fragment if fragment else target
