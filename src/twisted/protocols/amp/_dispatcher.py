"""Questions and answers: which belong together, and who answers the questions of the peer."""

from __future__ import annotations

from typing import Any, Final

from zope.interface import implementer

from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.internet.error import ConnectionLost
from twisted.logger import Logger
from twisted.protocols.amp._boxes import AmpBox, QuitBox
from twisted.protocols.amp._commands import Command
from twisted.protocols.amp._errors import (
    PROTOCOL_ERRORS,
    UNHANDLED_ERROR_CODE,
    UNKNOWN_ERROR_CODE,
    MalformedAmpBox,
    NoEmptyBoxes,
    ProtocolSwitched,
    RemoteAmpError,
    UnhandledCommand,
)
from twisted.protocols.amp._interfaces import IBoxReceiver
from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

# The keys of boxes that belong to the protocol, and not to a command.
ASK: Final = b"_ask"
ANSWER: Final = b"_answer"
COMMAND: Final = b"_command"
ERROR: Final = b"_error"
ERROR_CODE: Final = b"_error_code"
ERROR_DESCRIPTION: Final = b"_error_description"

#: How many commands of the peer may wait for their answers. About a kilobyte is kept for each.
MAX_UNANSWERED: Final = 100_000

_log = Logger(namespace="twisted.protocols.amp")


@implementer(IBoxReceiver)
class BoxDispatcher:
    """Sends commands and has those of the peer answered.

    Args:
        locator: an `IResponderLocator`, which knows who answers what.

    Attributes:
        boxSender: the `IBoxSender` of the connection; None if there is none.
        maxUnanswered: how many commands of the peer may wait for their answers; one more ends the
            connection.
    """

    boxSender: Any = None
    maxUnanswered: int = MAX_UNANSWERED

    # On the class, since subclasses need not call __init__.
    _ampAsked = 0
    _ampUnanswered = 0
    _ampPending: dict[bytes, tuple[Deferred[Any], Command | None]] | None = None
    _ampEndReason: Failure | None = None

    def __init__(self, locator: Any) -> None:
        self.locator = locator

    # Asking

    def callRemote(self, commandType: type[Command], *a: Any, **kw: Any) -> Deferred[Any] | None:
        """Ask the peer.

        Args:
            commandType: the command.
            a: what the command takes beside its arguments, as `ProtocolSwitchCommand` does.
            kw: the arguments, by their names in Python.

        Returns:
            A Deferred of the dict that is answered; None if the command requires no answer. It
            fails with an exception that the command declares, with `UnknownRemoteError`, with
            `UnhandledCommand`, or with the reason for which the connection has ended; and with
            `InvalidSignature` if an argument is missing.

        Raises:
            InvalidSignature: There is an argument that the command does not have.
            ProtocolSwitched: The connection speaks another protocol now.
        """
        try:
            command = commandType(*a, **kw)
        except Exception:  # of an argument's conversion
            return fail()
        return command._ampAsk(self)

    def callRemoteString(
        self, command: bytes, requiresAnswer: bool = True, **kw: bytes
    ) -> Deferred[AmpBox] | None:
        """Ask the peer, without a `Command` that tells of types.

        Args:
            command: its name.
            requiresAnswer: whether there is an answer.
            kw: the keys and values of the box.

        Returns:
            A Deferred of the box that is answered; None if no answer is required.
        """
        return self._ampSendCommand(command, AmpBox(kw), None, requiresAnswer)

    def _ampSendCommand(
        self, name: bytes, box: AmpBox, command: Command | None, requiresAnswer: bool
    ) -> Deferred[Any] | None:
        """Send the box of a command, and keep note of who waits for the answer.

        Args:
            name: the name of the command.
            box: its arguments; the keys of the protocol are added to it.
            command: what understands the answer; None to take the box as it is.
            requiresAnswer: whether there is one.
        """
        reason = self._ampEndReason
        if reason is not None:
            if not requiresAnswer:
                return None
            return fail(reason if command is None else command._ampFailed(reason, self))
        if self.boxSender is None:
            raise ConnectionLost("there is no connection yet: wait for connectionMade")
        box[COMMAND] = name
        if not requiresAnswer:
            box._ampEmit(self.boxSender)
            return None
        self._ampAsked += 1
        tag = box[ASK] = b"%x" % (self._ampAsked,)
        pending: Deferred[Any] = Deferred()
        if self._ampPending is None:
            self._ampPending = {}
        self._ampPending[tag] = (pending, command)
        try:
            box._ampEmit(self.boxSender)
        except BaseException:
            self._ampPending.pop(tag, None)
            raise
        return pending

    def failAllOutgoing(self, reason: Failure) -> None:
        """Fail everything that was asked and is not answered, and all that will be asked."""
        self._ampEndReason = reason
        waiting, self._ampPending = self._ampPending or {}, None
        for pending, command in waiting.values():
            pending.errback(reason if command is None else command._ampFailed(reason, self))

    # Boxes

    def startReceivingBoxes(self, boxSender: Any) -> None:
        """There is a connection now."""
        self.boxSender = boxSender

    def stopReceivingBoxes(self, reason: Failure) -> None:
        """There is no connection any more."""
        self.failAllOutgoing(reason)

    def ampBoxReceived(self, box: AmpBox) -> None:
        """A command, an answer or an error has come.

        Raises:
            NoEmptyBoxes: The box is none of these.
            MalformedAmpBox: It answers what was not asked, or lacks a key.
        """
        if ANSWER in box:
            pending, command = self._ampWaitingFor(box[ANSWER])
            if command is None:
                pending.callback(box)
                return
            try:
                result = command._ampAnswered(box, self)
            except Exception:
                pending.errback()
            else:
                pending.callback(result)
        elif ERROR in box:
            failure = Failure(_errorIn(box))
            pending, command = self._ampWaitingFor(box[ERROR])
            pending.errback(failure if command is None else command._ampFailed(failure, self))
        elif COMMAND in box:
            self._ampAnswer(box)
        else:
            raise NoEmptyBoxes(f"a box is no command, no answer and no error: {sorted(box)[:8]!r}")

    def _ampWaitingFor(self, tag: bytes) -> tuple[Deferred[Any], Command | None]:
        try:
            return (self._ampPending or {}).pop(tag)
        except KeyError:
            raise MalformedAmpBox(f"an answer to what was not asked: {tag[:40]!r}") from None

    def unhandledError(self, failure: Failure) -> None:
        """Nobody takes care of an error: have it logged, and the connection closed."""
        self.boxSender.unhandledError(failure)

    # Answering

    def dispatchCommand(self, box: AmpBox) -> Deferred[Any]:
        """Have a command answered.

        Returns:
            A Deferred of the box of the answer. It fails with `RemoteAmpError` to tell the peer of
            an error.
        """
        return maybeDeferred(self._ampRespond, box)

    def _ampRespond(self, box: AmpBox) -> Any:
        name = box[COMMAND]
        respond = self.locator.locateResponder(name)
        if respond is None:
            raise RemoteAmpError(
                UNHANDLED_ERROR_CODE,
                f"Unhandled Command: {name!r}",
                local=Failure(UnhandledCommand(name)),
            )
        return respond(box)

    def _ampAnswer(self, box: AmpBox) -> None:
        if self._ampUnanswered >= self.maxUnanswered:
            raise MalformedAmpBox(
                f"the peer has asked {self._ampUnanswered} commands and waits for their answers"
            )
        tag = box.get(ASK)
        # An answer that is there at once needs no Deferred: benchmarks/amp_cases.py, "calls".
        respond = self._ampRespond
        if type(self).dispatchCommand is not BoxDispatcher.dispatchCommand:
            respond = self.dispatchCommand
        try:
            answer = respond(box)
        except Exception:
            self._ampRefuse(Failure(), tag)
            return
        if not isinstance(answer, Deferred):
            self._ampReply(answer, tag)
            return
        self._ampUnanswered += 1
        answer.addBoth(self._ampNowAnswered).addCallbacks(
            self._ampReply, self._ampRefuse, callbackArgs=(tag,), errbackArgs=(tag,)
        ).addErrback(self.unhandledError)

    def _ampNowAnswered(self, outcome: Any) -> Any:
        self._ampUnanswered -= 1
        return outcome

    def _ampReply(self, answer: AmpBox, tag: bytes | None) -> None:
        if tag is None:
            return
        try:
            answer[ANSWER] = tag
            self._ampSend(answer)
        except Exception:
            self._ampTell(Failure(), tag)

    def _ampRefuse(self, failure: Failure, tag: bytes | None) -> None:
        if tag is None:
            self.unhandledError(getattr(failure.value, "local", None) or failure)
        else:
            self._ampTell(failure, tag)

    def _ampTell(self, failure: Failure, tag: bytes) -> None:
        error = failure.value
        if isinstance(error, RemoteAmpError):
            box = QuitBox() if error.fatal else AmpBox()
            code, description = error.errorCode, error.onWire
        else:
            # What is wrong here is nobody's business there.
            _log.failure("A command of the peer could not be answered", failure)
            box = QuitBox()
            code, description = UNKNOWN_ERROR_CODE, b"Unknown Error"
        box[ERROR] = tag
        box[ERROR_CODE] = code
        box[ERROR_DESCRIPTION] = description[:_MAX_DESCRIPTION]
        self._ampSend(box)

    def _ampSend(self, box: AmpBox) -> None:
        if self._ampEndReason is not None:
            return  # Whoever has asked is gone.
        try:
            box._ampEmit(self.boxSender)
        except ProtocolSwitched:
            _log.warn("An answer comes too late: the connection speaks another protocol now")


# A value is not longer.
_MAX_DESCRIPTION: Final = 0xFFFF


def _errorIn(box: AmpBox) -> Exception:
    try:
        code = box[ERROR_CODE]
        description = box[ERROR_DESCRIPTION].decode("utf-8", "replace")
    except KeyError as missing:
        raise MalformedAmpBox(f"an error without {missing.args[0]!r}") from None
    kind = PROTOCOL_ERRORS.get(code, RemoteAmpError)
    error: Exception = kind(code, description)
    return error
