"""The path of a URL, to go about in: children, siblings, parents.

Everything is in bytes, as it is on the wire.  For anything beyond this, use `twisted.python.url`.
"""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import unquote_to_bytes

from hyperlink import URL

__all__ = ["URLPath"]


class URLPath:
    """A URL whose parts may be read and set; the methods give new ones.

    Args:
        scheme: such as ``b"http"``.
        netloc: host and port.
        path: the path, percent-encoded.
        query: what follows the question mark.
        fragment: what follows the number sign.
    """

    scheme: bytes
    netloc: bytes
    path: bytes
    query: bytes
    fragment: bytes

    def __init__(
        self,
        scheme: bytes | str = b"http",
        netloc: bytes | str = b"localhost",
        path: bytes | str = b"",
        query: bytes | str = b"",
        fragment: bytes | str = b"",
    ) -> None:
        self.scheme = _toBytes(scheme) or b"http"
        self.netloc = _toBytes(netloc)
        self.path = _toBytes(path) or b"/"
        self.query = _toBytes(query)
        self.fragment = _toBytes(fragment)

    @classmethod
    def _fromURL(cls, url: URL) -> Self:
        made = cls()
        encoded = url.to_uri()
        made.scheme = encoded.scheme.encode("ascii")
        made.netloc = encoded.authority(with_password=True).encode("ascii")
        path = encoded.replace(scheme="", host="", port=None, query=(), fragment="", userinfo="")
        made.path = b"/" + path.replace(rooted=False).to_text().encode("ascii")
        query = URL(query=encoded.query).to_text()
        made.query = query.removeprefix("?").encode("ascii")
        made.fragment = encoded.fragment.encode("ascii")
        return made

    @classmethod
    def fromString(klass, url: str) -> Self:
        """From text.

        Raises:
            ValueError: it is no `str`.
        """
        if not isinstance(url, str):
            raise ValueError(f"'url' must be a str, not {url!r}; use fromBytes for bytes")
        return klass._fromURL(URL.from_text(url))

    @classmethod
    def fromBytes(klass, url: bytes) -> Self:
        """From bytes, of ASCII or UTF-8.

        Raises:
            ValueError: it is no `bytes`.
        """
        if not isinstance(url, bytes):
            raise ValueError(f"'url' must be bytes, not {url!r}; use fromString for text")
        return klass.fromString(url.decode("utf-8"))

    @classmethod
    def fromRequest(klass, request: Any) -> Self:
        """The URL of a request of `twisted.web`, up to the part that was found so far."""
        return klass.fromBytes(request.prePathURL())

    def _toURL(self, keepQuery: bool) -> URL:
        url = URL.from_text(str(self)).replace(fragment="")
        return url if keepQuery else url.replace(query=())

    def pathList(self, unquote: bool = False, copy: bool = True) -> list[bytes]:
        """The segments of the path; the first one is empty.

        Args:
            unquote: whether to decode what is percent-encoded.
            copy: without meaning; the list is always a new one.
        """
        segments = self.path.split(b"/")
        return [unquote_to_bytes(one) for one in segments] if unquote else segments

    def sibling(self, path: bytes, keepQuery: bool = False) -> Self:
        """The URL beside this one.

        Args:
            path: the last segment; what needs to be is percent-encoded.
            keepQuery: whether it has the same query.
        """
        return self._fromURL(self._toURL(keepQuery).sibling(_toText(path)))

    def child(self, path: bytes, keepQuery: bool = False) -> Self:
        """The URL below this one; see `sibling`."""
        return self._fromURL(self._toURL(keepQuery).child(_toText(path)))

    def parent(self, keepQuery: bool = False) -> Self:
        """The URL of the directory above."""
        return self._relative("..", keepQuery)

    def here(self, keepQuery: bool = False) -> Self:
        """The URL of the directory that this one is in."""
        return self._relative(".", keepQuery)

    def _relative(self, path: str, keepQuery: bool) -> Self:
        base = self._toURL(keepQuery)
        return self._fromURL(base.click(path).replace(query=base.query))

    def click(self, st: bytes) -> Self:
        """Where a link on this page leads to.

        Args:
            st: the link: whole, absolute or relative.
        """
        return self._fromURL(URL.from_text(str(self)).click(_toText(st)))

    def __str__(self) -> str:
        text = b"%b://%b" % (self.scheme, self.netloc) if self.netloc else b""
        text += self.path
        if self.query:
            text += b"?" + self.query
        if self.fragment:
            text += b"#" + self.fragment
        return text.decode("ascii")

    def __repr__(self) -> str:
        parts = ("scheme", "netloc", "path", "query", "fragment")
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in parts)
        return f"URLPath({inside})"


def _toBytes(part: bytes | str) -> bytes:
    return part.encode("ascii") if isinstance(part, str) else part


def _toText(part: bytes | str) -> str:
    return part.decode("utf-8") if isinstance(part, bytes) else part
