"""The connection of Perspective Broker: calls, answers, and who refers to what.

Objects of ours that the peer refers to, and those that it has copies of, are held for as long as
it does: each message that names one counts as one reference, and the peer lets go of each by a
message.  So what a message would have granted is taken back if that message cannot be sent, and a
reference of the peer's that we send back is kept until the message has gone: its end is told by a
message too, and must not come before.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CoroutineType
from typing import Any

from twisted.cred.error import LoginFailed, Unauthorized
from twisted.internet.defer import Deferred, fail
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.spread._bananacodec import BananaError
from twisted.spread._copies import Copies
from twisted.spread._failures import Error, failure2Copyable
from twisted.spread._held import Held, HeldObjects
from twisted.spread._messages import METHODS, messageName
from twisted.spread._references import DeadReferenceError, ProtocolError, RemoteReference
from twisted.spread.banana import Banana
from twisted.spread.flavors import NoSuchMethod, RemoteCache, RemoteCacheObserver
from twisted.spread.jelly import InsecureJelly, Jellyable, globalSecurity, jelly, unjelly

__name__ = "twisted.spread.pb"  # the public path, for the wire, pickles and messages

#: How many more references than it may have a peer may ask for, before the connection is ended.
MAX_VIOLATIONS = 3

_log = Logger(namespace=__name__)

#: Exceptions that tell what a peer did wrong, or what it is to know: no bugs of ours.
_EXPECTED = (Error, InsecureJelly, NoSuchMethod, ProtocolError, LoginFailed, Unauthorized)

#: The expression of an empty dictionary: most calls have no keywords.
_NO_KEYWORDS = [b"dictionary"]


class PBConnectionLost(Exception):
    """The connection ended before an answer came."""


class Broker(Banana):
    """A connection that carries calls.

    Args:
        isClient: whether it chooses the profile of Banana.
        security: what the peer may name.

    Attributes:
        version: of the messages below; both ends have to be of one.
        username: for programs to set.
        factory: what made it.
        maxReferences: objects of ours that the peer may refer to at a time.
        disconnected: whether the connection has ended.
        waitingForAnswers: Deferreds of calls, by the numbers of their messages; None for one that
            was cancelled, whose answer may still come.
        serializingPerspective: for whom an object is being written.
        unserializingPerspective: from whom an object is being read.
    """

    transport: Any
    version = 6
    username: Any = None
    factory: Any = None
    maxReferences = 1024
    maxBrokerRefsViolations = 0

    def __init__(self, isClient: bool = True, security: Any = globalSecurity) -> None:
        super().__init__(isClient)
        self.security = security
        self.disconnected = False
        self.waitingForAnswers: dict[int, Deferred[Any] | None] = {}
        self.serializingPerspective: Any = None
        self.unserializingPerspective: Any = None
        self._lastRequestID = 0
        self._lastLocalID = 0
        self._names: dict[bytes, Any] = {}
        self._references = HeldObjects()
        self._originals = HeldObjects()
        self._copies = Copies(self.decCacheRef)
        self._notifiers: dict[str, list[Callable[[], Any]]] = {}  # by what they wait for
        self._granted: list[tuple[HeldObjects, int]] = []  # by the message that is being made
        self._kept: list[Any] = []  # until that is sent
        self._unreferred: list[tuple[HeldObjects, int]] = []  # by the messages of this chunk
        self._pagers: list[Any] = []

    # The connection

    def connectionReady(self) -> None:
        """A profile was agreed on: say our version, and tell who waits."""
        self.sendCall(b"version", self.version)
        self._notify("connect")
        self.factory.clientConnectionMade(self)

    def connectionFailed(self) -> None:
        """There is no connection: tell who waits."""
        self._notify("fail")

    def _notify(self, event: str) -> None:
        """Call those who wait for an event, once."""
        for notifier in self._notifiers.pop(event, ()):
            self._guarded(notifier)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection ended: every call fails, every copy is gone."""
        self.disconnected = True
        if self.offence is not None:
            reason = Failure(self.offence)
        waiting, self.waitingForAnswers = self.waitingForAnswers, {}
        for deferred in waiting.values():
            if deferred is not None:
                deferred.errback(Failure(PBConnectionLost(reason)))
        originals, self._originals = self._originals, HeldObjects()
        references, self._references = self._references, HeldObjects()
        for held in originals.byID.values():
            self._stopped(held)
        for held in references.byID.values():
            if held.released is not None:
                self._guarded(held.released)
        self._notify("disconnect")
        for mine in (self._copies, self._names, self._pagers, self._unreferred):
            mine.clear()

    def _guarded(self, function: Callable[..., Any], *args: Any) -> None:
        """Call a function of the program's: what it raises is logged, and stops nothing."""
        try:
            function(*args)
        except Exception:
            _log.failure("Unhandled error in {function!r}", function=function)

    def notifyOnConnect(self, notifier: Callable[[], Any]) -> None:
        """Call a function when the connection is ready, or when it is told so later."""
        self._notifiers.setdefault("connect", []).append(notifier)

    def notifyOnFail(self, notifier: Callable[[], Any]) -> None:
        """Call a function if there is no connection after all."""
        self._notifiers.setdefault("fail", []).append(notifier)

    def notifyOnDisconnect(self, notifier: Callable[[], Any]) -> None:
        """Call a function when the connection ends.

        Raises:
            DeadReferenceError: it has ended already.
        """
        if self.disconnected:
            raise DeadReferenceError("the connection has ended already")
        self._notifiers.setdefault("disconnect", []).append(notifier)

    def dontNotifyOnDisconnect(self, notifier: Callable[[], Any]) -> None:
        """Undo one `notifyOnDisconnect`; that there is none is fine."""
        if notifier in self._notifiers.get("disconnect", ()):
            self._notifiers["disconnect"].remove(notifier)

    def onceGone(self, object: Any, function: Callable[[], Any]) -> None:
        """Call a function once, when the peer does not refer to an object any more.

        Args:
            object: a Referenceable that is sent after this call.
            function: called when the peer let go of the object, or when the connection ended.
        """
        if self.disconnected:
            function()
            return
        self._references.add(self.newLocalID(), object)
        luid = self._references.idOf(object)
        held = self._references.byID[luid]
        held.count = 0  # it is counted when it is sent
        held.released = function

    # Messages

    def sendCall(self, *exp: Any) -> None:
        """Send a message.

        Raises:
            BananaError: if it is none, or passes a limit.
        """
        self.sendEncoded(exp)

    def dataReceived(self, chunk: bytes) -> None:
        """Take bytes from the peer.

        What it let go of goes when they are understood: Twisted lets go of an object before it
        sends that object back in an answer.
        """
        super().dataReceived(chunk)
        while self._unreferred:
            objects, luid = self._unreferred.pop()
            if self._drop(objects, luid) and objects is self._originals:
                self.sendCall(b"uncache", luid)

    def expressionReceived(self, sexp: Any) -> None:
        """Take a message: `["answer", 1, …]` goes to `proto_answer`."""
        name = messageName(sexp)
        if name is None:
            self._end(BananaError(f"no message has this form: {str(sexp)[:80]}"))
        elif name not in METHODS:
            self.sendCall(b"didNotUnderstand", name[:64])
        else:
            getattr(self, METHODS[name])(*sexp[1:])

    def proto_version(self, vnum: int) -> None:
        """The peer says its version."""
        if vnum != self.version:
            self._end(BananaError(f"the peer speaks version {vnum}, and we {self.version}"))

    def proto_didNotUnderstand(self, command: bytes) -> None:
        """The peer does not know a message that we sent."""
        _log.warn("{broker!r}: the peer does not know {command!r}", broker=self, command=command)

    # Calls

    def newRequestID(self) -> int:
        """A number for a message, that no other has on this connection."""
        self._lastRequestID += 1
        return self._lastRequestID

    def callObject(
        self, perspective: Any, objectID: Any, name: str, args: Any, kw: Any, answer: bool = True
    ) -> Any:
        """Call a method of an object that the peer serves; see `RemoteReference.callRemote`."""
        return self._call(b"message", perspective, objectID, name, args, kw, answer)

    def callCache(self, perspective: Any, cacheID: Any, name: str, args: Any, kw: Any) -> Any:
        """Call a method of the peer's copy; see `RemoteCacheObserver.callRemote`."""
        if cacheID is None and not self.disconnected:
            return fail(DeadReferenceError("the peer has no copy of this object any more"))
        return self._call(b"cachemessage", perspective, cacheID, name, args, kw, True)

    def _call(
        self,
        kind: bytes,
        perspective: Any,
        target: Any,
        name: str,
        args: Any,
        kw: Any,
        answer: bool,
    ) -> Any:
        if self.disconnected:
            raise DeadReferenceError(f"{name} was called by a connection that has ended")
        # Programs of the documentation's time ask for no answer like this.
        answer = bool(kw.pop("pbanswer", answer))
        requestID = self.newRequestID()
        outer = self._granted, self._kept
        self._granted, self._kept = [], []
        try:
            netArgs = self.serialize(args, perspective)
            netKw = self.serialize(kw, perspective) if kw else _NO_KEYWORDS
            self.sendCall(kind, requestID, target, name.encode(), int(answer), netArgs, netKw)
        except Exception as e:  # the state of an argument is the program's to tell, or to fail at
            self._revoke()
            if answer:
                return fail(e)
            raise
        finally:
            self._granted, self._kept = outer
        if not answer:
            return None
        deferred: Deferred[Any] = Deferred(lambda _: self._forget(requestID))
        self.waitingForAnswers[requestID] = deferred
        return deferred

    def _forget(self, requestID: int) -> None:
        self.waitingForAnswers[requestID] = None

    def keepUntilSent(self, reference: Any) -> None:
        """Keep a reference of the peer's until the message that it is part of has gone."""
        self._kept.append(reference)

    def _sent(self) -> None:
        """A message has gone: what it granted is granted."""
        self._granted.clear()
        self._kept.clear()

    def _revoke(self) -> None:
        """A message will not go: take back what it would have granted."""
        granted, self._granted = self._granted, []
        self._kept.clear()
        for objects, luid in granted:
            if objects.release(luid):
                self._drop(objects, luid)

    def _drop(self, objects: HeldObjects, luid: int) -> bool:
        """Hold an object no longer, if it has not been sent again; whether that is so."""
        held = objects.drop(luid)
        if held is None:
            return False
        if objects is self._originals:
            self._stopped(held)
        elif held.released is not None:
            self._guarded(held.released)
        return True

    def proto_message(
        self, requestID: int, objectID: Any, message: bytes, answerRequired: int,
        netArgs: Any, netKw: Any,
    ) -> None:  # fmt: skip
        """The peer calls a method of an object of ours."""
        self._called(self.localObjectForID, requestID, objectID, message, answerRequired,
                     netArgs, netKw)  # fmt: skip

    def proto_cachemessage(
        self, requestID: int, objectID: int, message: bytes, answerRequired: int,
        netArgs: Any, netKw: Any,
    ) -> None:  # fmt: skip
        """The peer calls a method of our copy."""
        self._called(
            self._copies.find, requestID, objectID, message, answerRequired, netArgs, netKw
        )

    def _called(
        self, find: Callable[[Any], Any], requestID: int, objectID: Any, message: bytes,
        answerRequired: int, netArgs: Any, netKw: Any,
    ) -> None:  # fmt: skip
        try:
            target = find(objectID)
            result = target.remoteMessageReceived(self, message, netArgs, netKw)
        except Exception:
            self._sendFailure(Failure(), requestID, answerRequired)
            return
        if isinstance(result, Deferred):
            told = (requestID, answerRequired)
            result.addCallbacks(
                self._sendAnswer, self._sendFailure, callbackArgs=told, errbackArgs=told
            )
        else:
            self._sendAnswer(result, requestID, answerRequired)

    def _sendAnswer(self, netResult: Any, requestID: int, answerRequired: int) -> None:
        if not answerRequired or self.disconnected:
            self._revoke()
            return
        try:
            self.sendCall(b"answer", requestID, netResult)
            self._sent()
        except BananaError:
            self._sendFailure(Failure(), requestID, answerRequired)

    def _sendFailure(self, reason: Failure, requestID: int, answerRequired: int) -> None:
        """Tell the peer why there is no answer, and ourselves if it is not the peer's doing."""
        self._revoke()
        if not isinstance(reason.value, _EXPECTED):
            _log.failure("Peer will receive following PB traceback:", failure=reason)
        if not answerRequired or self.disconnected:
            return
        if isinstance(reason.value, Jellyable):
            answer: Any = reason.value
        else:
            answer = failure2Copyable(reason, self.factory.unsafeTracebacks)
        try:
            self.sendCall(b"error", requestID, self.serialize(answer))
        except Exception as e:  # an exception's text may be too long, its state not to be sent
            self._revoke()
            short = Failure(Error(f"what the call failed with cannot be sent: {str(e)[:200]}"))
            self.sendCall(b"error", requestID, self.serialize(failure2Copyable(short)))
        self._sent()

    def proto_answer(self, requestID: int, netResult: Any) -> None:
        """The peer answers a call of ours."""
        self._answered(requestID, netResult, Deferred.callback)

    def proto_error(self, requestID: int, fail: Any) -> None:
        """The peer says why it does not answer a call of ours."""
        self._answered(requestID, fail, Deferred.errback)

    def _answered(self, requestID: int, sexp: Any, fire: Any) -> None:
        if requestID not in self.waitingForAnswers:
            self._end(BananaError(f"an answer to {requestID}, which was not asked"))
            return
        deferred = self.waitingForAnswers.pop(requestID)
        try:
            # Though nobody may want it any more: there may be references in it to let go of.
            result = self.unserialize(sexp)
        except Exception as e:  # what makes an object of the program's may raise anything
            result, fire = e, Deferred.errback
        if deferred is None:
            return
        if fire is Deferred.errback and not isinstance(result, (Failure, BaseException)):
            result = ProtocolError(f"the peer failed with what is no failure: {result!r}")
        fire(deferred, result)

    # Objects

    def serialize(
        self,
        object: Any,
        perspective: Any = None,
        method: Any = None,
        args: Any = None,
        kw: Any = None,
    ) -> Any:
        """The expression of an object.

        Args:
            object: what to send; a Deferred or a coroutine is waited for.
            perspective: who gets it, for flavors that tell different peers different things.
            method: what returned it, called with `args` and `kw`: none of them is needed.

        Returns:
            An expression; or a Deferred of it, if the object has to be waited for.

        Raises:
            InsecureJelly: it cannot be sent.
        """
        if type(object) is CoroutineType:
            object = Deferred.fromCoroutine(object)
        if isinstance(object, Deferred):
            return object.addCallback(self.serialize, perspective)
        before, self.serializingPerspective = self.serializingPerspective, perspective
        try:
            return jelly(object, self.security, None, self)
        finally:
            self.serializingPerspective = before

    def unserialize(self, sexp: Any, perspective: Any = None) -> Any:
        """The object of an expression that came.

        Args:
            sexp: the expression.
            perspective: from whom it came; references in it call with that.

        Raises:
            InsecureJelly: it names what is not allowed.
        """
        before, self.unserializingPerspective = self.unserializingPerspective, perspective
        try:
            return unjelly(sexp, self.security, None, self)
        finally:
            self.unserializingPerspective = before

    # Our objects, that the peer refers to

    def newLocalID(self) -> int:
        """A number for an object of ours, that no other has on this connection."""
        self._lastLocalID += 1
        return self._lastLocalID

    def registerReference(self, object: Any) -> int:
        """Hold an object for as long as the peer refers to it.

        Returns:
            Its number.

        Raises:
            Error: the peer refers to `maxReferences` already.
        """
        luid = self._references.idOf(object)
        if luid is None:
            if len(self._references) >= self.maxReferences:
                self._refuseReference()
            luid = self.newLocalID()
            self._references.add(luid, object)
        else:
            self._references.byID[luid].count += 1
        self._granted.append((self._references, luid))
        return luid

    def _refuseReference(self) -> None:
        self.maxBrokerRefsViolations += 1
        if self.maxBrokerRefsViolations > MAX_VIOLATIONS:
            self._end(BananaError(f"the peer refers to {self.maxReferences} objects"))
        raise Error(
            f"the peer refers to {self.maxReferences} objects of ours already: it is to let go, "
            "or pb.MAX_BROKER_REFS is to be raised"
        )

    def localObjectForID(self, luid: Any) -> Any:
        """The object of ours that a number or a name means.

        Raises:
            ProtocolError: there is none.
        """
        held = self._references.byID.get(luid)
        if held is not None:
            return held.object
        if luid in self._names:
            return self._names[luid]
        raise ProtocolError(f"there is no object {luid!r} on this connection")

    def setNameForLocal(self, name: str | bytes, object: Any) -> None:
        """Serve an object under a name, for as long as the connection lasts."""
        self._names[name.encode() if isinstance(name, str) else name] = object

    def remoteForName(self, name: str | bytes) -> RemoteReference:
        """A reference to what the peer serves under a name."""
        return RemoteReference(None, self, name.encode() if isinstance(name, str) else name, False)

    def sendDecRef(self, objectID: Any) -> None:
        """Tell the peer that one reference to its object is gone."""
        if not self.disconnected:
            self.sendCall(b"decref", objectID)

    def proto_decref(self, objectID: int) -> None:
        """The peer has one reference less to an object of ours."""
        if self._references.release(objectID):
            self._unreferred.append((self._references, objectID))

    # Our objects, that the peer has copies of

    def cacheRemotely(self, instance: Any) -> int:
        """Remember that the peer has a copy of an object.

        Returns:
            Its number.
        """
        luid = self.newLocalID()
        self._originals.add(luid, instance, self.serializingPerspective)
        self._granted.append((self._originals, luid))
        return luid

    def cachedRemotelyAs(self, instance: Any, incref: int = 0) -> int | None:
        """The number of an object that the peer has a copy of; None if it has none.

        Args:
            instance: the object.
            incref: whether the number is sent to the peer once more.
        """
        luid = self._originals.idOf(instance)
        if luid is not None and incref:
            self._originals.byID[luid].count += 1
            self._granted.append((self._originals, luid))
        return luid

    def remotelyCachedForLUID(self, luid: int) -> Any:
        """The object of ours that the peer has a copy of.

        Raises:
            ProtocolError: there is none.
        """
        held = self._originals.byID.get(luid)
        if held is None:
            raise ProtocolError(f"the peer has no copy of an object {luid!r}")
        return held.object

    def proto_decache(self, objectID: int) -> None:
        """The peer has one copy less of an object of ours."""
        if self._originals.release(objectID):
            self._unreferred.append((self._originals, objectID))

    def _stopped(self, held: Held) -> None:
        observer = RemoteCacheObserver(self, held.object, held.perspective)
        self._guarded(held.object.stoppedObserving, held.perspective, observer)

    # Our copies of the peer's objects

    def cacheLocally(self, cid: int, instance: RemoteCache) -> None:
        """Keep a copy that came, until the peer says that it will not be meant any more."""
        self._copies.add(cid, instance)

    def cachedLocallyAs(self, cid: int) -> RemoteCache:
        """The handle on a copy: the same one, for as long as the program has it.

        Raises:
            ProtocolError: there is no such copy.
        """
        return self._copies.receive(cid)

    def decCacheRef(self, objectID: int) -> None:
        """Tell the peer that one copy of its object is gone."""
        if not self.disconnected:
            self.sendCall(b"decache", objectID)

    def proto_uncache(self, objectID: int) -> None:
        """The peer will not mean this copy any more."""
        self._copies.forget(objectID)

    # Paging

    def registerPageProducer(self, pager: Any) -> None:
        """Send the pages of a pager, one whenever the transport has room.

        Args:
            pager: a `twisted.spread.util.Pager`.
        """
        self._pagers.append(pager)
        if len(self._pagers) == 1:
            self.transport.registerProducer(self, False)

    def pauseProducing(self) -> None:
        """Do nothing: the transport asks for each page."""

    def resumeProducing(self) -> None:
        """Send a page of each pager."""
        for pager in self._pagers[:]:
            pager.sendNextPage()
        self._pagers = [pager for pager in self._pagers if pager.stillPaging()]
        if not self._pagers:
            self.transport.unregisterProducer()

    def stopProducing(self) -> None:
        """The transport is gone: nothing to do."""
