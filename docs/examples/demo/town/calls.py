"""Calls of programs: XML-RPC, and Perspective Broker."""

from town.users import BadStatus, NoSuchUser
from twisted.spread import pb
from twisted.web import http, xmlrpc

# What a fault says, by its number.
NO_SUCH_USER, BAD_STATUS = 1, 2


class Calls(xmlrpc.XMLRPC):
    """
    getUser(name), getUsers(), setUser(name, text).

    A browser that has a page of somebody else says so (`Origin`), and is refused: calls have no
    code in them that would show that they are meant, as the form has.
    """

    def __init__(self, users):
        super().__init__()
        self.users = users
        xmlrpc.addIntrospection(self)

    def render_POST(self, request):
        if request.getHeader(b"origin") is not None:
            request.setResponseCode(http.FORBIDDEN)
            return b"Calls are for programs, not for pages.\n"
        return super().render_POST(request)

    async def xmlrpc_getUser(self, name):
        """How someone is."""
        try:
            return await self.users.status(name)
        except NoSuchUser:
            raise xmlrpc.Fault(NO_SUCH_USER, "No such user") from None

    xmlrpc_getUser.signature = [["string", "string"]]

    async def xmlrpc_getUsers(self):
        """How everybody is."""
        return {name: text for name, text, _ in await self.users.everybody()}

    xmlrpc_getUsers.signature = [["struct"]]

    async def xmlrpc_setUser(self, name, text):
        """Someone is like that now."""
        try:
            await self.users.tell(name, text, "XML-RPC")
        except NoSuchUser:
            raise xmlrpc.Fault(NO_SUCH_USER, "No such user") from None
        except BadStatus as error:
            raise xmlrpc.Fault(BAD_STATUS, str(error)) from None
        return True

    xmlrpc_setUser.signature = [["boolean", "string", "string"]]


class Known(pb.Root):
    """The same for Perspective Broker. What is wrong is a `pb.Error` at the other end."""

    def __init__(self, users):
        self.users = users

    async def remote_getUser(self, name):
        try:
            return await self.users.status(name)
        except NoSuchUser:
            raise pb.Error("No such user") from None

    async def remote_getUsers(self):
        return {name: text for name, text, _ in await self.users.everybody()}

    async def remote_setUser(self, name, text):
        try:
            await self.users.tell(name, text, "Perspective Broker")
        except NoSuchUser:
            raise pb.Error("No such user") from None
        except BadStatus as error:
            raise pb.Error(str(error)) from None
