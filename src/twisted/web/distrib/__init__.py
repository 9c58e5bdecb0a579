"""Sites that are served by several processes: one has the port, others have the resources.

A process publishes its site with a `ResourcePublisher`, the root of a `pb.PBServerFactory`; another
puts a `ResourceSubscription` into its own tree. So each user of a machine can have a process of
their own, below one port: see `UserDirectory`.

Theory of operation. What goes over Perspective Broker is a copy of the request, with a reference to
an `_Answering` beside the real one. The copy is a `server.Request` whose channel passes what a
resource writes to that reference. Bodies of requests are read through it, piece by piece, as the
publisher asks for them; bodies of responses are paced by the producer that writes them, which the
real request pauses and resumes through `_Control`. When either of the two connections is lost the
other side is told, and nothing waits any more.
"""

from twisted.logger import Logger as Logger
from twisted.spread.banana import SIZE_LIMIT as SIZE_LIMIT
from twisted.web.distrib._publisher import Request as Request
from twisted.web.distrib._publisher import ResourcePublisher as ResourcePublisher
from twisted.web.distrib._subscription import Issue as Issue
from twisted.web.distrib._subscription import ResourceSubscription as ResourceSubscription
from twisted.web.distrib._users import UserDirectory as UserDirectory

__all__ = [
    "SIZE_LIMIT",
    "Issue",
    "Logger",
    "Request",
    "ResourcePublisher",
    "ResourceSubscription",
    "UserDirectory",
]
