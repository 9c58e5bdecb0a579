"""``twistd web``: a web server.

    twistd web --path=/var/www --listen=tcp:8080

What is served is one of a folder or a file (``--path``), an application of WSGI or ASGI, a resource
of a class or of a script, or a page that says that the server serves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.application import strports
from twisted.application.service import IServiceCollection, MultiService, Service
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python import usage
from twisted.python.failure import Failure
from twisted.python.reflect import namedAny
from twisted.python.threadpool import ThreadPool
from twisted.spread import pb
from twisted.web import demo, distrib, http, script, server, static, twcgi
from twisted.web.asgi import ASGIResource, LifespanService
from twisted.web.http_headers import Headers
from twisted.web.resource import IResource
from twisted.web.vhost import NameVirtualHost
from twisted.web.wsgi import WSGIResource

__all__ = ["Options", "makePersonalServerFactory", "makeService"]

#: How many threads an application of WSGI has; as many requests are served at a time.
_THREADS = 20
_DEFAULT_PORT = "tcp:8080"
_FORMATTERS = {"combined": http.combinedLogFormatter, "json": http.jsonLogFormatter}

#: What makes a resource of a file in the folder that is served, by the ending of its name.
PROCESSORS: dict[str, Callable[..., Any]] = {
    ".cgi": twcgi.CGIScript,
    ".epy": script.PythonScript,
    ".rpy": script.ResourceScript,
}


class Options(usage.Options):
    """What the command line says.

    The key ``root`` is the resource that is served, and ``ports`` the descriptions of endpoints.
    """

    synopsis = "[web options]"
    longdesc = (
        "This starts a web server. Without options, it serves a page that says that it serves, on"
        " port 8080."
    )
    optParameters = [
        ["logfile", "l", None, "File of the access log; otherwise it goes to the log of twistd."],
        ["log-format", None, "combined", "Format of the access log: combined, or json."],
        ["certificate", "c", "server.pem", "Certificate for --https, in PEM."],
        ["privkey", "k", "server.pem", "Private key for --https, in PEM."],
        ["threads", None, _THREADS, "Threads for the application of --wsgi.", int],
        ["root-path", None, "", "Path of the application of --asgi behind another server."],
    ]
    optFlags = [
        ["personal", "", "Serve another server, by Perspective Broker: on the port that --listen"
         " gives, or on ~/.twistd-web-pb."],
        ["notracebacks", "n", "Show no tracebacks to clients, which is so anyway."],
        ["display-tracebacks", "", "Show tracebacks to clients. They tell much about the server:"
         " for developing alone."],
    ]  # fmt: skip
    compData = usage.Completions(
        optActions={
            "logfile": usage.CompleteFiles("*.log"),
            "log-format": usage.CompleteList(list(_FORMATTERS)),
            "certificate": usage.CompleteFiles("*.pem"),
            "privkey": usage.CompleteFiles("*.pem"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self["root"] = None
        self["ports"] = []
        self["https"] = None
        self["indexes"] = []
        self["extraHeaders"] = []
        self["hosts"] = []
        self["services"] = []
        # What is said of a folder, in whatever order; see `postOptions`.
        self._ofFolder: list[tuple[str, Callable[[Any], object]]] = []

    # --- Where ---

    def opt_listen(self, port: str) -> None:
        """Endpoint to listen at, such as tcp:8080 or unix:/run/web; may be given several times.
        [default: tcp:8080]
        """
        self["ports"].append(port)

    def opt_port(self, port: str) -> None:
        """Port to listen on, or an endpoint as for --listen."""
        self["ports"].append(f"tcp:{port}" if port.isdigit() else port)

    opt_p = opt_port

    def opt_https(self, port: str) -> None:
        """Port to listen on for HTTPS; see --certificate and --privkey."""
        self["https"] = port

    # --- What ---

    def _serve(self, root: Any, option: str) -> None:
        if self["root"] is not None:
            raise usage.UsageError(f"--{option}: there is something to be served already")
        self["root"] = root

    def opt_path(self, path: str) -> None:
        """Folder or file to serve. Scripts in the folder are run: *.cgi, *.rpy and *.epy."""
        root = static.File(os.path.abspath(path))
        root.processors = dict(PROCESSORS)
        self._serve(root, "path")

    def opt_user(self) -> None:
        """Serve ~/public_html of all users, and what they serve with --personal."""
        self._serve(distrib.UserDirectory(), "user")

    opt_u = opt_user

    def opt_class(self, className: str) -> None:
        """Resource to serve: a class that takes no arguments."""
        made = _named(className, "class")
        try:
            root = made()
        except Exception as error:  # whatever the class of the program raises
            raise usage.UsageError(f"--class: cannot make a {className}: {error}")
        self._serve(root, "class")

    def opt_resource_script(self, name: str) -> None:
        """Script to serve: an .rpy file, which sets `resource`."""
        self._serve(script.ResourceScriptWrapper(os.path.abspath(name)), "resource-script")

    def opt_wsgi(self, name: str) -> None:
        """Application of WSGI to serve, such as package.module.application."""
        pool = _Pool()
        reactor = installedReactor()
        self._serve(WSGIResource(reactor, pool.threads, _named(name, "wsgi")), "wsgi")
        self["services"].append(pool)

    def opt_asgi(self, name: str) -> None:
        """Application of ASGI to serve, such as package.module.app."""
        root = ASGIResource(_named(name, "asgi"))
        self._serve(root, "asgi")
        self["services"].append(_Lifespan(root))

    def opt_vhost(self, setting: str) -> None:
        """HOST=FOLDER: serve another folder to those who mean that host; may be given several
        times."""
        host, equals, path = setting.partition("=")
        if not (host and equals and path):
            raise usage.UsageError(f"--vhost takes HOST=FOLDER, not {setting!r}")
        self["hosts"].append((host, os.path.abspath(path)))

    # --- How a folder is served ---

    def opt_index(self, indexName: str) -> None:
        """File that answers for its folder; may be given several times. [default: index,
        index.html, index.htm, index.rpy]
        """
        self["indexes"].append(indexName)

    opt_i = opt_index

    def opt_mime_type(self, defaultType: str) -> None:
        """Type of files whose name does not tell."""
        self._folder("mime-type", lambda root: setattr(root, "defaultType", defaultType))

    opt_m = opt_mime_type

    def opt_allow_ignore_ext(self) -> None:
        """Let clients leave the endings of names away."""
        self._folder("allow-ignore-ext", lambda root: root.ignoreExt("*"))

    def opt_ignore_ext(self, ext: str) -> None:
        """Ending that clients may leave away, such as .html; may be given several times."""
        self._folder("ignore-ext", lambda root: root.ignoreExt(ext))

    def opt_processor(self, proc: str) -> None:
        """EXT=CLASS: have a class make resources of the files with that ending."""
        ext, equals, name = proc.partition("=")
        if not (ext and equals and name):
            raise usage.UsageError(f"--processor takes EXT=CLASS, not {proc!r}")
        made = _named(name, "processor")
        ending = ext if ext.startswith(".") else f".{ext}"
        self._folder("processor", lambda root: root.processors.update({ending: made}))

    def _folder(self, option: str, change: Callable[[Any], object]) -> None:
        self._ofFolder.append((option, change))

    def opt_add_header(self, header: str) -> None:
        """NAME: VALUE: add a header to all responses; may be given several times."""
        name, colon, value = header.partition(":")
        if not colon:
            raise usage.UsageError(f"--add-header takes 'NAME: VALUE', not {header!r}")
        try:
            Headers().addRawHeader(name.strip(), value.strip())
        except ValueError as error:
            raise usage.UsageError(f"--add-header: {error}")
        self["extraHeaders"].append((name.strip(), value.strip()))

    def postOptions(self) -> None:
        """Apply what was said of a folder to it; find out where to listen."""
        root = self["root"]
        if self["indexes"]:
            self._folder("index", lambda root: setattr(root, "indexNames", self["indexes"][:]))
        for option, change in self._ofFolder:
            if not isinstance(root, static.File):
                raise usage.UsageError(f"--{option} is about a folder: --path is missing")
            change(root)
        if isinstance(root, WSGIResource):
            (pool,) = self["services"]
            pool.threads.adjustPoolsize(0, self["threads"])
        if isinstance(root, ASGIResource):
            root._rootPath = self["root-path"].rstrip("/")
        if self["log-format"] not in _FORMATTERS:
            raise usage.UsageError(f"--log-format is one of {', '.join(_FORMATTERS)}")
        if self["https"] is not None:
            self["ports"].append(self._httpsPort())
        if not self["ports"]:
            self["ports"].append(_personalPort() if self["personal"] else _DEFAULT_PORT)

    def _httpsPort(self) -> str:
        files = {"privateKey": self["privkey"], "certKey": self["certificate"]}
        for path in files.values():
            if not os.path.exists(path):
                raise usage.UsageError(f"--https: there is no {path}: see --certificate, --privkey")
        quoted = [f"{name}={_quoted(path)}" for name, path in files.items()]
        return ":".join(["ssl", self["https"], *quoted])


def _quoted(path: str) -> str:
    """A path as it can stand in the description of an endpoint."""
    return path.replace("\\", "\\\\").replace(":", "\\:")


def _personalPort() -> str:
    path = os.path.expanduser(os.path.join("~", distrib.UserDirectory.userSocketName))
    return f"unix:{_quoted(path)}"


def _named(name: str, option: str) -> Any:
    """What a name stands for; an error that says why if there is nothing."""
    try:
        return namedAny(name)
    except Exception as error:  # importing by name may raise anything
        raise usage.UsageError(f"--{option}: cannot load {name}: {error}")


class _Pool(Service):
    """The threads of an application of WSGI: of their own, so that they keep nothing else up."""

    def __init__(self) -> None:
        self.threads = ThreadPool(0, _THREADS, "wsgi")

    def startService(self) -> None:
        """Start the threads."""
        super().startService()
        self.threads.start()

    def stopService(self) -> Deferred[None]:
        """Let the calls that have begun come to their end.

        Returns:
            Fires when they have.
        """
        super().stopService()
        # Not here: what a thread waits for is for this one to do.
        reactor = installedReactor()
        return deferToThreadPool(reactor, reactor.getThreadPool(), self.threads.stop)


class _Lifespan(LifespanService):
    """Ends the program if the application cannot start."""

    def startService(self) -> None:
        """Have the application prepare.

        Raises:
            LifespanError: it has said at once that it cannot.
        """
        super().startService()
        starting = True
        problems: list[Failure] = []

        def failed(reason: Failure) -> None:
            problems.append(reason)
            if not starting:
                installedReactor().stop()

        self.whenReady().addErrback(failed)
        starting = False
        for problem in problems:
            problem.raiseException()


@implementer(IResource)
class _WithHeaders:
    """A resource that adds headers to all responses of another, and of those below it."""

    def __init__(self, original: Any, headers: list[tuple[str, str]]) -> None:
        self._original = original
        self._headers = headers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def _add(self, request: Any) -> None:
        for name, value in self._headers:
            request.responseHeaders.addRawHeader(name, value)

    def getChildWithDefault(self, name: bytes, request: Any) -> Any:
        """A child of the other."""
        self._add(request)
        return self._original.getChildWithDefault(name, request)

    def putChild(self, path: bytes, child: Any) -> None:
        """Put a child below the other."""
        self._original.putChild(path, child)

    def render(self, request: Any) -> Any:
        """What the other renders."""
        self._add(request)
        return self._original.render(request)


def makePersonalServerFactory(site: Any) -> Any:
    """What lets another web server serve a site, by Perspective Broker.

    Args:
        site: a `Site`.

    Returns:
        A factory, to listen with; `distrib.UserDirectory` connects to it.
    """
    return pb.PBServerFactory(distrib.ResourcePublisher(site))


def _hosts(root: Any, hosts: list[tuple[str, str]]) -> Any:
    if not hosts:
        return root
    made = NameVirtualHost()
    made.default = root
    for host, path in hosts:
        folder = static.File(path)
        folder.processors = dict(PROCESSORS)
        made.addHost(host, folder)
    return made


def makeService(config: Options) -> MultiService:
    """A service that serves what the command line says.

    Args:
        config: has read it.
    """
    services = MultiService()
    for service in config["services"]:
        service.setServiceParent(services)
    root = config["root"]
    if root is None:
        root = demo.Test()
    if isinstance(root, static.File):
        # So that scripts in the folder can add services of their own.
        root.registry.setComponent(IServiceCollection, services)
    root = _hosts(root, config["hosts"])
    if config["extraHeaders"]:
        root = _WithHeaders(root, config["extraHeaders"])
    site = server.Site(
        root, logPath=config["logfile"], logFormatter=_FORMATTERS[config["log-format"]]
    )
    site.displayTracebacks = bool(config["display-tracebacks"] and not config["notracebacks"])
    factory = makePersonalServerFactory(site) if config["personal"] else site
    for port in config["ports"]:
        strports.service(port, factory).setServiceParent(services)
    return services
