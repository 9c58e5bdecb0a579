"""`IReactorProcess`: what a program is given, and what cannot be started."""

from __future__ import annotations

import os
import pwd
import signal
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.error import ProcessDone
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.process import PTYProcess
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance.processes import (
    FOUR,
    SHELL,
    ProcessCase,
    ProcessRecorder,
)


class ProcessStartSuite(ProcessCase):
    """What a child is given."""

    def test_arguments(self) -> None:
        script = 'for one in "$0" "$@"; do echo "$one"; done'
        for names in (("a b", "", "ü"), (b"a b", b"", "ü".encode())):
            recorder = self.playArguments([SHELL, "-c", script, *names])
            self.assertEqual(recorder.out().decode(), "a b\n\nü\n")
            self.reactor = self.buildReactor()

    def playArguments(self, args: list[Any], **how: Any) -> ProcessRecorder:
        """Run a program to its end."""

        async def scenario() -> Any:
            recorder = ProcessRecorder()
            self.reactor.spawnProcess(recorder, args[0], args, **how)
            await recorder.ended()
            return recorder

        recorder = self.play(scenario())
        assert isinstance(recorder, ProcessRecorder)
        return recorder

    def test_noArguments(self) -> None:
        """The program's path stands for its name."""
        recorder = ProcessRecorder()

        async def scenario() -> None:
            self.reactor.spawnProcess(recorder, SHELL)
            recorder.transport.write(b"echo $0\n")
            recorder.transport.closeStdin()
            await recorder.ended()

        self.play(scenario())
        self.assertEqual(recorder.out(), b"/bin/sh\n")

    def test_environment(self) -> None:
        os.environ["TORSION_TEST"] = "ours"
        self.addCleanup(os.environ.pop, "TORSION_TEST")
        script = "echo ${TORSION_TEST-none}"

        async def scenario() -> list[bytes]:
            found = []
            for how in (
                {},
                {"env": None},
                {"env": {"TORSION_TEST": "text"}},
                {"env": {b"TORSION_TEST": b"bytes"}},
                {"env": None, "childFDs": FOUR},
                {"childFDs": FOUR},
            ):
                recorder = self.sh(script, **how)
                await recorder.ended()
                found.append(recorder.out().strip())
            return found

        self.assertEqual(
            self.play(scenario()), [b"none", b"ours", b"text", b"bytes", b"ours", b"none"]
        )

    def test_search(self) -> None:
        """A program without a slash is looked for, whichever way it is started."""

        async def scenario() -> None:
            for how in ({}, {"childFDs": {1: "r"}}, {"childFDs": {1: "r"}, "path": "/"}):
                recorder = self.spawn("echo", "found", **how)
                await recorder.ended()
                self.assertEqual(recorder.out(), b"found\n")

        self.play(scenario())

    def test_path(self) -> None:
        """A directory to start in; with other descriptors and on a terminal as well."""
        folder = os.path.realpath(self.mktemp())
        os.mkdir(folder)

        async def scenario() -> None:
            for how in ({}, {"childFDs": FOUR}, {"usePTY": True}):
                recorder = self.sh("pwd -P", path=folder, **how)
                await recorder.ended()
                self.assertEqual(recorder.out().strip().decode(), folder)

        self.play(scenario())

    def test_descriptors(self) -> None:
        """The child has the descriptors that it is to have, and no others."""
        leak, end = os.pipe()
        self.addCleanup(os.close, leak)
        self.addCleanup(os.close, end)
        for fd in (leak, end):
            os.set_inheritable(fd, True)
            self.ownsDescriptor(fd)
        script = "cd /proc/self/fd && echo *"

        async def scenario() -> None:
            for fds in ({}, {4: "w"}, {end + 3: "r", leak + 2: "r", 5: end}):
                for path in (None, "/"):
                    table = {0: "w", 1: "r", 2: "r"} | fds
                    recorder = self.sh(script, childFDs=table, path=path)
                    self.assertIsInstance(await recorder.ended(), ProcessDone)
                    # The shell opens one more, to list them.
                    listed = {int(number) for number in recorder.out().split()}
                    self.assertEqual(set(table) - listed, set())
                    self.assertLessEqual(len(listed - set(table)), 1, (listed, table))

        self.play(scenario())

    def test_fewer(self) -> None:
        """Standard descriptors that are not asked for are closed."""

        async def scenario() -> None:
            for path in (None, "/"):
                recorder = self.sh(
                    "test -e /proc/self/fd/0 && echo 0; test -e /proc/self/fd/2 && echo 2; echo x",
                    childFDs={1: "r"},
                    path=path,
                )
                await recorder.ended()
                self.assertEqual(recorder.out(), b"x\n")

        self.play(scenario())

    def test_more(self) -> None:
        """Pipes in both directions, under numbers that we use ourselves."""

        async def scenario() -> None:
            for path in (None, "/"):
                table = {0: "w", 1: "r", 2: "r", 3: "w", 4: "r", 5: "w", 6: "r"}
                recorder = self.sh("cat <&3 >&4; cat <&5 >&6", childFDs=table, path=path)
                for number in (3, 5):
                    recorder.transport.writeToChild(number, b"%d" % number)
                    recorder.transport.closeChildFD(number)
                self.assertIsInstance(await recorder.ended(), ProcessDone)
                self.assertEqual(recorder.data, {4: b"3", 6: b"5"})

        self.play(scenario())

    def test_mapped(self) -> None:
        """Descriptors of ours, which stay ours; two of the child's may be one of ours."""
        out, into = os.pipe()
        self.addCleanup(os.close, out)
        self.addCleanup(os.close, into)
        for fd in (out, into):
            self.ownsDescriptor(fd)

        async def scenario() -> None:
            for extra in ({}, {4: into}):
                recorder = self.sh(
                    "echo x; echo y >&2", childFDs={0: "w", 1: into, 2: into} | extra
                )
                await recorder.ended()
                self.assertEqual(os.read(out, 100), b"x\ny\n")
                self.assertEqual(recorder.data, {})
                self.assertNotIn("lost 1", recorder.events)

        self.play(scenario())

    def test_swapped(self) -> None:
        """Numbers that change places among themselves."""
        pipes = [os.pipe(), os.pipe()]
        for fd in (*pipes[0], *pipes[1]):
            self.addCleanup(os.close, fd)
            self.ownsDescriptor(fd)
        first, second = pipes[0][1], pipes[1][1]

        async def scenario() -> None:
            for path in (None, "/"):
                table = {0: "w", 1: "r", 2: "r", first: second, second: first}
                script = f"echo second > /proc/self/fd/{first}; echo first > /proc/self/fd/{second}"
                recorder = self.sh(script, childFDs=table, path=path)
                self.assertIsInstance(await recorder.ended(), ProcessDone, recorder.data)
                self.assertEqual(os.read(pipes[0][0], 100), b"first\n")
                self.assertEqual(os.read(pipes[1][0], 100), b"second\n")

        self.play(scenario())

    def test_user(self) -> None:
        if os.getuid() != 0:
            raise self.skipTest("only root may run programs as somebody else")
        nobody = pwd.getpwnam("nobody")

        async def scenario() -> None:
            for how in ({}, {"childFDs": FOUR}, {"usePTY": True}):
                recorder = self.sh(
                    "id -u; id -g; id -G", uid=nobody.pw_uid, gid=nobody.pw_gid, **how
                )
                await recorder.ended()
                expected = f"{nobody.pw_uid} {nobody.pw_gid} {nobody.pw_gid}"
                self.assertEqual(recorder.out().decode().split(), expected.split())

        self.play(scenario())


class ProcessRefusalSuite(ProcessCase):
    """What cannot be started: the caller hears of it, and nothing is left."""

    def refuse(self, kind: type[Exception], mention: str, *args: Any, **how: Any) -> None:
        """This cannot be started, for a reason that is told."""

        async def scenario() -> None:
            recorder = ProcessRecorder()
            error = self.assertRaises(kind, self.reactor.spawnProcess, recorder, *args, **how)
            self.assertIn(mention, str(error))
            await self.turns(2)
            self.assertEqual(recorder.events, [])

        self.play(scenario())
        self.reactor = self.buildReactor()

    def allWays(self, kind: type[Exception], mention: str, executable: Any) -> None:
        """This program cannot be started in any way."""
        ways: list[dict[str, Any]] = [{"childFDs": {1: "r"}}, {"usePTY": True}, {}]
        for way in ways:
            self.refuse(kind, mention, executable, [executable], **way)
            self.refuse(kind, mention, executable, [executable], path="/", **way)

    def test_missing(self) -> None:
        self.allWays(FileNotFoundError, "no such program", "/no/such/program")
        self.allWays(FileNotFoundError, "no such program", b"no-such-program-at-all")

    def test_folder(self) -> None:
        self.allWays(PermissionError, "directory", os.path.realpath(os.curdir))

    def test_noRunBit(self) -> None:
        self.allWays(PermissionError, "chmod +x", self.script("#!/bin/sh\n", 0o600))

    def test_noInterpreter(self) -> None:
        self.allWays(FileNotFoundError, "interpreter", self.script("#!/no/such/thing\n", 0o700))

    def test_noProgram(self) -> None:
        self.allWays(OSError, "no program", self.script("\0\1\2\3", 0o700))

    def script(self, text: str, mode: int) -> str:
        name = os.path.realpath(self.mktemp())
        with open(name, "w") as file:
            file.write(text)
        os.chmod(name, mode)
        return name

    def test_badDirectory(self) -> None:
        self.refuse(FileNotFoundError, "directory", SHELL, [SHELL], path="/no/such/folder")
        self.refuse(NotADirectoryError, "directory", SHELL, [SHELL], path=SHELL, usePTY=True)

    def test_badDescriptors(self) -> None:
        closed = os.dup(0)
        os.close(closed)
        for table in ({0: "x"}, {0: None}, {0: 1.5}, {0: closed}, {-1: "r"}, {1 << 40: "r"}):
            self.refuse(ValueError, "childFDs", SHELL, [SHELL], childFDs=table)
        for other in ({"0": "r"}, ["r"]):
            self.refuse(TypeError, "childFDs", SHELL, [SHELL], childFDs=other)
        self.refuse(ValueError, "usePTY", SHELL, [SHELL], childFDs={}, usePTY=True)
        self.refuse(ValueError, "usePTY", SHELL, [SHELL], usePTY=(0, 0))

    def test_badArguments(self) -> None:
        self.refuse(ValueError, "args[1] contains a NUL", SHELL, [SHELL, "a\0b"])
        self.refuse(TypeError, "args[1]", SHELL, [SHELL, 5])
        self.refuse(TypeError, "list", SHELL, "sh -c")
        self.refuse(ValueError, "executable", "", ["x"])
        self.refuse(ValueError, "executable", "/bin/s\0h", ["x"])
        self.refuse(TypeError, "executable", None, ["x"])

    def test_badEnvironment(self) -> None:
        self.refuse(ValueError, "NUL", SHELL, [SHELL], env={"A": "\0"})
        self.refuse(ValueError, "'A=B'", SHELL, [SHELL], env={"A=B": "x"})
        self.refuse(ValueError, "''", SHELL, [SHELL], env={"": "x"})
        self.refuse(TypeError, "env['A']", SHELL, [SHELL], env={"A": 1})
        self.refuse(TypeError, "mapping", SHELL, [SHELL], env=[("A", "B")])

    def test_badUser(self) -> None:
        self.refuse(ValueError, "uid", SHELL, [SHELL], uid=-5)
        self.refuse(ValueError, "gid", SHELL, [SHELL], gid=1 << 40)
        self.refuse(TypeError, "uid", SHELL, [SHELL], uid="nobody")
        if os.getuid() != 0:
            self.refuse(PermissionError, "only root", SHELL, [SHELL], uid=0)


class TerminalSuite(ProcessCase):
    """Children on a terminal."""

    capability = Capability.TERMINALS

    def test_terminal(self) -> None:
        """All three are a terminal, the child's own, in a session of its own."""
        for how in ({}, {"path": "/"}):
            recorder = self.playSh(
                "test -t 0 -a -t 1 -a -t 2 && echo yes; echo err >&2; echo mine >/dev/tty",
                usePTY=True,
                **how,
            )
            self.assertEqual(recorder.data, {1: b"yes\r\nerr\r\nmine\r\n"})
            self.assertIsInstance(recorder.reason, ProcessDone)
            self.reactor = self.buildReactor()

    def test_write(self) -> None:
        async def scenario() -> None:
            recorder = self.sh("read one; read two; echo $one+$two", usePTY=True)
            transport = recorder.transport
            self.assertIsInstance(transport, PTYProcess)
            self.assertTrue(verifyObject(IProcessTransport, transport))
            transport.write(b"a\n")
            for close in (transport.closeStdin, transport.closeStdout, transport.closeStderr):
                close()
            transport.writeToChild(0, b"b\n")
            self.assertRaises(KeyError, transport.writeToChild, 3, b"c")
            await recorder.ended()
            self.assertIn(b"a+b\r\n", recorder.out())

        self.play(scenario())

    def test_hangUp(self) -> None:
        async def scenario() -> None:
            recorder = self.spawn("/bin/cat", usePTY=True)
            recorder.transport.loseConnection()
            self.assertEqual((await recorder.ended()).signal, signal.SIGHUP)

        self.play(scenario())

    def test_interrupt(self) -> None:
        """What is typed becomes signals: the terminal is the child's."""

        async def scenario() -> None:
            recorder = self.sh("echo ready; read line", usePTY=True)
            await recorder.when(lambda: b"ready" in recorder.out())
            recorder.transport.write(b"\x03")
            self.assertEqual((await recorder.ended()).signal, signal.SIGINT)

        self.play(scenario())

    def test_given(self) -> None:
        """A terminal that is there already; the child's end stays the caller's."""
        master, slave = os.openpty()

        async def scenario() -> None:
            given = (master, slave, os.ttyname(slave))
            recorder = self.sh("tty", usePTY=given)
            await recorder.when(lambda: recorder.exited and recorder.out())
            self.assertEqual(recorder.out().strip().decode(), given[2])
            recorder.transport.loseConnection()
            await recorder.ended()
            os.close(slave)

        self.play(scenario())


suites = [ProcessStartSuite, ProcessRefusalSuite, TerminalSuite]
