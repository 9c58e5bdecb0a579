"""Hold up the callbacks of a Deferred that has fired, until all have been added."""

from twisted.internet import defer

steps = []

d = defer.succeed("result")
d.pause()
d.addCallback(lambda result: print("first callback:", result, steps))
steps.append("added the first")
d.addCallback(lambda result: print("second callback:", result, steps))
steps.append("added the second")
print("nothing has been called")
d.unpause()
