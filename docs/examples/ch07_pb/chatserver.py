"""A server of chats, for users whom it knows.

python chatserver.py port
"""

import sys

from zope.interface import implementer

from twisted.cred import checkers, portal
from twisted.internet import reactor
from twisted.spread import pb


class ChatServer:
    def __init__(self):
        self.groups = {}  # indexed by name

    def joinGroup(self, groupname, user, allowMattress):
        if groupname not in self.groups:
            self.groups[groupname] = Group(groupname, allowMattress)
        self.groups[groupname].addUser(user)
        return self.groups[groupname]

    def leave(self, user):
        for group in self.groups.values():
            group.removeUser(user)


@implementer(portal.IRealm)
class ChatRealm:
    def __init__(self, server):
        self.server = server

    def requestAvatar(self, avatarID, mind, *interfaces):
        assert pb.IPerspective in interfaces
        avatar = User(avatarID.decode())
        avatar.server = self.server
        avatar.attached(mind)
        return pb.IPerspective, avatar, lambda a=avatar: a.detached(mind)


class User(pb.Avatar):
    def __init__(self, name):
        self.name = name

    def attached(self, mind):
        self.remote = mind

    def detached(self, mind):
        self.remote = None
        self.server.leave(self)

    def perspective_joinGroup(self, groupname, allowMattress=True):
        return self.server.joinGroup(groupname, self, allowMattress)

    def send(self, message):
        # Whoever has gone meanwhile does not hear it.
        self.remote.callRemote("print", message).addErrback(lambda _: None)


class Group(pb.Viewable):
    def __init__(self, groupname, allowMattress):
        self.name = groupname
        self.allowMattress = allowMattress
        self.users = []

    def addUser(self, user):
        self.users.append(user)

    def removeUser(self, user):
        self.users = [each for each in self.users if each is not user]

    def view_send(self, from_user, message):
        if not self.allowMattress and "mattress" in message:
            raise ValueError("Don't say that word")
        for user in self.users:
            user.send(f"<{from_user.name}> says: {message}")


if __name__ == "__main__":
    checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
    checker.addUser(b"alice", b"1234")
    checker.addUser(b"bob", b"secret")
    checker.addUser(b"carol", b"fido")
    p = portal.Portal(ChatRealm(ChatServer()), [checker])
    port = reactor.listenTCP(int(sys.argv[1]), pb.PBServerFactory(p))
    print("Listening on port", port.getHost().port, flush=True)
    reactor.run()
