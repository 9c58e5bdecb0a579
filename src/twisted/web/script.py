"""Resources from scripts in a folder: change the file, and the next request sees it.

``File.processors`` says which endings are scripts::

    root = static.File("/var/www")
    root.processors = {".rpy": script.ResourceScript, ".epy": script.PythonScript}

Scripts are programs of yours that run in the server: serve no folder in this way that others can
write to.
"""

from __future__ import annotations

import os
from functools import lru_cache
from html import escape
from types import CodeType
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.reflect import namedModule
from twisted.web.http import INTERNAL_SERVER_ERROR
from twisted.web.pages import notFound
from twisted.web.resource import ErrorPage, Resource
from twisted.web.static import Registry
from twisted.web.util import formatFailure

__all__ = [
    "AlreadyCached",
    "CacheScanner",
    "PythonScript",
    "ResourceScript",
    "ResourceScriptDirectory",
    "ResourceScriptWrapper",
    "ResourceTemplate",
    "rpyNoResource",
]

_log = Logger(namespace="twisted.web.script")

#: Scripts that are kept compiled; others are compiled anew.
_COMPILED = 256

rpyNoResource = """<p>This script has not set the variable <code>resource</code>. It has to, for
example like this:</p>
<pre>
from twisted.web import static

resource = static.Data(b"Hello", "text/plain")
</pre>
<p>See <code>twisted.web.script</code>.</p>
"""
_noResource = ErrorPage(INTERNAL_SERVER_ERROR, "The script gives no resource", rpyNoResource)


@lru_cache(_COMPILED)
def _compile(path: str, changed: int, size: int) -> CodeType:
    """A script, compiled; anew when it has changed."""
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec")


def _compiled(path: str) -> CodeType:
    status = os.stat(path)
    return _compile(path, status.st_mtime_ns, status.st_size)


class AlreadyCached(Exception):
    """A script ends here, as its resource is known: the argument."""


class CacheScanner:
    """What a script calls to have its resource kept.

    Args:
        path: of the script.
        registry: keeps it.

    Attributes:
        doCache: whether the script has asked for it.
    """

    doCache: int | bool = 0

    def __init__(self, path: str, registry: Any) -> None:
        self.path = path
        self.registry = registry

    def cache(self) -> None:
        """Keep the resource, and run the script no more: its rest runs once only.

        Raises:
            AlreadyCached: it has run before; this ends the script.
        """
        known = self.registry.getCachedPath(self.path)
        if known is not None:
            raise AlreadyCached(known)
        self.recache()

    def recache(self) -> None:
        """Keep the resource, in place of one that may be kept."""
        self.doCache = 1


def ResourceScript(path: str, registry: Any) -> Any:
    """The resource that a script gives: what it has set the variable ``resource`` to.

    It finds, as variables: its path (``__file__``), the ``registry``, and the functions ``cache``
    and ``recache``, see `CacheScanner`. Without them it runs for each request.

    Args:
        path: of the script.
        registry: as a `static.File` gives it.
    """
    return _resourceOf(path, registry, _compiled(path))


def _resourceOf(path: str, registry: Any, code: CodeType) -> Any:
    scanner = CacheScanner(path, registry)
    names = {
        "__name__": os.path.splitext(os.path.basename(path))[0],
        "__file__": path,
        "resource": _noResource,
        "registry": registry,
        "cache": scanner.cache,
        "recache": scanner.recache,
    }
    try:
        exec(code, names)
    except AlreadyCached as known:
        return known.args[0]
    resource = names["resource"]
    if scanner.doCache and resource is not _noResource:
        registry.cachePath(path, resource)
    return resource


def ResourceTemplate(path: str, registry: Any) -> Any:
    """The resource that a template of Quixote's PTL gives; see `ResourceScript`.

    Raises:
        ImportError: Quixote is not installed.
    """
    # It is not among what this package depends on, and few have it.
    quixote = namedModule("quixote.ptl.ptl_compile")
    with open(path, encoding="utf-8") as file:
        code: CodeType = quixote.compile_template(file, path)
    return _resourceOf(path, registry, code)


class ResourceScriptWrapper(Resource):
    """The resource that a script gives, for each request anew.

    Args:
        path: of the script.
        registry: is given to it.
    """

    def __init__(self, path: str, registry: Any = None) -> None:
        super().__init__()
        self.path = path
        self.registry = registry if registry is not None else Registry()

    def render(self, request: Any) -> Any:
        """What the resource renders."""
        return ResourceScript(self.path, self.registry).render(request)

    def getChildWithDefault(self, path: bytes, request: Any) -> Any:
        """The resource; what follows in the path is asked of it."""
        request.postpath.insert(0, request.prepath.pop())
        return ResourceScript(self.path, self.registry)


class ResourceScriptDirectory(Resource):
    """A folder of scripts, and of such folders; each file in it gives a resource.

    Args:
        pathname: of the folder.
        registry: is given to the scripts.
    """

    def __init__(self, pathname: str, registry: Any = None) -> None:
        super().__init__()
        self.path = pathname
        self.registry = registry if registry is not None else Registry()

    def getChild(self, path: bytes, request: Any) -> Any:
        """The resource of the script of that name."""
        name = os.fsdecode(path)
        # What leads elsewhere, or is no name.
        if not name or name.startswith(".") or "/" in name or "\0" in name or os.sep in name:
            return notFound()
        found = os.path.join(self.path, name)
        if os.path.isdir(found):
            return ResourceScriptDirectory(found, self.registry)
        if os.path.isfile(found):
            return ResourceScript(found, self.registry)
        return notFound()

    def render(self, request: Any) -> Any:
        """That there is nothing here: a folder is not listed."""
        return notFound().render(request)


class PythonScript(Resource):
    """A script that answers: it runs for each request, and calls ``request.write``.

    It finds, as variables, its path (``__file__``), the ``request`` and the ``registry``. The
    response is finished when it ends.

    Args:
        filename: of the script.
        registry: is given to it.
    """

    isLeaf = True

    def __init__(self, filename: str, registry: Any) -> None:
        super().__init__()
        self.filename = filename
        self.registry = registry

    def render(self, request: Any) -> Any:
        """Run the script."""
        names = {
            "__name__": os.path.splitext(os.path.basename(self.filename))[0],
            "__file__": self.filename,
            "request": request,
            "registry": self.registry,
        }
        try:
            code = _compiled(self.filename)
        except FileNotFoundError:
            return notFound().render(request)
        except Exception:  # it may be no Python
            return self._failed(request)
        try:
            exec(code, names)
        except Exception:  # of the script
            return self._failed(request)
        return b""

    def _failed(self, request: Any) -> Any:
        """The script has failed: log it, and tell the client no more than it may know."""
        failure = Failure()
        if request.startedWriting:
            # Whoever reads it must see that it is not all; the request does that, and logs it.
            failure.raiseException()
        _log.failure("The script {path} has failed", failure=failure, path=self.filename)
        if getattr(request.site, "displayTracebacks", False):
            detail = formatFailure(failure).decode("ascii")
        else:
            detail = escape("The log of the server says what.")
        page = ErrorPage(INTERNAL_SERVER_ERROR, "The script has failed", detail)
        return page.render(request)
