"""Commands: what may be asked, with which arguments, and what is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from twisted.internet.defer import Deferred
from twisted.protocols.amp._arguments import pythonName
from twisted.protocols.amp._boxes import AmpBox
from twisted.protocols.amp._containers import Signature, objectsOf, stringsOf
from twisted.protocols.amp._errors import (
    InvalidSignature,
    RemoteAmpError,
    UnknownRemoteError,
)
from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

_F = TypeVar("_F", bound=Callable[..., Any])

#: Where a method keeps which commands it answers.
ANSWERS: Final = "_ampCommands"


def _insist(name: object, what: str) -> None:
    if not isinstance(name, bytes):
        raise TypeError(
            f'the name of {what} goes over the wire as bytes, not {name!r}: write b"..."'
        )


class Command:
    """Something to ask of the peer. Declare a subclass for each, and give it to `AMP.callRemote`.

    Making an instance checks the names of the arguments.

    Attributes:
        arguments: pairs of a name, as bytes, and a type, such as ``(b"a", Integer())``. In Python
            a name has underscores for its hyphens, and a capital letter if it is a keyword.
        response: the same for what is answered.
        errors: the exceptions that a responder may raise, and a code for each.
        fatalErrors: the same for those that end the connection.
        allErrors: both, those of base classes too.
        reverseErrors: the exceptions, by their codes.
        requiresAnswer: whether there is an answer. Without it `callRemote` returns None, and nobody
            hears of an error.
        commandName: what it is called on the wire: by default, the name of the class.
        commandType: makes the box of the command.
        responseType: makes the box of the answer.
        extra: nothing; for programs that ask for it.
    """

    arguments: ClassVar[Signature] = []
    response: ClassVar[Signature] = []
    extra: ClassVar[list[Any]] = []
    errors: ClassVar[Any] = {}
    fatalErrors: ClassVar[Any] = {}
    allErrors: ClassVar[dict[type[Exception], bytes]] = {}
    reverseErrors: ClassVar[dict[bytes, type[Exception]]] = {}
    requiresAnswer: ClassVar[bool] = True
    commandName: ClassVar[bytes] = b"Command"
    commandType: ClassVar[Callable[..., AmpBox]] = AmpBox
    responseType: ClassVar[Callable[..., AmpBox]] = AmpBox

    _ampNames: ClassVar[frozenset[str]] = frozenset()
    _ampRequired: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kw: Any) -> None:
        """Check the declarations once, and prepare what each call looks up."""
        super().__init_subclass__(**kw)
        if "commandName" not in vars(cls):
            cls.commandName = cls.__name__.encode("ascii")
        _insist(cls.commandName, "a command")
        for word, signature in (("an argument", cls.arguments), ("a response", cls.response)):
            for key, _ in signature:
                _insist(key, word)
        # As they are declared here; with those of the bases in the two joint tables.
        cls.errors = dict(cls.errors)
        cls.fatalErrors = dict(cls.fatalErrors)
        cls.allErrors = {}
        for base in reversed(cls.__bases__):
            cls.allErrors |= getattr(base, "allErrors", {})
        cls.allErrors |= cls.errors | cls.fatalErrors
        cls.reverseErrors = {code: kind for kind, code in cls.allErrors.items()}
        for code in cls.reverseErrors:
            _insist(code, "an error")
        cls._ampNames = frozenset(pythonName(key) for key, _ in cls.arguments)
        cls._ampRequired = tuple(
            pythonName(key) for key, kind in cls.arguments if not getattr(kind, "optional", False)
        )

    def __init__(self, **kw: Any) -> None:
        self.structured = kw
        forgotten = [name for name in self._ampRequired if name not in kw]
        if forgotten:
            raise InvalidSignature(
                f"{type(self).__name__} needs {', '.join(forgotten)}, and was called with "
                f"{', '.join(kw) or 'nothing'}"
            )

    @classmethod
    def makeArguments(cls, objects: dict[str, Any], proto: Any) -> AmpBox:
        """Return a box with the arguments.

        Args:
            objects: the arguments, by their names in Python.
            proto: who sends it.

        Raises:
            InvalidSignature: There is one that the command does not have.
        """
        if not cls._ampNames.issuperset(objects):
            unknown = ", ".join(name for name in objects if name not in cls._ampNames)
            known = ", ".join(sorted(cls._ampNames)) or "no arguments"
            raise InvalidSignature(f"{unknown}: {cls.__name__} takes {known}")
        return stringsOf(objects, cls.arguments, cls.commandType(), proto)

    @classmethod
    def makeResponse(cls, objects: dict[str, Any], proto: Any) -> AmpBox:
        """Return a box with an answer.

        Args:
            objects: what a responder returned.
            proto: who sends it.
        """
        return stringsOf(objects, cls.response, cls.responseType(), proto)

    @classmethod
    def parseArguments(cls, box: AmpBox, protocol: Any) -> dict[str, Any]:
        """Return the arguments in a box, by their names in Python.

        Args:
            box: what was received; what the command does not declare is left aside.
            protocol: who has received it.
        """
        return objectsOf(box, cls.arguments, protocol)

    @classmethod
    def parseResponse(cls, box: AmpBox, protocol: Any) -> Any:
        """Return what is answered in a box, by the names in Python.

        Args:
            box: what was received; what the command does not declare is left aside.
            protocol: who has received it.
        """
        return objectsOf(box, cls.response, protocol)

    @classmethod
    def responder(cls, methodfunc: _F) -> _F:
        """Declare that a method of a `CommandLocator` answers this command: a decorator.

        The method gets the arguments by name. It returns a dict of what is to be answered, or a
        Deferred of one, or is a coroutine.
        """
        commands = getattr(methodfunc, ANSWERS, ())
        setattr(methodfunc, ANSWERS, (*commands, cls))
        return methodfunc

    def _ampAsk(self, dispatcher: Any) -> Deferred[Any] | None:
        """Send the command.

        Args:
            dispatcher: the `BoxDispatcher` through which it goes.

        Returns:
            A Deferred of the answer; None if none is required.
        """
        box = self.makeArguments(self.structured, dispatcher)
        pending: Deferred[Any] | None = dispatcher._ampSendCommand(
            self.commandName, box, self if self.requiresAnswer else None, self.requiresAnswer
        )
        return pending

    def _ampAnswered(self, box: AmpBox, dispatcher: Any) -> Any:
        """Return what the caller gets of an answer."""
        return self.parseResponse(box, dispatcher)

    def _ampFailed(self, failure: Failure, dispatcher: Any) -> Failure:
        """Return what the caller gets of an error, or of the end of the connection."""
        error = failure.value
        if not isinstance(error, RemoteAmpError):
            return failure
        kind = self.reverseErrors.get(error.errorCode, UnknownRemoteError)
        return Failure(kind(error.description))
