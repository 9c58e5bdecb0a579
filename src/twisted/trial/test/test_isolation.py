"""What tests leave behind: it fails them, with the line that made it, and troubles no other."""

from __future__ import annotations

import re

from twisted.trial.test.commands import CommandCase

MODULE = """
    import os, sys, threading
    from twisted.internet import defer, endpoints, protocol, reactor, task
    from twisted.trial import _cleanup, unittest
    _cleanup._THREAD_GRACE_SECONDS = 0.01
    factory = protocol.Factory.forProtocol(protocol.Protocol)

    class Tests(unittest.TestCase):
        def test_call(self):
            reactor.callLater(100, print)  # CALL
        def test_deep(self):
            task.deferLater(reactor, 100, print)  # DEEP
        async def test_later(self):
            await task.deferLater(reactor, 0, lambda: None)
            reactor.callLater(100, print)  # LATER
        def test_port(self):
            reactor.listenTCP(0, factory, interface="127.0.0.1")  # PORT
        def test_datagrams(self):
            reactor.listenUDP(0, protocol.DatagramProtocol(), interface="127.0.0.1")  # DATAGRAMS
        def test_socket(self):
            reactor.listenUNIX("socket", factory)  # SOCKET
        @defer.inlineCallbacks
        def test_connection(self):
            accepted = defer.Deferred()
            class Server(protocol.Protocol):
                def connectionMade(self):
                    accepted.callback(None)
            server = protocol.Factory.forProtocol(Server)
            port = reactor.listenTCP(0, server, interface="127.0.0.1")  # ACCEPTED
            self.addCleanup(port.stopListening)
            endpoint = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
            yield endpoint.connect(factory)  # CONNECTED
            yield accepted
        def test_program(self):
            command = [sys.executable, "-c", "input()"]
            idle = protocol.ProcessProtocol()
            reactor.spawnProcess(idle, command[0], command)  # PROGRAM
        def test_thread(self):
            event = threading.Event()
            thread = threading.Thread(target=event.wait, name="THREAD")
            thread.start()
            self.addClassCleanup(event.set)
        def test_error(self):
            defer.fail(ValueError("ERROR"))
        def test_cycle(self):
            d = defer.Deferred()
            d.itself = d
            d.errback(ValueError("CYCLE"))
        def test_z(self):
            self.assertEqual(reactor.getDelayedCalls(), [])
            left = [r for r in map(repr, reactor.getReaders()) if "the end of process" not in r]
            self.assertEqual([r for r in left if "Waker" not in r], [])
"""


class IsolationTests(CommandCase):
    """A run with every kind of leftover."""

    def test_everything(self) -> None:
        path = self.write("test_it.py", MODULE)
        done = self.command("--order=toptobottom", "--reporter=bwverbose", "test_it")
        self.assertEqual(self.last(done, status=1), "FAILED (errors=11, successes=1)")
        lines = self.read("test_it.py").splitlines()
        for number, line in enumerate(lines, 1):
            _, marked, _ = line.partition("# ")
            word = line.rpartition("# ")[2]
            if marked:
                self.assertRegex(
                    done[1], rf"made at {re.escape(path)}:{number}, in test_\w+: .*# {word}\n"
                )
        for word in ("THREAD", "ValueError: ERROR", "ValueError: CYCLE"):
            self.assertIn(word, done[1])
        for name in re.findall(r"def (test_\w+)", MODULE):
            outcome = "OK" if name == "test_z" else "ERROR"
            self.assertIn(f"test_it.Tests.{name} ... [{outcome}]", done[1])

    def test_programForAllTests(self) -> None:
        """One that is ended when all tests have run is waited for."""
        self.write(
            "test_it.py",
            """
            import sys
            from twisted.internet import defer, protocol, reactor
            from twisted.trial import unittest
            class Program(protocol.ProcessProtocol):
                def connectionMade(self):
                    self.ended = defer.Deferred()
                    reactor.addSystemEventTrigger("before", "shutdown", self.end)
                def end(self):
                    self.transport.signalProcess("KILL")
                    return self.ended
                def processEnded(self, reason):
                    print("ENDED")
                    self.ended.callback(None)
            class Tests(unittest.TestCase):
                def test_begin(self):
                    code = "import time; time.sleep(100)"
                    command = [sys.executable, "-c", code]
                    reactor.spawnProcess(Program(), command[0], command, childFDs={})
            """,
        )
        done = self.command("--unclean-warnings", "test_it")
        self.assertEqual(self.last(done), "PASSED")
        self.assertIn("ENDED", done[1])

    def test_descriptor(self) -> None:
        """One that the reactor does not know fails the test that left it; or is a warning."""
        self.write(
            "test_it.py",
            """
            import os
            from twisted.internet import reactor
            from twisted.trial import unittest
            class Tests(unittest.TestCase):
                def test_left(self):
                    self.number = os.open("/dev/null", os.O_RDONLY)
                def test_closed(self):
                    os.close(os.open("/dev/null", os.O_RDONLY))
            """,
        )
        done = self.command("test_it")
        self.assertEqual(self.last(done, status=1), "FAILED (errors=1, successes=1)")
        self.assertRegex(done[1], r"Descriptors:\n\d+, /dev/null\n")
        self.assertIn("test_it.Tests.test_left", done[1])
        done = self.command("--unclean-warnings", "test_it")
        self.assertEqual(self.last(done), "PASSED (successes=1)")
        self.assertIn("UserWarning: test_it.Tests.test_left: Reactor was unclean.", done[1])

    def test_atTheEnd(self) -> None:
        """An error that comes up after the last test fails the run."""
        self.write(
            "test_it.py",
            """
            import gc
            from twisted.internet import defer
            from twisted.trial import unittest
            class Tests(unittest.SynchronousTestCase):
                kept = []
                def test_it(self):
                    d = defer.Deferred()
                    d.itself = d
                    self.kept.append(d)
                    d.errback(ValueError("late"))
                    gc.collect()
                @classmethod
                def tearDownClass(cls):
                    cls.kept.clear()
            """,
        )
        done = self.command("test_it")
        self.assertEqual(self.last(done, status=1), "FAILED (errors=1, successes=1)")
        self.assertIn("ValueError: late\n\n<not in test>\n", done[1])
