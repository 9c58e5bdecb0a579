"""Several sites behind one port, and sites behind a server of another make."""

from __future__ import annotations

from typing import Any

from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource

__all__ = ["NameVirtualHost", "VHostMonsterResource", "VirtualHostCollection"]


def _keyOf(name: bytes | str) -> bytes:
    """A name of a host as it is compared: without regard to case, or to the dot of the root."""
    wanted = name.encode("idna") if isinstance(name, str) else name
    return wanted.lower().removesuffix(b".")


class NameVirtualHost(Resource):
    """Leads to other resources by the host that the client means.

    Attributes:
        default: where those are led to who mean another host, or none; None for a 404.
        hosts: the resources, by the names of their hosts.
    """

    default: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.hosts: dict[bytes, Any] = {}

    def listStaticEntities(self) -> list[tuple[bytes, Any]]:
        """The names of the hosts, and their resources."""
        return list(self.hosts.items())

    def getStaticEntity(self, name: bytes | str) -> Any:
        """The resource of a host; None if there is none."""
        return self.hosts.get(_keyOf(name))

    def addHost(self, name: bytes | str, resrc: Any) -> None:
        """Lead those to a resource who mean a host.

        Args:
            name: the name of the host, without a port.
            resrc: the resource: the root of that host.
        """
        self.hosts[_keyOf(name)] = resrc

    def removeHost(self, name: bytes | str) -> None:
        """Forget a host.

        Raises:
            KeyError: there is none of that name.
        """
        del self.hosts[_keyOf(name)]

    def _resourceFor(self, request: Any) -> Any:
        named = request.getRequestHostname() if request.getHeader(b"host") else b""
        found = self.hosts.get(_keyOf(named), self.default)
        return notFound("Not Found", "That host is not known here.") if found is None else found

    def getChild(self, path: bytes, request: Any) -> Any:
        """The root of the host that is meant; all of the path is for it."""
        request.postpath.insert(0, request.prepath.pop())
        return self._resourceFor(request)

    def render(self, request: Any) -> Any:
        """What the root of the host renders that is meant."""
        return self._resourceFor(request).render(request)


class VirtualHostCollection:
    """The hosts of a `NameVirtualHost`, as a collection.

    Args:
        nvh: the `NameVirtualHost`.
    """

    entityType = IResource

    def __init__(self, nvh: NameVirtualHost) -> None:
        self.nvh = nvh

    def listStaticEntities(self) -> list[tuple[bytes, Any]]:
        """The names of the hosts, and their resources."""
        return self.nvh.listStaticEntities()

    def getStaticEntity(self, name: bytes) -> Any:
        """The resource of a host; None if there is none."""
        return self.nvh.getStaticEntity(name)

    def reallyPutEntity(self, name: bytes, entity: Any) -> None:
        """Add a host, of that name."""
        self.nvh.addHost(name, entity)

    def delEntity(self, name: bytes) -> None:
        """Forget a host."""
        self.nvh.removeHost(name)


class _Scheme(Resource):
    """The part of the path that names a host, and its port."""

    def __init__(self, secure: bool) -> None:
        super().__init__()
        self._secure = secure

    def getChild(self, path: bytes, request: Any) -> Any:
        host, port = self._split(path)
        if not host or port is None:
            return notFound("Not Found", "That is no host, or no port of one.")
        request.setHost(host, port, self._secure)
        # The client has asked for what is behind that, and nobody is to see more.
        parts = request.uri.split(b"/", len(request.prepath) + 1)
        request.uri = b"/" + parts[-1]
        request.path = request.uri.partition(b"?")[0]
        request.prepath = []
        request.sitepath = []
        return request.site.resource

    def _split(self, named: bytes) -> tuple[bytes, int | None]:
        """A host and its port; None for one that is none."""
        host, colon, port = named.rpartition(b":")
        if not colon or named.endswith(b"]"):
            return self._checked(named), 443 if self._secure else 80
        fine = port.isdigit() and 0 < int(port[:6]) < 65536
        return self._checked(host), int(port) if fine else None

    @staticmethod
    def _checked(host: bytes) -> bytes:
        """The host; nothing if there is what cannot be in one."""
        fine = host.isascii() and not any(byte <= 0x20 or byte in b"/?#@\\\x7f" for byte in host)
        return host if fine else b""


class VHostMonsterResource(Resource):
    """For a server of another make that passes requests on, in the path: whom the client means.

    Put below a site as ``vhost``, ``/vhost/http/example.com:80/a`` is what the client knows as
    ``http://example.com/a``, and that is how everything here sees it then. Whoever can ask for
    this can say that it means any host: only the server in front may reach the port.
    """

    def getChild(self, path: bytes, request: Any) -> Any:
        """What takes the next part of the path; ``http`` or ``https`` comes first."""
        if path in (b"http", b"https"):
            return _Scheme(path == b"https")
        return notFound()
