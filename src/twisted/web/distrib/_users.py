"""The pages of the users of a machine."""

from __future__ import annotations

import os
from html import escape
from typing import Any

from twisted.web.distrib._subscription import ResourceSubscription
from twisted.web.pages import notFound
from twisted.web.resource import Resource
from twisted.web.static import File

__name__ = "twisted.web.distrib"  # the public path, for pickles and messages

try:
    import pwd as _pwd
except ImportError:  # not every system has users of that kind
    _system: Any = None
else:
    _system = _pwd


class UserDirectory(Resource):
    """The pages of the users of the machine, by their names.

    ``bob`` is the folder ``public_html`` in bob's home, and ``bob.twistd`` what a publisher of
    bob's has, which listens at the socket ``.twistd-web-pb`` there.

    Args:
        userDatabase: has `getpwnam` and `getpwall`; the module `pwd` by default.

    Attributes:
        userDirName, userSocketName: how these are called.
        template: the page that lists the users; ``%(users)s`` is the list.
    """

    userDirName = "public_html"
    userSocketName = ".twistd-web-pb"
    template = (
        "<!DOCTYPE html>\n<html>\n<head><title>Users</title></head>\n"
        "<body>\n<h1>Users</h1>\n%(users)s\n</body>\n</html>\n"
    )

    _SUFFIX = ".twistd"

    def __init__(self, userDatabase: Any = None) -> None:
        super().__init__()
        self._users = _system if userDatabase is None else userDatabase

    def _listed(self) -> list[tuple[str, str]]:
        """What there is to see: a link, and what it is called."""
        found = []
        for user in self._users.getpwall():
            name, home = user[0], user[5]
            called = user[4].partition(",")[0] or name
            if os.path.exists(os.path.join(home, self.userDirName)):
                found.append((name, f"{called} (file)"))
            if os.path.exists(os.path.join(home, self.userSocketName)):
                found.append((name + self._SUFFIX, f"{called} (twistd)"))
        return found

    def render_GET(self, request: Any) -> bytes:
        """A page that lists the users."""
        items = [
            f'<li><a href="{escape(link)}/">{escape(called)}</a></li>'
            for link, called in self._listed()
        ]
        users = "<ul>\n{}\n</ul>".format("\n".join(items)) if items else "<p>There are none.</p>"
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return (self.template % {"users": users}).encode("utf-8")

    def getChild(self, name: bytes, request: Any) -> Any:
        """The pages of a user."""
        if not name:
            return self
        try:
            wanted = name.decode("utf-8")
            user = self._users.getpwnam(wanted.removesuffix(self._SUFFIX))
        except (KeyError, ValueError):  # nobody of that name, or what is no name
            return notFound()
        if not wanted.endswith(self._SUFFIX):
            folder = os.path.join(user[5], self.userDirName)
            return File(folder) if os.path.isdir(folder) else notFound()
        subscription = ResourceSubscription("unix", os.path.join(user[5], self.userSocketName))
        self.putChild(name, subscription)
        return subscription
