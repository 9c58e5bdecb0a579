"""`IReactorProcess`: programs that are talked to, and heard the end of."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from typing import Any, ClassVar, cast

from zope.interface.verify import verifyObject

from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IProcessTransport, IReactorProcess
from twisted.internet.process import _reaper, reapProcessHandlers
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance.flow import Pusher
from twisted.internet.test.conformance.recorders import Fault, Watched
from twisted.python.failure import Failure

SHELL = "/bin/sh"
MUCH = 1 << 20
#: One more than usual, to be read by the child.
FOUR = {0: "w", 1: "r", 2: "r", 3: "w"}


class ProcessRecorder(ProcessProtocol, Watched):
    """Keeps what happens to a process.

    Attributes:
        data: what the child wrote, by its descriptor.
        faults: the events that raise.
    """

    transport: Any
    faults: tuple[str, ...] = ()

    def __init__(self) -> None:
        Watched.__init__(self)
        self.data: dict[int, bytes] = {}
        self.reason: Any = None
        self.exited: Any = None

    def note(self, event: str) -> None:
        super().note(event)
        if event in self.faults:
            raise Fault(f"note of {event}")

    def connectionMade(self) -> None:
        self.note("made")

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        self.data[childFD] = self.data.get(childFD, b"") + data
        self.note(f"data {childFD}")

    def childConnectionLost(self, childFD: int) -> None:
        super().childConnectionLost(childFD)
        self.note(f"lost {childFD}")

    def inConnectionLost(self) -> None:
        self.note("in lost")

    def outConnectionLost(self) -> None:
        self.note("out lost")

    def errConnectionLost(self) -> None:
        self.note("err lost")

    def processExited(self, reason: Failure) -> None:
        self.exited = reason.value
        self.note("exited")

    def processEnded(self, reason: Failure) -> None:
        assert self.reason is None, "processEnded is called once"
        self.reason = reason.value
        self.note("ended")

    async def ended(self) -> Any:
        """Wait for the end of the process; returns its reason."""
        await self.when(lambda: self.reason)
        return self.reason

    def out(self) -> bytes:
        """What the child wrote to its standard output."""
        return self.data.get(1, b"")


class ProcessCase(ReactorSuite):
    """Starts programs.

    Attributes:
        pidfds: whether children may be watched by their pidfds.
    """

    capability = Capability.PROCESSES
    requires = (IReactorProcess,)
    pidfds: ClassVar[bool] = True

    def setUp(self) -> None:
        super().setUp()
        self._handler = signal.getsignal(signal.SIGCHLD)
        if not self.pidfds:
            self.patch(_reaper, "openPidfd", lambda pid: None)

    def assertNothingLeft(self, reactor: Any) -> None:
        super().assertNothingLeft(reactor)
        self.assertEqual(reapProcessHandlers, {})
        self.assertEqual(signal.getsignal(signal.SIGCHLD), self._handler)

    def spawn(self, *args: str, protocol: ProcessRecorder | None = None, **how: Any) -> Any:
        """Start a program; returns its protocol."""
        recorder = ProcessRecorder() if protocol is None else protocol
        self.reactor.spawnProcess(recorder, args[0], args, **how)
        return recorder

    def sh(self, script: str, protocol: ProcessRecorder | None = None, **how: Any) -> Any:
        """Start a script; returns its protocol."""
        return self.spawn(SHELL, "-c", script, protocol=protocol, **how)

    def playSh(self, script: str, **how: Any) -> ProcessRecorder:
        """Run a script to its end."""

        async def scenario() -> Any:
            recorder = self.sh(script, **how)
            await recorder.ended()
            return recorder

        recorder = self.play(scenario())
        assert isinstance(recorder, ProcessRecorder)
        return recorder


class ProcessEndSuite(ProcessCase):
    """How a child ends, and who hears of it."""

    def test_done(self) -> None:
        recorder = self.playSh("exit 0")
        self.assertIsInstance(recorder.reason, ProcessDone)
        self.assertEqual((recorder.reason.exitCode, recorder.reason.status), (0, 0))
        self.assertIs(recorder.exited, recorder.reason)

    def test_exitCode(self) -> None:
        recorder = self.playSh("exit 3")
        self.assertIsInstance(recorder.reason, ProcessTerminated)
        self.assertEqual((recorder.reason.exitCode, recorder.reason.signal), (3, None))
        self.assertEqual(os.WEXITSTATUS(recorder.reason.status), 3)

    def test_signal(self) -> None:
        recorder = self.playSh("kill -TERM $$")
        self.assertIsInstance(recorder.reason, ProcessTerminated)
        self.assertEqual((recorder.reason.exitCode, recorder.reason.signal), (None, signal.SIGTERM))
        self.assertEqual(os.WTERMSIG(recorder.reason.status), signal.SIGTERM)

    def test_order(self) -> None:
        """processExited comes before processEnded, which comes last."""
        events = self.playSh("echo x").events
        self.assertEqual((events[0], events[-1]), ("made", "ended"))
        self.assertLess(events.index("exited"), events.index("ended"))
        for number, name in enumerate(("in", "out", "err")):
            self.assertIn(f"lost {number}", events)
            self.assertIn(f"{name} lost", events)
        self.assertLess(events.index("data 1"), events.index("lost 1"))

    def test_exitedButNotEnded(self) -> None:
        """A child of the child keeps the pipes: the process is over, its data are not."""

        async def scenario() -> None:
            recorder = self.sh("(read line <&3; echo $line) & exit 0", childFDs=FOUR)
            await recorder.when(lambda: recorder.exited)
            self.assertIsNone(recorder.transport.pid)
            self.assertNotIn("ended", recorder.events)
            recorder.transport.writeToChild(3, b"late\n")
            await recorder.ended()
            self.assertEqual(recorder.out(), b"late\n")

        self.play(scenario())

    def test_signals(self) -> None:
        """By name, with or without prefix, and by number."""

        async def scenario() -> None:
            for sent, number in (
                ("KILL", signal.SIGKILL),
                ("TERM", signal.SIGTERM),
                ("INT", signal.SIGINT),
                ("SIGHUP", signal.SIGHUP),
                (signal.SIGUSR1, signal.SIGUSR1),
                (9, signal.SIGKILL),
            ):
                recorder = self.spawn("/bin/cat")
                recorder.transport.signalProcess(sent)
                self.assertEqual((await recorder.ended()).signal, number, sent)

        self.play(scenario())

    def test_badSignals(self) -> None:
        async def scenario() -> None:
            recorder = self.spawn("/bin/cat")
            transport = recorder.transport
            for bad in ("NONE", "SIG_IGN", "kill", "", -1, 999):
                self.assertRaises(ValueError, transport.signalProcess, bad)
            self.assertRaises(TypeError, transport.signalProcess, 1.5)
            transport.closeStdin()
            await recorder.ended()
            self.assertRaises(ProcessExitedAlready, transport.signalProcess, "KILL")
            self.assertRaises(ProcessExitedAlready, transport.signalProcess, 0)

        self.play(scenario())

    def test_many(self) -> None:
        """Children that end together are all heard of."""

        async def scenario() -> None:
            children = [self.sh(f"read line; exit {n}") for n in range(20)]
            for child in children:
                child.transport.closeStdin()
            codes = [(await child.ended()).exitCode for child in children]
            self.assertEqual(codes, list(range(20)))

        self.play(scenario())

    def test_othersChildren(self) -> None:
        """The status of a child that somebody else has started is left to them."""

        async def scenario() -> None:
            other = os.posix_spawn(SHELL, [SHELL, "-c", "exit 7"], {})
            os.waitid(os.P_PID, other, os.WEXITED | os.WNOWAIT)
            await self.sh("exit 1").ended()
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]), 7)

        self.play(scenario())

    def test_besidesSubprocess(self) -> None:
        """Children of ours and of `subprocess` end together: each owner hears of its own."""

        async def scenario() -> None:
            ours, theirs = [], []
            for code in range(5):
                script = f"read line; exit {code}"
                ours.append(self.sh(script))
                theirs.append(subprocess.Popen([SHELL, "-c", script], stdin=subprocess.PIPE))
            for recorder, other in zip(ours, theirs, strict=True):
                recorder.transport.closeStdin()
                cast(Any, other.stdin).close()
            codes = [(await recorder.ended()).exitCode for recorder in ours]
            self.assertEqual(codes, list(range(5)))
            self.assertEqual([other.wait() for other in theirs], list(range(5)))

        self.play(scenario())

    def test_besidesAsyncio(self) -> None:
        """Children of ours and of asyncio in the same loop end together."""

        async def scenario() -> None:
            await self.turns()
            ours, theirs = [], []
            for code in range(5):
                script = f"read line; exit {code}"
                ours.append(self.sh(script))
                theirs.append(
                    await asyncio.create_subprocess_exec(
                        SHELL, "-c", script, stdin=asyncio.subprocess.PIPE
                    )
                )
            for recorder, other in zip(ours, theirs, strict=True):
                cast(Any, other.stdin).close()
                recorder.transport.closeStdin()
            self.assertEqual([await other.wait() for other in theirs], list(range(5)))
            codes = [(await recorder.ended()).exitCode for recorder in ours]
            self.assertEqual(codes, list(range(5)))

        self.play(scenario())

    def test_stolen(self) -> None:
        """Somebody waits for all children, ours included: the end is told all the same."""

        async def scenario() -> None:
            recorder = self.sh("exit 2")
            os.waitpid(recorder.transport.pid, 0)
            reason = await recorder.ended()
            self.assertIsInstance(reason, ProcessTerminated)
            self.assertEqual((reason.exitCode, reason.signal, reason.status), (None, None, None))

        self.play(scenario())

    def test_faults(self) -> None:
        """What the protocol raises is logged, and keeps no event from coming."""

        async def scenario(fault: str) -> None:
            recorder = ProcessRecorder()
            recorder.faults = (fault,)
            self.sh("echo x; read line", protocol=recorder)
            if fault != "made":
                recorder.transport.closeStdin()
            await recorder.ended()
            self.assertEqual(recorder.events[-1], "ended")
            await self.turns(2)
            self.assertLogged(Fault, mention="note of")

        async def all() -> None:
            for fault in ("made", "data 1", "lost 1", "exited", "ended"):
                await scenario(fault)

        self.play(all())


class SignalledProcessEndSuite(ProcessEndSuite):
    """The same where the kernel has no pidfds."""

    pidfds = False

    def test_handler(self) -> None:
        """A handler that was there before is called as well, and put back."""
        heard: list[int] = []

        async def scenario() -> None:
            before = signal.signal(signal.SIGCHLD, lambda number, frame: heard.append(number))
            try:
                ours = signal.getsignal(signal.SIGCHLD)
                recorder = self.sh("exit 4")
                self.assertEqual((await recorder.ended()).exitCode, 4)
                self.assertEqual(signal.getsignal(signal.SIGCHLD), ours)
            finally:
                signal.signal(signal.SIGCHLD, before)

        self.play(scenario())
        self.assertIn(signal.SIGCHLD, heard)

    def test_noHandler(self) -> None:
        """Where no handler can be installed, it is looked from time to time."""

        def refuse(number: object, handler: object) -> None:
            raise ValueError("signal only works in main thread")

        async def scenario() -> None:
            with_signal = signal.signal
            self.patch(signal, "signal", refuse)
            recorder = self.sh("exit 5")
            reason = await recorder.ended()
            self.patch(signal, "signal", with_signal)
            self.assertEqual(reason.exitCode, 5)

        self.play(scenario())


class ProcessPipeSuite(ProcessCase):
    """The pipes of a child."""

    def test_transport(self) -> None:
        async def scenario() -> None:
            recorder = self.spawn("/bin/cat")
            self.assertTrue(verifyObject(IProcessTransport, recorder.transport))
            self.assertIn(str(recorder.transport.pid), repr(recorder.transport))
            recorder.transport.loseConnection()
            await recorder.ended()

        self.play(scenario())

    def test_echo(self) -> None:
        """A megabyte there and back, in pieces, in order."""

        async def scenario() -> None:
            recorder = self.spawn("/bin/cat")
            sent = bytes(range(256)) * (MUCH // 256)
            recorder.transport.write(sent[:1000])
            recorder.transport.writeSequence([sent[1000:2000], sent[2000:]])
            recorder.transport.closeStdin()
            self.assertIsInstance(await recorder.ended(), ProcessDone)
            self.assertEqual(recorder.out(), sent)

        self.play(scenario())

    def test_str(self) -> None:
        async def scenario() -> None:
            recorder = self.spawn("/bin/cat")
            error = self.assertRaises(TypeError, recorder.transport.write, "text")
            self.assertIn("encode", str(error))
            self.assertRaises(KeyError, recorder.transport.writeToChild, 5, b"x")
            self.assertRaises(TypeError, recorder.transport.writeToChild, 1, b"x")
            recorder.transport.closeStdin()
            await recorder.ended()
            # As on a connection that is closed.
            recorder.transport.write(b"late")
            self.assertRaises(KeyError, recorder.transport.writeToChild, 0, b"late")

        self.play(scenario())

    def test_err(self) -> None:
        recorder = self.playSh("echo out; echo err >&2")
        self.assertEqual(recorder.data, {1: b"out\n", 2: b"err\n"})

    def test_childCloses(self) -> None:
        """What the child closes is told while it lives."""

        async def scenario() -> None:
            recorder = self.sh("exec 0<&-; echo x; exec 1>&-; read line <&3", childFDs=FOUR)
            await recorder.when(lambda: {"in lost", "out lost"} <= set(recorder.events))
            self.assertNotIn("err lost", recorder.events)
            self.assertIsNotNone(recorder.transport.pid)
            recorder.transport.closeChildFD(3)
            await recorder.ended()
            self.assertIn("lost 3", recorder.events)

        self.play(scenario())

    def test_weClose(self) -> None:
        async def scenario() -> None:
            # Whoever writes where nobody reads is ended by a signal.
            for close, name in (("closeStdout", "out"), ("closeStderr", "err")):
                target = "" if name == "out" else ">&2"
                recorder = self.sh(f"read line; while true; do echo y {target}; done")
                getattr(recorder.transport, close)()
                await recorder.when(lambda name=name, r=recorder: f"{name} lost" in r.events)
                recorder.transport.write(b"go\n")
                await recorder.ended()
                self.assertNotIn(f"data {1 if name == 'out' else 2}", recorder.events)

        self.play(scenario())

    def test_ignoresClosedStdin(self) -> None:
        """A child that does not read, and lives on, with its input closed."""

        async def scenario() -> None:
            recorder = self.sh("read line <&3", childFDs=FOUR)
            recorder.transport.write(b"x" * MUCH)
            recorder.transport.closeStdin()
            await self.turns(3)
            self.assertNotIn("in lost", recorder.events)
            recorder.transport.signalProcess("KILL")
            await recorder.ended()
            self.assertIn("in lost", recorder.events)

        self.play(scenario())

    def test_pause(self) -> None:
        async def scenario() -> None:
            recorder = self.sh("echo x; echo y >&2; exit 0")
            recorder.transport.pauseProducing()
            await recorder.when(lambda: recorder.exited)
            await self.turns(3)
            self.assertEqual(recorder.data, {})
            recorder.transport.resumeProducing()
            await recorder.ended()
            self.assertEqual(recorder.data, {1: b"x\n", 2: b"y\n"})

        self.play(scenario())

    def test_producer(self) -> None:
        """A push producer writes to the standard input, and is slowed down."""

        async def scenario() -> None:
            recorder = self.sh("read line <&3; cat", childFDs=FOUR)
            pusher = Pusher(self.reactor, recorder.transport, 1024)
            recorder.transport.registerProducer(pusher, True)
            pusher.resumeProducing()
            await pusher.when(lambda: "pause" in pusher.events)
            self.assertGreater(pusher.left, 0)
            recorder.transport.writeToChild(3, b"go\n")
            await recorder.when(lambda: len(recorder.out()) == MUCH)
            recorder.transport.closeStdin()
            await recorder.ended()
            late = Pusher(self.reactor, recorder.transport, 1)
            recorder.transport.registerProducer(late, True)
            self.assertEqual(late.events, ["stop"])

        self.play(scenario())


suites = [ProcessEndSuite, SignalledProcessEndSuite, ProcessPipeSuite]
