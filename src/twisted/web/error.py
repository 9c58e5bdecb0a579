"""What can go wrong with pages: answers that are errors, and templates that cannot be written."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from traceback import StackSummary, format_list
from typing import TypeAlias

__all__ = [
    "Error",
    "FlattenerError",
    "InfiniteRedirection",
    "MissingRenderMethod",
    "MissingTemplateLoader",
    "PageRedirect",
    "RedirectWithNoLocation",
    "RenderError",
    "SchemeNotSupported",
    "UnexposedMethodError",
    "UnfilledSlot",
    "UnsupportedMethod",
    "UnsupportedType",
]

# How much of a string is shown by an error: so much of its begin, and of its end.
SHOWN = 20


# A status, as a number or as it is on the wire, and what goes with it.
_Code: TypeAlias = int | bytes
_Text: TypeAlias = bytes | None


def _phrase(code: int | bytes) -> bytes | None:
    """The reason phrase that goes with a status; None for one that has none."""
    try:
        return HTTPStatus(int(code)).phrase.encode("ascii")
    except ValueError:
        return None


class Error(Exception):
    """An answer of HTTP that is not what was asked for.

    Args:
        code: The status, as a number or as it is on the wire.
        message: The reason; that which belongs to the status if there is none.
        response: The body of the answer.

    Attributes:
        status, message, response: The same, `status` being bytes.
    """

    status: bytes
    message: bytes | None
    response: bytes | None

    def __init__(
        self, code: int | bytes, message: bytes | None = None, response: bytes | None = None
    ) -> None:
        message = message or _phrase(code)
        super().__init__(code, message, response)
        self.status = code if isinstance(code, bytes) else b"%d" % code
        self.message = message
        self.response = response

    def __str__(self) -> str:
        said = self.status if self.message is None else self.status + b" " + self.message
        return said.decode("utf-8", "replace")


def _to(message: bytes | None, code: int | bytes, place: bytes | None) -> bytes | None:
    """A reason that names the place that a redirection leads to."""
    message = message or _phrase(code)
    return message if place is None or message is None else message + b" to " + place


class _Redirection(Error):
    """An answer that leads to `location`, a URL, if that is known."""

    location: bytes | None

    def __init__(
        self, code: _Code, message: _Text = None, response: _Text = None, location: _Text = None
    ) -> None:
        super().__init__(code, _to(message, code, location), response)
        self.location = location


class PageRedirect(_Redirection):
    """The page is elsewhere: at `location`, a URL, if that is known."""


class InfiniteRedirection(_Redirection):
    """One redirection too many: the last of them leads to `location`."""


class RedirectWithNoLocation(Error):
    """The answer for `uri` is a redirection, and does not say where to."""

    uri: bytes

    def __init__(self, code: bytes | int, message: bytes, uri: bytes) -> None:
        super().__init__(code, _to(message, code, uri))
        self.uri = uri


class SchemeNotSupported(Exception):
    """A URI is of a scheme that an agent does not know, or of none."""


class RenderError(Exception):
    """An element cannot be rendered."""


class MissingRenderMethod(RenderError):
    """A template asks for a renderer that its element does not have.

    Attributes:
        element: The element.
        renderName: What the template calls the renderer.
    """

    def __init__(self, element: object, renderName: str) -> None:
        super().__init__(element, renderName)
        self.element = element
        self.renderName = renderName

    def __str__(self) -> str:
        return f"{self.element!r} has no method {self.renderName!r} that is a @renderer"


class MissingTemplateLoader(RenderError):
    """An element has no `loader`, so there is nothing to render.

    Attributes:
        element: The element.
    """

    def __init__(self, element: object) -> None:
        super().__init__(element)
        self.element = element

    def __str__(self) -> str:
        return f"{self.element!r} has no loader; give its class one, or pass it one"


class UnsupportedMethod(Exception):
    """A resource does not answer requests of the method that was used.

    Args:
        allowedMethods: The methods that it does answer.
    """

    def __init__(self, allowedMethods: Sequence[bytes], *args: object) -> None:
        super().__init__(allowedMethods, *args)
        if isinstance(allowedMethods, str | bytes):
            raise TypeError("allowedMethods is a list of methods, not one method")
        self.allowedMethods = allowedMethods

    def __str__(self) -> str:
        allowed = ", ".join(method.decode("latin-1") for method in self.allowedMethods)
        return f"the resource answers only: {allowed}"


class UnexposedMethodError(Exception):
    """A name was looked up that is no method, or one that was not exposed."""


class UnfilledSlot(Exception):
    """A slot was reached that nobody has filled, and that has no default."""


class UnsupportedType(Exception):
    """An object in a page is nothing that could be written there."""

    def __str__(self) -> str:
        return f"{self.args[0]!r} cannot be in a page; make it text with str(), or leave it out"


class FlattenerError(Exception):
    """Writing a page has failed.

    Args:
        exception: What was raised.
        roots: What was being written then, from the outside in.
        traceback: Where it was raised.

    The text names them all, with the lines of templates that they are from.
    """

    def __init__(
        self,
        exception: BaseException,
        roots: Sequence[object],
        traceback: StackSummary | None,
    ) -> None:
        super().__init__(exception, roots, traceback)

    def __str__(self) -> str:
        exception, roots, traceback = self.args
        lines = ["Exception while flattening:"]
        lines += [f"  {_shown(root)}" for root in roots]
        lines += [line.rstrip("\n") for line in format_list(traceback or [])]
        lines.append(f"{type(exception).__name__}: {exception}")
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        return str(self)


def _shown(root: object) -> str:
    """One line about a part of a page: for a tag, where it is from, and not all that is in it."""
    if isinstance(root, str | bytes):
        if len(root) <= 2 * SHOWN:
            return repr(root)
        return f"{root[:SHOWN]!r}<...>{root[-SHOWN:]!r}"
    tag = getattr(root, "tagName", None)
    text = repr(root) if tag is None else f"Tag <{tag}>"
    where = []
    if (file := getattr(root, "filename", None)) is not None:
        where.append(f'File "{file}"')
    if (line := getattr(root, "lineNumber", None)) is not None:
        where.append(f"line {line}, column {getattr(root, 'columnNumber', None)}")
    return ", ".join([*where, f"in {text}"]) if where else text
