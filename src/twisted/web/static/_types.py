"""What kind of thing a file is, by its name."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Iterable, Mapping

__name__ = "twisted.web.static"  # the public path, for pickles and messages

#: What systems do not know, or do not agree about.
_MORE_TYPES = {
    ".conf": "text/plain",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def loadMimeTypes(
    mimetype_locations: Iterable[str] | None = None,
    init: Callable[[Iterable[str] | None], object] = mimetypes.init,
) -> dict[str, str]:
    """The types that the system knows, by the ending of the name, with its dot.

    Args:
        mimetype_locations: more files to read them from, besides the usual ones.
        init: reads them; see `mimetypes.init`.
    """
    init(mimetype_locations)
    return {
        **mimetypes.types_map,
        **_MORE_TYPES,
    }


def getTypeAndEncoding(
    filename: str, types: Mapping[str, str], encodings: Mapping[str, str], defaultType: str
) -> tuple[str, str | None]:
    """The type of a file, and how it is compressed, by its name.

    Args:
        filename: the name.
        types, encodings: these by the ending of the name, with its dot.
        defaultType: that of all others.
    """
    base, ending = os.path.splitext(filename)
    encoding = encodings.get(ending.lower())
    if encoding is not None:
        ending = os.path.splitext(base)[1]
    return types.get(ending.lower(), defaultType), encoding
