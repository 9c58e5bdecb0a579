"""Resources: what a path leads to, and what answers a request.

A resource has children, by the parts of the path. `getChild` makes those that were not put there
with `putChild`. Chapter 2.8 of the documentation is about them.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from zope.interface import Attribute, Interface, implementer

from twisted.python.components import proxyForInterface
from twisted.web.error import UnsupportedMethod
from twisted.web.http import FORBIDDEN, NOT_FOUND, RESPONSES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "EncodingResourceWrapper",
    "ErrorPage",
    "ForbiddenResource",
    "IResource",
    "NoResource",
    "Resource",
    "getChildForRequest",
]


class IResource(Interface):
    """Answers requests, and has children that do."""

    isLeaf = Attribute("Whether this answers for all that is below it.")

    def getChildWithDefault(name: bytes, request: Any) -> Any:
        """The child of a name, or a resource that says that there is none.

        Args:
            name: one part of the path, unquoted.
            request: what is asked.

        Returns:
            A resource; or a Deferred or a coroutine that gives one.
        """

    def putChild(path: bytes, child: Any) -> None:
        """Give the child of a name."""

    def render(request: Any) -> Any:
        """Answer a request.

        Returns:
            The body; or `server.NOT_DONE_YET`, if `request.finish` will be called; or a Deferred
            or a coroutine that gives one of them.
        """


def getChildForRequest(resource: Any, request: Any) -> Any:
    """The resource below `resource` that the rest of the path leads to.

    Args:
        resource: where to begin.
        request: its `postpath` is used up, part by part, and its `prepath` grows.

    Returns:
        The resource; or the first Deferred or coroutine on the way, which `server.Request` knows
        how to go on with.
    """
    while request.postpath and not resource.isLeaf:
        part = request.postpath.pop(0)
        request.prepath.append(part)
        resource = resource.getChildWithDefault(part, request)
        if not hasattr(resource, "isLeaf"):
            break
    return resource


def streams(site: Any, target: bytes) -> bool:
    """Whether a request is for a resource that has `streaming` set.

    Only resources that were put into the tree are looked at: `getChild` may want the body.

    Args:
        site: what the root was given to; None if nothing was.
        target: the path, with the query.
    """
    found = getattr(site, "resource", None)
    for part in target.partition(b"?")[0].split(b"/")[1:]:
        if found is None or found.isLeaf:
            break
        found = getattr(found, "children", {}).get(unquote_to_bytes(part))
    return bool(getattr(found, "streaming", False))


@implementer(IResource)
class Resource:
    """A resource whose methods answer the methods of HTTP: `render_GET`, `render_POST`.

    Each returns the body, as `bytes`; or `server.NOT_DONE_YET`, and calls `request.finish` later;
    or is a coroutine, or returns a Deferred, for one of them.

    Attributes:
        isLeaf: whether this answers for all that is below it too.
        children: the children that were put here, by name.
        streaming: whether requests are rendered as soon as their headers are there. Their
            `content` is then an `http.BodyStream`, and what the client sends never waits in a file.
    """

    isLeaf: bool | int = 0
    entityType = IResource
    streaming: bool = False
    server: Any = None
    allowedMethods: Sequence[bytes]

    def __init__(self) -> None:
        self.children: dict[bytes, Any] = {}

    def getChild(self, path: bytes, request: Any) -> Any:
        """A child that was not put here. This gives a page that says that there is none.

        Args:
            path: one part of the path, unquoted.
            request: what is asked.
        """
        return _notFound()

    def getChildWithDefault(self, path: bytes, request: Any) -> Any:
        """The child that was put here by `putChild`, or else what `getChild` gives."""
        if path in self.children:
            return self.children[path]
        return self.getChild(path, request)

    def putChild(self, path: bytes, child: Any) -> None:
        """Put a resource below this one.

        Args:
            path: one part of the path, unquoted, without slashes; empty for this path with a slash.
            child: the resource.

        Raises:
            TypeError: `path` is not bytes.
        """
        if not isinstance(path, bytes):
            raise TypeError(f"putChild takes a path of bytes: putChild({path!r}.encode(), ...)")
        self.children[path] = child
        child.server = self.server

    def getChildForRequest(self, request: Any) -> Any:
        """See the function of that name."""
        return getChildForRequest(self, request)

    def render(self, request: Any) -> Any:
        """Answer a request with the method that is named after its method.

        Raises:
            UnsupportedMethod: there is none.
        """
        try:
            method = _METHODS[request.method]
        except KeyError:
            method = "render_" + request.method.decode("latin-1")
        render = getattr(self, method, None)
        if render is None:
            raise UnsupportedMethod(_allowedMethods(self))
        return render(request)

    def render_HEAD(self, request: Any) -> Any:
        """Answer as to GET; the body is not sent."""
        get = getattr(self, "render_GET", None)
        if get is None:
            raise UnsupportedMethod(_allowedMethods(self))
        return get(request)

    # The names that resources have as collections.

    def getStaticEntity(self, name: bytes) -> Any:
        """The child that was put here; None if there is none."""
        return self.children.get(name)

    def getDynamicEntity(self, name: bytes, request: Any) -> Any:
        """The child that is made for a request; None if there is none."""
        return self.getChild(name, request) if name not in self.children else None

    def listStaticNames(self) -> list[bytes]:
        """The names of the children that were put here."""
        return list(self.children)

    def listStaticEntities(self) -> list[tuple[bytes, Any]]:
        """The children that were put here, with their names."""
        return list(self.children.items())

    def listNames(self) -> list[bytes]:
        """The names of all children that are known."""
        return self.listStaticNames() + self.listDynamicNames()

    def listEntities(self) -> list[tuple[bytes, Any]]:
        """All children that are known, with their names."""
        return self.listStaticEntities() + self.listDynamicEntities()

    def listDynamicNames(self) -> list[bytes]:
        """The names of the children that are made for requests, as far as they are known."""
        return []

    def listDynamicEntities(self, request: Any = None) -> list[tuple[bytes, Any]]:
        """The children that are made for requests, as far as they are known."""
        return []

    def delEntity(self, name: bytes) -> None:
        """Take a child away.

        Raises:
            KeyError: there is none of that name.
        """
        del self.children[name]

    def reallyPutEntity(self, name: bytes, entity: Any) -> None:
        """Put a child here."""
        self.putChild(name, entity)


_METHODS = {
    method: "render_" + method.decode("ascii")
    for method in (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH")
}


def _allowedMethods(resource: Any) -> list[bytes]:
    """The methods that a resource answers, of those that it says or has methods for."""
    said = getattr(resource, "allowedMethods", None)
    if said is not None:
        return list(said)
    names = (name for name in dir(resource) if name.startswith("render_"))
    methods = {name.removeprefix("render_").encode("ascii", "replace") for name in names}
    if b"GET" not in methods:
        methods.discard(b"HEAD")
    return sorted(methods)


class _UnsafeErrorPageBase(Resource):
    """A page that says what is wrong.

    Args:
        status: such as 404.
        brief: a few words.
        detail: a sentence or two, as HTML.
    """

    def __init__(self, status: int, brief: str, detail: str) -> None:
        super().__init__()
        self.code = status
        self.brief = brief
        self.detail = detail

    def render(self, request: Any) -> bytes:
        """The page, with its status."""
        request.setResponseCode(self.code)
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        page = (
            "<!DOCTYPE html>\n<html>\n"
            f"<head><title>{self.code} - {self.brief}</title></head>\n"
            f"<body>\n<h1>{self.brief}</h1>\n<p>{self.detail}</p>\n</body>\n</html>\n"
        )
        return page.encode("utf-8")

    def getChild(self, path: bytes, request: Any) -> Resource:
        """What is below what is wrong is wrong in the same way."""
        return self


class ErrorPage(_UnsafeErrorPageBase):
    """A page that says what is wrong; nothing is escaped, so that `detail` can hold HTML."""


class NoResource(_UnsafeErrorPageBase):
    """A page that says that there is nothing here.

    Args:
        message: what it says, as HTML.
    """

    def __init__(self, message: str = "Sorry. No luck finding that resource.") -> None:
        super().__init__(NOT_FOUND, "No Such Resource", message)


class ForbiddenResource(_UnsafeErrorPageBase):
    """A page that says that this is not for the client.

    Args:
        message: what it says, as HTML.
    """

    def __init__(self, message: str = "Sorry, resource is forbidden.") -> None:
        super().__init__(FORBIDDEN, "Forbidden Resource", message)


def _notFound() -> Resource:
    return NoResource("There is nothing at this address.")


def errorPageFor(status: int, detail: str) -> Resource:
    """A page that says what is wrong; `detail` is text."""
    brief = RESPONSES.get(status, b"Error").decode("ascii")
    return _UnsafeErrorPageBase(status, brief, escape(detail))


class EncodingResourceWrapper(proxyForInterface(IResource)):  # type: ignore[misc]  # made by a call
    """A resource whose answers are encoded, if one of some encoders will.

    Args:
        original: the resource.
        encoders: each has `encoderForRequest(request)`, which gives an encoder or None.
    """

    def __init__(self, original: Any, encoders: Sequence[Any]) -> None:
        super().__init__(original)
        self._encoders = encoders

    def getEncoder(self, request: Any) -> Any:
        """The encoder for a request: that of the first who has one; None if nobody has."""
        for factory in self._encoders:
            encoder = factory.encoderForRequest(request)
            if encoder is not None:
                return encoder
        return None

    def render(self, request: Any) -> Any:
        """What the resource answers; the request encodes it."""
        request._encoder = self.getEncoder(request)
        return self.original.render(request)
