"""Finding who answers a command."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypeAlias

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.protocols.amp._boxes import AmpBox
from twisted.protocols.amp._commands import ANSWERS, Command
from twisted.protocols.amp._errors import BadLocalReturn, RemoteAmpError
from twisted.protocols.amp._interfaces import IResponderLocator
from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

Responder: TypeAlias = Callable[[AmpBox], Any]


@implementer(IResponderLocator)
class CommandLocator:
    """Has methods that answer commands, each declared with `Command.responder`.

    One in a subclass takes the place of the one that a base class has for the same command.
    """

    _ampResponders: ClassVar[dict[bytes, tuple[type[Command], Callable[..., Any]]]] = {}

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls._ampResponders = {}
        for owner in reversed(cls.__mro__):
            for function in vars(owner).values():
                commands = getattr(function, ANSWERS, None)
                # An object may have an attribute of every name.
                for command in commands if isinstance(commands, tuple) else ():
                    cls._ampResponders[command.commandName] = (command, function)

    def locateResponder(self, name: bytes) -> Responder | None:
        """Return what answers the command `name`, from box to box; None if nothing does."""
        if type(self).lookupFunction is CommandLocator.lookupFunction:
            return self._ampFind(name)
        warnings.warn(
            f"{type(self).__name__} overrides lookupFunction: override locateResponder",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.lookupFunction(name)

    def lookupFunction(self, name: bytes) -> Responder | None:
        """What `locateResponder` was called once; call that."""
        return self._ampFind(name)

    def _ampFind(self, name: bytes) -> Responder | None:
        found = self._ampResponders.get(name)
        if found is None:
            return None
        return partial(self._ampFollow, *found)

    def _ampFollow(self, command: type[Command], function: Callable[..., Any], box: AmpBox) -> Any:
        objects = command.parseArguments(box, self)
        try:
            result = function.__get__(self, type(self))(**objects)
        except Exception as error:
            told = _declared(command, error)
            if told is error:
                raise
            raise told from error
        if inspect.iscoroutine(result):
            result = Deferred.fromCoroutine(result)
        if isinstance(result, Deferred):
            return result.addCallbacks(
                self._ampMakeResponse,
                _refuse,
                callbackArgs=(command, function),
                errbackArgs=(command,),
            )
        return self._ampMakeResponse(result, command, function)

    def _ampMakeResponse(
        self, result: Any, command: type[Command], function: Callable[..., Any]
    ) -> AmpBox:
        try:
            return command.makeResponse(result, self)
        except Exception as error:
            raise BadLocalReturn(
                f"{function!r} returned {result!r}, which is no answer to {command.__name__}:",
                Failure(),
            ) from error


def _refuse(failure: Failure, command: type[Command]) -> Failure:
    told = _declared(command, failure.value, failure)
    return failure if told is failure.value else Failure(told)


def _declared(
    command: type[Command], error: BaseException, failure: Failure | None = None
) -> BaseException:
    """What to tell the peer of an error, if the command declares it; else the error itself."""
    for kind in type(error).__mro__:
        code = command.allErrors.get(kind)
        if code is not None:
            fatal = kind in command.fatalErrors
            return RemoteAmpError(code, str(error), fatal, failure or Failure(error))
    return error


@implementer(IResponderLocator)
class SimpleStringLocator:
    """Answers each command with the method that is named after it, from box to box.

    The command ``Sum`` goes to ``amp_SUM(box)``, which returns a box, or a Deferred of one.

    Attributes:
        baseDispatchPrefix: what the names of these methods begin with.
    """

    baseDispatchPrefix: bytes = b"amp_"

    def locateResponder(self, name: bytes) -> Responder | None:
        """Return the method for the command `name`; None if there is none."""
        try:
            method = (self.baseDispatchPrefix + name.upper()).decode("ascii")
        except UnicodeDecodeError:
            return None
        found: Responder | None = getattr(self, method, None)
        return found
