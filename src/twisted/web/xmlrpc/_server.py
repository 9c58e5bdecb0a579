"""Resources whose methods are called by XML-RPC."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from inspect import signature
from typing import Any, TypeVar
from xmlrpc.client import Fault

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from twisted.web.xmlrpc._errors import BadMessage
from twisted.web.xmlrpc._reading import DEFAULT_LIMITS, Limits, read_call
from twisted.web.xmlrpc._writing import write_result

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.xmlrpc")
_F = TypeVar("_F", bound=Callable[..., Any])


def _misfit(method: Callable[..., Any], arguments: Sequence[Any]) -> str | None:
    """Why a method cannot be called with these; None if it can, or nobody knows."""
    try:
        signature(method).bind(*arguments)
    except TypeError as error:
        return str(error)
    except ValueError:  # it has no signature
        return None
    return None


def withRequest(f: _F) -> _F:
    """Have a method be called with the request before its arguments; a decorator."""
    f.withRequest = True  # type: ignore[attr-defined]  # a function can have any
    return f


class NoSuchFunction(Fault):
    """There is no method of the name that was called."""


class Handler:
    """Does what a method was called for, when that is long enough for a class; override `run`.

    A method returns an instance, and the client is told what `result`, a Deferred, fires with.

    Args:
        resource: the `XMLRPC` that was called.
        args: what `run` is called with.
    """

    def __init__(self, resource: Any, *args: Any) -> None:
        self.resource = resource
        self.result: Deferred[Any] = Deferred()
        self.run(*args)

    def run(self, *args: Any) -> None:
        """Do it, and fire `result` when it is done. Override this."""
        self.result.errback(
            Failure(NotImplementedError(f"{type(self).__name__} does not override run"))
        )


class XMLRPC(Resource):
    """A resource that can be called: a method `xmlrpc_add` answers calls of ``add``.

    A method returns what XML-RPC can say, or a `Fault`, or raises one; or a Deferred, a coroutine
    or a `Handler` for it. What else it raises is logged, and the client told that there was an
    error. If the client goes away, what it waits for is cancelled.

    Args:
        allowNone: whether None can be answered, by an extension that not all clients know.
        useDateTime: whether methods are called with `datetime`, or else with `DateTime`.

    Attributes:
        separator: between the parts of a name: the prefix of a handler below this, and the rest.
        limits: what a call may cost, as `Limits`.
        allowedMethods: those of HTTP.
    """

    NOT_FOUND = 8001
    FAILURE = 8002

    isLeaf = 1
    separator = "."
    allowedMethods = (b"POST",)
    limits: Limits = DEFAULT_LIMITS

    def __init__(self, allowNone: bool = False, useDateTime: bool = False) -> None:
        super().__init__()
        self.subHandlers: dict[str, Any] = {}
        self.allowNone = allowNone
        self.useDateTime = useDateTime

    # --- Which methods there are ---

    def putSubHandler(self, prefix: str, handler: Any) -> None:
        """Have another `XMLRPC` answer the calls of names that begin with ``prefix.``."""
        self.subHandlers[prefix] = handler

    def getSubHandler(self, prefix: str) -> Any:
        """Who answers for a prefix; None if nobody does."""
        return self.subHandlers.get(prefix)

    def getSubHandlerPrefixes(self) -> list[str]:
        """The prefixes that others answer for."""
        return list(self.subHandlers)

    def lookupProcedure(self, procedurePath: str) -> Callable[..., Any]:
        """The method for a name that a client calls. Override this to have others.

        Raises:
            NoSuchFunction: there is none; the client is told so.
        """
        prefix, separator, rest = procedurePath.partition(self.separator)
        if separator:
            handler = self.getSubHandler(prefix)
            if handler is None:
                raise NoSuchFunction(self.NOT_FOUND, f"no such subhandler {prefix}")
            below: Callable[..., Any] = handler.lookupProcedure(rest)
            return below
        found: Any = getattr(self, f"xmlrpc_{procedurePath}", None)
        if found is None or not callable(found):
            raise NoSuchFunction(self.NOT_FOUND, f"procedure {procedurePath} not found")
        method: Callable[..., Any] = found
        return method

    def listProcedures(self) -> list[str]:
        """The names of the methods here, without those of handlers below."""
        return [name.removeprefix("xmlrpc_") for name in dir(self) if name.startswith("xmlrpc_")]

    # --- Calls ---

    def render_POST(self, request: Any) -> Any:
        """Answer a call."""
        request.setHeader(b"content-type", b"text/xml; charset=utf-8")
        try:
            result = self._called(request)
        except Exception as error:  # of the program's method, or in what the client sends
            result = self._told(error)
        if isinstance(result, Handler):
            result = result.result
        if isinstance(result, Deferred | Coroutine):
            self._answerLater(request, ensureDeferred(result))
            return NOT_DONE_YET
        return self._answer(result)

    def _called(self, request: Any) -> Any:
        """What the method returns that a request calls."""
        content = request.content
        content.seek(0)
        # One more than is allowed is enough to know.
        body = content.read(self.limits.size + 1)
        try:
            name, arguments = read_call(body, self.useDateTime, self.limits)
        except BadMessage as error:
            return Fault(self.FAILURE, f"Can't deserialize input: {error}")
        method = self.lookupProcedure(name)
        if getattr(method, "withRequest", False):
            arguments = (request, *arguments)
        try:
            return method(*arguments)
        except TypeError:
            # The method's own, or is it the client who has not called it as it is?
            problem = _misfit(method, arguments)
            if problem is None:
                raise
            return Fault(self.FAILURE, f"{name}: {problem}")

    def _told(self, error: BaseException) -> Fault:
        """What a client is told of an error. What is no fault is ours, and not for everyone."""
        if isinstance(error, Fault):
            return error
        _log.failure(
            "A method of {resource!r} has failed",
            failure=Failure(error),
            resource=self,
        )
        return Fault(self.FAILURE, "error")

    def _answer(self, result: Any) -> bytes:
        try:
            return write_result(result, self.allowNone)
        except Exception as error:  # of an object of the program's, or because of its kind
            _log.failure("A result cannot be sent", failure=Failure(error))
            return write_result(Fault(self.FAILURE, f"Can't serialize output: {error}"))

    def _answerLater(self, request: Any, later: Deferred[Any]) -> None:
        gone = False

        def left(reason: Failure) -> None:
            nonlocal gone
            gone = True
            later.cancel()

        def known(result: Any) -> None:
            if gone:
                return
            if isinstance(result, Handler):
                self._answerLater(request, result.result)
                return
            body = self._answer(result)
            request.setHeader(b"content-length", b"%d" % len(body))
            request.write(body)
            request.finish()

        def failed(failure: Failure) -> Fault | None:
            return None if gone else self._told(failure.value)

        request.notifyFinish().addErrback(left)
        later.addErrback(failed).addCallback(known)
        later.addErrback(lambda failure: _log.failure("A call was not answered", failure))


class XMLRPCIntrospection(XMLRPC):
    """Tells what methods there are: ``listMethods``, ``methodHelp`` and ``methodSignature``.

    Args:
        parent: the `XMLRPC` whose methods these are; see `addIntrospection`.
    """

    def __init__(self, parent: Any) -> None:
        super().__init__()
        self._xmlrpc_parent = parent

    def xmlrpc_listMethods(self) -> list[str]:
        """The names of all methods."""
        names: list[str] = []
        waiting = [("", self._xmlrpc_parent)]
        while waiting:
            prefix, handler = waiting.pop()
            names += [prefix + name for name in handler.listProcedures()]
            for below in handler.getSubHandlerPrefixes():
                waiting.append(
                    (f"{prefix}{below}{handler.separator}", handler.getSubHandler(below))
                )
        return sorted(names)

    xmlrpc_listMethods.signature = [["array"]]  # type: ignore[attr-defined]  # see methodSignature

    def xmlrpc_methodHelp(self, method: str) -> str:
        """What a method is for: its attribute `help`, or its docstring."""
        found = self._xmlrpc_parent.lookupProcedure(method)
        said = getattr(found, "help", None) or getattr(found, "__doc__", None) or ""
        return str(said).strip()

    xmlrpc_methodHelp.signature = [["string", "string"]]  # type: ignore[attr-defined]  # as above

    def xmlrpc_methodSignature(self, method: str) -> Any:
        """The types of what a method returns and takes: its attribute `signature`.

        A list of the ways to call it, each a list of types; an empty string if they are not known.
        """
        return getattr(self._xmlrpc_parent.lookupProcedure(method), "signature", None) or ""

    xmlrpc_methodSignature.signature = [  # type: ignore[attr-defined]  # as above
        ["array", "string"],
        ["string", "string"],
    ]


def addIntrospection(xmlrpc: XMLRPC) -> None:
    """Let clients ask what methods there are, as ``system.listMethods`` and so on."""
    xmlrpc.putSubHandler("system", XMLRPCIntrospection(xmlrpc))
