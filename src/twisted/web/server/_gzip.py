"""Responses that are compressed."""

from __future__ import annotations

import re
import zlib
from typing import Any

__name__ = "twisted.web.server"  # the public path, for pickles and messages

_GZIP = 16  # added to the size of the window, it asks zlib for gzip's format
_takesGzip = re.compile(rb"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(0(?:\.\d*)?|1(?:\.0*)?))?\s*(?=,|$)")


class _GzipEncoder:
    """Compresses one response."""

    def __init__(self, compressLevel: int, request: Any) -> None:
        self._compressor = zlib.compressobj(compressLevel, zlib.DEFLATED, _GZIP + zlib.MAX_WBITS)
        self._request = request

    def encode(self, data: bytes) -> bytes:
        """A piece of the response, compressed, as far as it can be told."""
        if not self._request.startedWriting:
            self._request.responseHeaders.removeHeader(b"content-length")
        return self._compressor.compress(data)

    def finish(self) -> bytes:
        """The rest."""
        return self._compressor.flush()


class GzipEncoderFactory:
    """Compresses responses for clients that take gzip; see `resource.EncodingResourceWrapper`.

    Attributes:
        compressLevel: from 1, fast, to 9, small.
    """

    compressLevel = 9

    def encoderForRequest(self, request: Any) -> Any:
        """An encoder for a response; None if the client does not take it."""
        accepted = b",".join(request.requestHeaders.getRawHeaders(b"accept-encoding", []))
        match = _takesGzip.search(accepted.lower())
        if match is None or (match[1] is not None and not float(match[1])):
            return None
        headers = request.responseHeaders
        encodings = [*headers.getRawHeaders(b"content-encoding", []), b"gzip"]
        headers.setRawHeaders(b"content-encoding", [b",".join(encodings)])
        headers.addRawHeader(b"vary", b"accept-encoding")
        return _GzipEncoder(self.compressLevel, request)
