"""From the bytes of a document to its text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

__name__ = "twisted.web.sux"

# How far an XML declaration goes that says what encoding the document has.
MAX_DECLARATION = 256

_declared = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']""")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoder:
    """Makes text of bytes, by the mark that they begin with, or the encoding that they declare.

    Args:
        lenient: Whether what cannot be read is replaced, instead of made half a surrogate pair.
    """

    def __init__(self, lenient: bool) -> None:
        self._errors = "replace" if lenient else "surrogateescape"
        self._begin = b""
        self._decode: Callable[..., str] | None = None
        self.encoding: str | None = None

    def feed(self, data: bytes, final: bool = False) -> str:
        """The text of the next bytes, as far as they are complete characters."""
        if self._decode is not None:
            return self._decode(data, final)
        self._begin += data
        begin = self._begin
        waiting = b"<?xml".startswith(begin[:5]) and b">" not in begin[:MAX_DECLARATION]
        marked = any(mark.startswith(begin[:3]) for mark, _ in _MARKS) and len(begin) < 3
        if not final and (marked or (waiting and len(begin) < MAX_DECLARATION)):
            return ""
        for mark, of in _MARKS:
            if begin.startswith(mark):
                begin, encoding = begin[len(mark) :], of
                break
        else:
            found = _declared.match(begin)
            encoding = found[1].decode("ascii") if found else "utf-8"
            encoding = encoding if _extendsASCII(encoding) else "utf-8"
        errors = "replace" if encoding.startswith("utf-16") else self._errors
        self.encoding = encoding
        self._decode = codecs.getincrementaldecoder(encoding)(errors).decode
        return self._decode(begin, final)


def _extendsASCII(encoding: str) -> bool:
    """Whether an encoding that a document claims is one of bytes that ASCII documents have too."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return False
    return name == "utf-8" or name.startswith(("iso8859", "cp125", "koi8"))
