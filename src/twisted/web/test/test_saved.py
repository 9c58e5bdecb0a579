"""Sites that are saved with their applications, as `mktap` and `twistd` do."""

from __future__ import annotations

import pickle

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import resource, server, static


class SavedTests(SynchronousTestCase):
    """A site that has run, and is saved."""

    def test_saved(self) -> None:
        """What it serves is saved; connections, sessions, logs and clocks are of the run."""
        clock = Clock()
        path = self.mktemp()
        root = resource.Resource()
        root.putChild(b"", static.Data(b"Hello", "text/plain"))
        site = server.Site(root, logPath=path, reactor=clock)
        site.doStart()
        self.addCleanup(site.doStop)
        site.buildProtocol(None).makeConnection(StringTransport())
        session = site.makeSession()
        self.addCleanup(session.expire)
        again = pickle.loads(pickle.dumps(site))
        self.assertIs(type(again), server.Site)
        self.assertEqual((again.sessions, again.logFile), ({}, None))
        self.assertEqual((again.logPath, again.limits), (site.logPath, site.limits))
        again._reactor = clock
        transport = StringTransport()
        channel = again.buildProtocol(None)
        channel.makeConnection(transport)
        channel.dataReceived(b"GET / HTTP/1.0\r\n\r\n")
        self.assertTrue(transport.value().endswith(b"\r\n\r\nHello"))
        self.assertEqual((len(site.sessions), site.reactor), (1, clock))
