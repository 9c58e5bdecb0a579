"""One call of an application."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from io import TextIOBase
from types import TracebackType
from typing import Any
from wsgiref.util import FileWrapper, is_hop_by_hop

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.wsgi._output import ClientGone, Head, Output

__name__ = "twisted.web.wsgi"  # the public path, for pickles and messages
__all__ = ["Call", "WSGIApplication"]

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_log = Logger(namespace="twisted.web.wsgi")

_isStatus = re.compile(r"([1-9][0-9]{2})(?: ([^\x00-\x1f\x7f]*))?").fullmatch
_isName = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_isValue = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*").fullmatch
#: How long a line of `wsgi.errors` may be; a longer one is logged in parts.
_LINE_CHARACTERS = 8192


class ErrorLog(TextIOBase):
    """`wsgi.errors`: what is written to it goes to the log, line by line."""

    def __init__(self) -> None:
        self._line = ""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Log the lines that this completes.

        Raises:
            TypeError: it is not text.
        """
        if not isinstance(text, str):
            raise TypeError(f"wsgi.errors takes str, not {type(text).__name__}: decode it")
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._say(line)
        while len(self._line) > _LINE_CHARACTERS:
            self._say(self._line[:_LINE_CHARACTERS])
            self._line = self._line[_LINE_CHARACTERS:]
        return len(text)

    def flush(self) -> None:
        """Log what is there of a line."""
        line, self._line = self._line, ""
        if line:
            self._say(line)

    def _say(self, line: str) -> None:
        _log.error("{line}", line=line)


def readHead(status: Any, headers: Any) -> Head:
    """What an application says of its response, if it may be said.

    Raises:
        TypeError: it is of other types than those of PEP 3333.
        ValueError: it is no status, or no header, or not one for applications.
    """
    if type(status) is not str:
        raise TypeError(f"start_response takes a status of str, such as '200 OK': not {status!r}")
    matched = _isStatus(status)
    if matched is None:
        raise ValueError(f"start_response takes a status such as '200 OK': not {status!r}")
    if not isinstance(headers, list):
        raise TypeError(f"start_response takes a list of headers, not {type(headers).__name__}")
    fields = []
    for header in headers:
        if not isinstance(header, tuple) or len(header) != 2:
            raise TypeError(f"a header is a tuple, (name, value): not {header!r}")
        name, value = header
        if type(name) is not str or type(value) is not str:
            raise TypeError(f"the name and the value of a header are str: not {header!r}")
        if not _isName(name) or not _isValue(value):
            raise ValueError(f"{header!r} cannot be sent as a header")
        if is_hop_by_hop(name):
            raise ValueError(f"{name!r} is for the server to say, not for an application")
        if name.lower() == "content-length" and not (value.isascii() and value.isdigit()):
            raise ValueError(f"a Content-Length is a number: not {value!r}")
        fields.append((name.encode("ascii"), value.encode("latin-1")))
    reason = (matched[2] or "").encode("latin-1")
    return Head(int(matched[1]), reason, fields)


class Call:
    """A call of an application, in a thread, with all that PEP 3333 says of it.

    Args:
        application: the application.
        environ: what it is given; what is of the call itself is added.
        output: where its response goes.
    """

    def __init__(
        self, application: WSGIApplication, environ: dict[str, Any], output: Output
    ) -> None:
        self._application = application
        self._output = output
        self._head: Head | None = None
        self._begun = False
        self._errors = ErrorLog()
        self._input = environ["wsgi.input"]
        self._environ = environ
        environ["wsgi.errors"] = self._errors
        environ["wsgi.file_wrapper"] = FileWrapper

    def run(self) -> None:
        """Call it, and send what it answers."""
        try:
            try:
                self._answer()
            finally:
                self._errors.flush()
                self._input.close()
            self._output.finish()
        except ClientGone:
            # It was told so, and has cleaned up; there is nobody to answer.
            pass
        except BaseException:
            # Not even SystemExit may leave the client waiting, nor end a thread of the pool.
            self._output.fail(Failure())

    def _answer(self) -> None:
        result = self._application(self._environ, self.startResponse)
        try:
            # There is no telling with an iterator what comes after the piece.
            single = isinstance(result, list | tuple) and len(result) == 1
            for piece in result:
                if piece or type(piece) is not bytes:
                    self._send(piece, single and not self._begun)
                elif self._output.gone:
                    break
            if not self._begun:
                self._send(b"", True)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def startResponse(
        self, status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo | None = None, /
    ) -> Callable[[bytes], None]:
        """Say how the response begins; `start_response` of PEP 3333.

        Args:
            status: such as ``"200 OK"``.
            headers: a list of pairs of `str`.
            exc_info: an exception; with it, an earlier status is replaced.

        Returns:
            What writes a piece of the body at once.

        Raises:
            RuntimeError: it was called before, without an exception.
            BaseException: that of `exc_info`, if the client has been told another status.
        """
        if exc_info is not None:
            try:
                if self._begun:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # the traceback has this frame in it
        elif self._head is not None:
            raise RuntimeError("start_response was called twice, without exc_info")
        self._head = readHead(status, headers)
        return self._write

    def _write(self, data: bytes) -> None:
        self._send(data, False)

    def _send(self, data: bytes, last: bool) -> None:
        """Send a piece, after the head; when it is the `last`, its length is known, and told."""
        if not isinstance(data, bytes):
            raise TypeError(
                f"an application yields and writes bytes, not {type(data).__name__}:"
                " encode text, with 'utf-8'"
            )
        if not self._begun:
            head = self._head
            if head is None:
                raise RuntimeError(
                    f"{self._application!r} has not called start_response before its first piece"
                )
            if last and not any(name.lower() == b"content-length" for name, _ in head.fields):
                head.fields.append((b"Content-Length", b"%d" % len(data)))
            self._begun = True
            self._output.begin(head)
        self._output.write(data, last)
