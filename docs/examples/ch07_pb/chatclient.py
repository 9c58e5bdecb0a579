"""Join a group of the server of chatserver.py, and say something there.

python chatclient.py host port [name password]     alice by default
"""

import sys

from twisted.cred import credentials
from twisted.internet import reactor
from twisted.spread import pb


class Client(pb.Referenceable):
    def remote_print(self, message):
        print(message)

    def connect(self, host, port, name="alice", password="1234"):
        factory = pb.PBClientFactory()
        reactor.connectTCP(host, int(port), factory)
        known = credentials.UsernamePassword(name.encode(), password.encode())
        def1 = factory.login(known, client=self)
        def1.addCallbacks(self.connected, self.refused)
        reactor.run()

    def refused(self, reason):
        print("not let in:", reason.type)
        reactor.stop()

    def connected(self, perspective):
        print("connected, joining group #lookingForFourth")
        # this perspective is a reference to our User object: we are logged in while we have it
        self.perspective = perspective
        d = perspective.callRemote("joinGroup", "#lookingForFourth")
        d.addCallback(self.gotGroup)

    def gotGroup(self, group):
        print("joined group, now sending a message to all members")
        # 'group' is a reference to the Group object (through a ViewPoint)
        d = group.callRemote("send", "You can call me Al.")
        d.addCallback(self.shutdown)

    def shutdown(self, result):
        reactor.stop()


if __name__ == "__main__":
    Client().connect(*sys.argv[1:])
