"""CGI scripts as resources (RFC 3875): each request starts a program that answers it.

What the client sends is the program's standard input, what it prints is the response, and what it
writes to standard error is logged. A program is killed when its client has gone, and when it has
been silent for too long.
"""

from __future__ import annotations

import os
from collections.abc import Set
from io import BytesIO
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IConsumer, IPushProducer
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.protocols.basic import FileSender
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath, InsecurePath
from twisted.spread.flavors import Viewable
from twisted.web import http, server
from twisted.web._cgi import ResponseReader, ScriptError
from twisted.web._gateway import requestVariables, spooled
from twisted.web.pages import errorPage, notFound
from twisted.web.resource import Resource

__all__ = ["CGIDirectory", "CGIProcessProtocol", "CGIScript", "FilteredScript"]

_log = Logger(namespace="twisted.web.twcgi")

#: How many scripts run at a time; each is a process, and clients decide how many there are.
MAX_SCRIPTS = 100
#: How long a script may neither read nor write: seconds. As servers' default is.
SILENCE_SECONDS = 60.0
#: How much of its standard error is logged, for each request.
ERROR_BYTES = 65536

_NO_MORE_ERRORS = "{script}: what else it writes to standard error is not logged"


class _Running:
    """How many scripts there are."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class CGIScript(Resource):
    """Answers with a program, for its own path and all below it.

    The environment of the program is that of the server, with the variables of RFC 3875. Without a
    ``=`` in it, the query is given as arguments too, but for words that would be options.

    Args:
        filename: the program; it is run in its folder.
        registry: not used; this can be a processor of `static.File`.
        reactor: starts the program; the installed one by default.

    Attributes:
        silenceSeconds: how long it may neither read nor write before it is killed.
        maxScripts: how many run at a time, in all; more requests are answered 503.
    """

    isLeaf = True
    streaming = True
    silenceSeconds = SILENCE_SECONDS
    maxScripts = MAX_SCRIPTS
    _running = _Running()

    def __init__(self, filename: str, registry: Any = None, reactor: Any = None) -> None:
        super().__init__()
        self.filename = os.path.abspath(filename)
        self._reactor = reactor

    def render(self, request: Any) -> Any:
        """Start the program."""
        if self._running.count >= self.maxScripts:
            count = self._running.count
            _log.warn("{script}: {count} scripts run", script=self.filename, count=count)
            page = errorPage(http.SERVICE_UNAVAILABLE, "Busy", "Too much is going on here.")
            return page.render(request)
        if any(b"\0" in part for part in (*request.prepath, *request.postpath)):
            page = errorPage(http.BAD_REQUEST, "Bad Request", "There is a NUL in this path.")
            return page.render(request)
        content = request.content
        if isinstance(content, http.BodyStream) and content.length is None:
            # CGI knows nothing of bodies without a length.
            spooled(request).addCallbacks(
                self._startWith, lambda reason: None, callbackArgs=(request,)
            ).addErrback(request.processingFailed)
        else:
            self._start(request)
        return server.NOT_DONE_YET

    def _startWith(self, content: BinaryIO, request: Any) -> None:
        request.content = content
        self._start(request)

    def _start(self, request: Any) -> None:
        env = _inherited()
        for name, value in self._variables(request).items():
            env[name] = os.fsdecode(value.encode("latin-1"))
        self.runProcess(env, request, _arguments(request))

    def _variables(self, request: Any) -> dict[str, str]:
        variables = requestVariables(request)
        variables["GATEWAY_INTERFACE"] = "CGI/1.1"
        variables["SERVER_SOFTWARE"] = server.version.decode("latin-1")
        variables["SCRIPT_FILENAME"] = os.fsencode(self.filename).decode("latin-1")
        variables["REQUEST_URI"] = request.uri.decode("latin-1")
        content = request.content
        if not isinstance(content, http.BodyStream):
            # It may have been sent in chunks.
            length = content.seek(0, os.SEEK_END)
            if length:
                variables["CONTENT_LENGTH"] = str(length)
            content.seek(0)
        return variables

    def runProcess(self, env: dict[str, str], request: Any, qargs: list[str] | None = None) -> None:
        """Start the program for a request.

        Args:
            env: its environment.
            request: the request that it answers.
            qargs: its arguments.
        """
        self._run(self.filename, [self.filename, *(qargs or [])], env, request)

    def _run(self, program: str, arguments: list[str], env: dict[str, str], request: Any) -> None:
        reactor = installedReactor() if self._reactor is None else self._reactor
        protocol = CGIProcessProtocol(request)
        protocol._attach(self, reactor)
        reactor.spawnProcess(protocol, program, arguments, env, os.path.dirname(self.filename))


class FilteredScript(CGIScript):
    """A script that another program runs: it is given the path of the script.

    Attributes:
        filter: the path of that program; subclasses say.
    """

    filter = "/usr/bin/cat"

    def runProcess(self, env: dict[str, str], request: Any, qargs: list[str] | None = None) -> None:
        """Start the other program for a request."""
        self._run(self.filter, [self.filter, self.filename, *(qargs or [])], env, request)


class CGIDirectory(Resource, FilePath[str]):  # type: ignore[misc]  # `children` is the resource's
    """The scripts of a folder, and of those in it; all files are taken for scripts.

    Args:
        pathname: of the folder.
    """

    def __init__(self, pathname: str) -> None:
        Resource.__init__(self)
        FilePath.__init__(self, pathname)

    def getChild(self, path: bytes, request: Any) -> Any:
        """The script of a name."""
        try:
            found = self.child(path.decode("utf-8"))
        except (InsecurePath, ValueError):
            return notFound()
        if found.isdir():
            return CGIDirectory(found.path)
        if found.isfile():
            return CGIScript(found.path)
        return notFound()

    def render(self, request: Any) -> Any:
        """There is no list of scripts."""
        return notFound(message="Directories of CGI scripts are not listed.").render(request)


def _inherited() -> dict[str, str]:
    """Our environment, less what a script would take for a header of the client."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HTTP_")}


def _arguments(request: Any) -> list[str]:
    """The words of a query that is not a form (RFC 3875, 4.4).

    Words that begin with a hyphen are left out: clients do not choose options of programs
    (CVE-2012-1823).
    """
    query: bytes = request.uri.partition(b"?")[2]
    if not query or b"=" in query:
        return []
    words = [unquote_to_bytes(word) for word in query.split(b"+")]
    return [os.fsdecode(word) for word in words if not word.startswith(b"-") and b"\0" not in word]


@implementer(IConsumer)
class _Input:
    """The standard input of a script; to write to it is a sign of life."""

    def __init__(self, script: CGIProcessProtocol) -> None:
        self._script = script

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let `producer` write."""
        self._script.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """That was all."""
        self._script.transport.unregisterProducer()

    def write(self, data: bytes) -> None:
        """Write a piece."""
        self._script._stir()
        self._script.transport.write(data)


@implementer(IPushProducer)
class CGIProcessProtocol(ProcessProtocol, Viewable):
    """Has a program answer a request.

    Args:
        request: the request.
        script: what to call the program in the log; the path of the request by default.

    Attributes:
        handling_headers: whether the headers are not complete yet.
        headers_written: whether they have been sent.
        headertext: what there is of them.
        errortext: what there is of a line that the program writes to standard error.
    """

    transport: Any
    handling_headers: int | bool = 1
    headers_written: int | bool = 0
    headertext = b""
    errortext = b""

    _reactor: Any = None
    _silenceSeconds = SILENCE_SECONDS
    _call: Any = None
    _content: Any = None
    _since = 0.0
    _running: _Running | None = None
    _over = False  # there is nothing more to be said to the client
    _paused = False
    _logged = 0
    _said: Set[bytes] = frozenset()

    def __init__(self, request: Any, script: str | None = None) -> None:
        self.request = request
        self.script = script or request.uri.partition(b"?")[0].decode("latin-1")
        self._reader = ResponseReader()

    def _attach(self, script: CGIScript, reactor: Any) -> None:
        """Be told by a resource what the limits are."""
        self.script = script.filename
        self._reactor = reactor
        self._silenceSeconds = script.silenceSeconds
        self._running = script._running

    # --- The script reads ---

    def connectionMade(self) -> None:
        """The program runs: send it what the client has sent."""
        if self._running is not None:
            self._running.count += 1
        self.request.notifyFinish().addErrback(lambda reason: self.stopProducing())
        if self._reactor is not None:
            self._stir()
            self._call = self._reactor.callLater(self._silenceSeconds, self._look)
        content = self.request.content
        sent: Deferred[Any]
        if isinstance(content, http.BodyStream):
            sent = content.deliverTo(_Input(self))
        else:
            # The request closes its own when the client goes, which may be in the midst of this.
            self.request.content = BytesIO()
            sent = FileSender().beginFileTransfer(content, _Input(self))
            self._content = content
        # A program need not read to the end.
        sent.addBoth(lambda _: self.transport.closeStdin())

    # --- The script writes ---

    def outReceived(self, output: bytes) -> None:
        """The program has written to standard output."""
        self._stir()
        if self._over:
            return
        if self.handling_headers:
            self.headertext += output
        try:
            head, body = self._reader.feed(output)
        except ScriptError as error:
            self._fail(http.INTERNAL_SERVER_ERROR, str(error))
            return
        if head is not None:
            self._begin(head)
        if body:
            self._write(body)

    def _begin(self, head: Any) -> None:
        self.handling_headers = 0
        self.headertext = b""
        request = self.request
        request.setResponseCode(head.status, head.reason)
        request.defaultContentType = None
        self._said = {name for name, _ in head.fields}
        for name in self._said:
            request.responseHeaders.removeHeader(name)
        for name, value in head.fields:
            request.responseHeaders.addRawHeader(name, value)
        self.headers_written = 1
        # Not before: a client that says it will send no more has left, unless it is being answered.
        request.registerProducer(self, True)

    def _write(self, body: bytes) -> None:
        try:
            self.request.write(body)
        except Exception as error:  # such as more than the length that it has said
            self._fail(http.INTERNAL_SERVER_ERROR, str(error))

    def errReceived(self, error: bytes) -> None:
        """The program has written to standard error: log the lines."""
        self._stir()
        *lines, self.errortext = (self.errortext + error).split(b"\n")
        if len(self.errortext) > ERROR_BYTES:
            lines.append(self.errortext)
            self.errortext = b""
        for line in lines:
            self._logError(line)

    def _logError(self, line: bytes) -> None:
        if self._logged > ERROR_BYTES:
            return
        self._logged += len(line) + 1
        text = line[:ERROR_BYTES].decode("utf-8", "backslashreplace")
        _log.error("{script}: {line}", script=self.script, line=text)
        if self._logged > ERROR_BYTES:
            _log.error(_NO_MORE_ERRORS, script=self.script)

    # --- The end ---

    def processEnded(self, reason: Failure) -> None:
        """The program has ended, and so does the response."""
        if self._running is not None:
            self._running.count -= 1
        if self._call is not None:
            self._call.cancel()
            self._call = None
        if self._content is not None:
            self._content.close()
        if self.errortext:
            self._logError(self.errortext)
        if self._over:
            return
        if reason.check(ProcessTerminated):
            _log.error("{script}: {ended}", script=self.script, ended=reason.getErrorMessage())
        signalled = getattr(reason.value, "signal", None) is not None
        try:
            self._reader.end()
        except ScriptError as error:
            self._fail(http.INTERNAL_SERVER_ERROR, str(error))
            return
        if signalled:
            self._fail(http.INTERNAL_SERVER_ERROR, "it was killed in the midst of its answer")
            return
        self._over = True
        self.request.unregisterProducer()
        channel = self.request.channel
        try:
            self.request.finish()
        except Exception as error:  # such as less than the length that it has said
            _log.error("{script}: {why}", script=self.script, why=str(error))
            channel.forceAbortClient()

    def _fail(self, status: int, why: str) -> None:
        """End the program, and tell the client, unless it has been told something else."""
        _log.error("{script}: {why}", script=self.script, why=why)
        self._over = True
        self._kill()
        request = self.request
        request.unregisterProducer()
        if request.startedWriting:
            request.channel.forceAbortClient()
            return
        for name in self._said:
            request.responseHeaders.removeHeader(name)
        page = errorPage(status, "CGI Script Error", "The log of the server says what is wrong.")
        request._respond(page.render(request))

    def _kill(self) -> None:
        try:
            self.transport.signalProcess("KILL")
        except ProcessExitedAlready:
            pass
        # What the program has started may have the pipes open still.
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    # --- Time ---

    def _stir(self) -> None:
        if self._reactor is not None:
            self._since = self._reactor.seconds()

    def _look(self) -> None:
        """Look whether the program has been silent for too long."""
        if self._paused:
            self._since = self._reactor.seconds()
        left = self._since + self._silenceSeconds - self._reactor.seconds()
        if left > 0:
            self._call = self._reactor.callLater(left, self._look)
            return
        self._call = None
        if self._over:
            return
        self._fail(http.GATEWAY_TIMEOUT, f"it was silent for {self._silenceSeconds} seconds")

    # --- Flow ---

    def pauseProducing(self) -> None:
        """The client does not take what the program writes: the program has to wait."""
        self._paused = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The client has taken what the program has written."""
        self._paused = False
        self._stir()
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """The client has gone: end the program."""
        if not self._over:
            self._over = True
            self._kill()

    def view_pauseProducing(self, issuer: Any) -> None:
        """`pauseProducing`, for a peer."""
        self.pauseProducing()

    def view_resumeProducing(self, issuer: Any) -> None:
        """`resumeProducing`, for a peer."""
        self.resumeProducing()

    def view_stopProducing(self, issuer: Any) -> None:
        """`stopProducing`, for a peer."""
        self.stopProducing()
