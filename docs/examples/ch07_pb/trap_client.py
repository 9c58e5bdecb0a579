"""Call the server of trap_server.py in ways that fail, and tell one from the other by `trap`.

python trap_client.py host port
"""

import sys

from twisted.internet import reactor
from twisted.python import log
from twisted.spread import jelly, pb


class MyException(pb.Error):
    pass


class MyOtherException(pb.Error):
    pass


class ScaryObject:
    """Not safe for serialization."""


def worksLike(obj, name, arg):
    # The callbacks of class One work just like an asynchronous version of this.
    try:
        response = obj.callMethod(name, arg)
    except pb.DeadReferenceError:
        print(" stale reference: the client disconnected or crashed")
    except jelly.InsecureJelly:
        print(" InsecureJelly: you tried to send something unsafe to them")
    except (MyException, MyOtherException):
        print(" remote raised a MyException")  # or MyOtherException
    except Exception:
        print(" something else happened")
    else:
        print(" method successful, response:", response)


class One:
    def worked(self, response):
        print(" method successful, response:", response)

    def check_InsecureJelly(self, failure):
        failure.trap(jelly.InsecureJelly)
        print(" InsecureJelly: you tried to send something unsafe to them")

    def check_MyException(self, failure):
        which = failure.trap(MyException, MyOtherException)
        if which == MyException:
            print(" remote raised a MyException")
        else:
            print(" remote raised a MyOtherException")

    def catch_everythingElse(self, failure):
        print(" something else happened")
        log.err(failure)

    def doCall(self, explanation, arg):
        print(explanation)
        try:
            deferred = self.remote.callRemote("fooMethod", arg)
            deferred.addCallback(self.worked)
            deferred.addErrback(self.check_InsecureJelly)
            deferred.addErrback(self.check_MyException)
            deferred.addErrback(self.catch_everythingElse)
            return deferred
        except pb.DeadReferenceError:
            print(" stale reference: the client disconnected or crashed")

    def callOne(self, _):
        return self.doCall("callOne: call with safe object", "safe string")

    def callTwo(self, _):
        return self.doCall("callTwo: call with dangerous object", ScaryObject())

    def callThree(self, _):
        return self.doCall("callThree: call that raises remote exception", "panic!")

    def callShutdown(self, _):
        print("telling them to shut down")
        self.remote.notifyOnDisconnect(self.callFour)
        self.remote.callRemoteOnly("shutdown")

    def callFour(self, _):
        self.doCall("callFour: call on stale reference", "dummy")
        reactor.stop()

    def got_obj(self, obj):
        self.remote = obj
        d = self.callOne(None)
        d.addCallback(self.callTwo)
        d.addCallback(self.callThree)
        d.addCallback(self.callShutdown)


if __name__ == "__main__":
    factory = pb.PBClientFactory()
    reactor.connectTCP(sys.argv[1], int(sys.argv[2]), factory)
    factory.getRootObject().addCallback(One().got_obj)
    reactor.run()
