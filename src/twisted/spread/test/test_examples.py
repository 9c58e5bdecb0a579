"""The listings of chapter 7 run, in pairs of processes, and say what the documentation shows."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from twisted.application.test._daemons import DaemonCase
from twisted.protocols.test._programs import EXAMPLES, PATIENCE, ExampleCase
from twisted.trial import unittest

CHAPTER = "ch07_pb"


class ProgramTests(ExampleCase):
    """Programs that are run by Python."""

    chapter = CHAPTER

    def pair(self, server: str, *clients: tuple[str, ...]) -> list[list[str]]:
        """Run a server and clients of it, one after the other; what each says, the server last."""
        program = self.start(server, 0)
        assert program.stdout is not None
        port = program.stdout.readline().split()[-1].decode()
        said = [self.finish(self.start(name, "127.0.0.1", port, *more)) for name, *more in clients]
        said.append(self.finish(program, interrupt=True))
        # An object is told by where it is in memory.
        return [re.sub(r"at 0x\w+|to \d+ of .*>", "...", text).splitlines() for text in said]

    def test_pbsimple(self) -> None:
        client, server = self.pair("pbsimple.py", ("pbsimpleclient.py",))
        self.assertEqual(client, ["server echoed: hello network"])
        self.assertEqual(server, ["echoing: hello network"])

    def test_pb1(self) -> None:
        """A reference is got, and called."""
        client, server = self.pair("pb1server.py", ("pb1client.py",))
        self.assertTrue(client[0].startswith("got first object: <twisted.spread.pb.RemoteReferenc"))
        self.assertEqual(client[1], "asking it to getTwo")
        self.assertTrue(client[2].startswith("got second object: <twisted.spread.pb.RemoteReferen"))
        self.assertEqual(client[3:], ["telling it to do three(12)"])
        self.assertEqual(
            server, ["returning a Two called <__main__.Two object ...>", "Two.three was given 12"]
        )

    def test_pb2(self) -> None:
        """It comes back as what it is."""
        client, server = self.pair("pb2server.py", ("pb2client.py",))
        self.assertEqual([line.partition(" <")[0] for line in client], [
            "got one object:", "asking it to getTwo", "got two object:", "giving it back to one",
            "one is",
        ])  # fmt: skip
        self.assertEqual(server, [
            "One.getTwo(), returning my two called <__main__.Two object ...>",
            "One.checkTwo(): comparing my two <__main__.Two object ...>",
            "One.checkTwo(): against your two <__main__.Two object ...>",
            "One.checkTwo(): our twos are the same",
        ])  # fmt: skip

    def test_pb3(self) -> None:
        """The server calls the client."""
        client, server = self.pair("pb3server.py", ("pb3client.py",))
        self.assertEqual(client[1:], ["giving it our two", "Two.print() called with 12"])
        self.assertTrue(server[0].startswith("received a Two called <twisted.spread.pb.RemoteRef"))
        self.assertEqual(server[1:], ["telling it to print(12)"])

    def test_exc(self) -> None:
        """What the documentation shows, but for how Python 3 shows a class."""
        client, server = self.pair("exc_server.py", ("exc_client.py",))
        self.assertEqual(client, [
            "got remote Exception",
            " .__class__ = <class 'twisted.spread.pb.CopiedFailure'>",
            " .getErrorMessage() = fall down go boom",
            " .type = __main__.MyError",
        ])  # fmt: skip
        self.assertEqual(server, ["raising a MyError exception with data 'fall down go boom'"])

    def test_unexpected(self) -> None:
        """The client gets the same; the server complains."""
        program = self.start("exc_server.py", 0)
        assert program.stdout is not None
        port = program.stdout.readline().split()[-1].decode()
        client = self.finish(self.start("exc_client.py", "127.0.0.1", port, "broken2"))
        self.assertIn(" .getErrorMessage() = hadda owie\n .type = __main__.MyError2\n", client)
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=PATIENCE)
        self.assertEqual(out.decode(), "raising a MyError2 exception with data 'hadda owie'\n")
        self.assertIn(b"Peer will receive following PB traceback:", err)
        self.assertIn(b"MyError2: hadda owie", err)

    def test_trap(self) -> None:
        """As the documentation shows."""
        server = self.start("trap_server.py", 0)
        assert server.stdout is not None
        port = server.stdout.readline().split()[-1].decode()
        client = self.finish(self.start("trap_client.py", "127.0.0.1", port))
        self.assertEqual(client.splitlines(), [
            "callOne: call with safe object",
            " method successful, response: response",
            "callTwo: call with dangerous object",
            " InsecureJelly: you tried to send something unsafe to them",
            "callThree: call that raises remote exception",
            " remote raised a MyException",
            "telling them to shut down",
            "callFour: call on stale reference",
            " stale reference: the client disconnected or crashed",
        ])  # fmt: skip
        self.assertEqual(self.finish(server), "")

    def test_pb5(self) -> None:
        """One user logs in."""
        client, server = self.pair("pb5server.py", ("pb5client.py",))
        self.assertTrue(client[0].startswith("got perspective ref: <twisted.spread.pb.RemoteRefer"))
        self.assertEqual(client[1:], ["asking it to foo(12)"])
        called = "called on <__main__.MyPerspective object ...>"
        self.assertEqual(server, [f"I am user1 perspective_foo( 12 ) {called}"])

    def test_pb6(self) -> None:
        """Each of two users has their own avatar."""
        one, two, server = self.pair("pb6server.py", ("pb6client1.py",), ("pb6client2.py",))
        self.assertEqual((one[1], two[1]), ("asking it to foo(13)", "asking it to foo(14)"))
        called = "called on <__main__.MyPerspective object ...>"
        self.assertEqual(server, [
            f"I am user1 perspective_foo( 13 ) {called}",
            f"I am user2 perspective_foo( 14 ) {called}",
        ])  # fmt: skip

    def test_pbAnon(self) -> None:
        """With a name and without, on one connection."""
        client, server = self.pair("pbAnonServer.py", ("pbAnonClient.py",))
        text = "\n".join(client)
        self.assertEqual(text.count("got perspective1 ref: <twisted.spread.pb.RemoteReference"), 2)
        self.assertEqual(text.count("asking it to foo(13)"), 2)
        self.assertNotIn("failed", text)
        for name in ("Anonymous", "user1"):
            expected = f"I am {name}.  perspective_foo(13) called on <__main__.MyPerspective"
            self.assertIn(expected, "\n".join(server))

    def test_chat(self) -> None:
        """Those who are in the group hear of it; others are not let in."""
        said = self.pair(
            "chatserver.py",
            ("chatclient.py",),
            ("chatclient.py", "bob", "secret"),
            ("chatclient.py", "eve", "secret"),
        )
        joined = [
            "connected, joining group #lookingForFourth",
            "joined group, now sending a message to all members",
        ]
        self.assertEqual(said[0], [*joined, "<alice> says: You can call me Al."])
        self.assertEqual(said[1], [*joined, "<bob> says: You can call me Al."])
        self.assertEqual(said[2], ["not let in: twisted.cred.error.UnauthorizedLogin"])
        self.assertEqual(said[3], [])


class ApplicationTests(DaemonCase):
    """Applications that are run by twistd, and clients of theirs."""

    def setUp(self) -> None:
        super().setUp()
        self.examples = EXAMPLES / CHAPTER
        if not self.examples.is_dir():
            raise unittest.SkipTest(f"there is no {self.examples}")
        folders = (self.examples, EXAMPLES / "ch02_quotes")
        self.patch(ExampleCase, "chapter", CHAPTER)
        self.path_ = os.pathsep.join(map(os.fspath, folders))

    def client(self, name: str, port: int) -> list[str]:
        """What a client says."""
        case = ExampleCase()
        self.addCleanup(case.doCleanups)
        return case.finish(case.start(name, "127.0.0.1", port)).splitlines()

    def application(self, name: str, sender: str) -> tuple[list[str], list[str]]:
        """What a sender says, and what the application says in the meantime."""
        program = self.foreground(
            "-ny", os.fspath(self.examples / name), PORT="0", PYTHONPATH=self.path_
        )
        port = int(program.until(r"PBServerFactory starting on (\d+)")[1])
        program.said = ""
        said = self.client(sender, port)
        # Of what cache_receiver.tac is asked, the last is to end.
        ended = program.end(None if "cache" in name else signal.SIGTERM)
        self.assertEqual(ended, (0, ""))
        lines = re.sub(r" at 0x\w+", "", program.said).splitlines()
        return said, [line.partition("] ")[2] for line in lines if "[stdout#info]" in line]

    def test_copy(self) -> None:
        said, heard = self.application("copy_receiver.tac", "copy_sender.py")
        self.assertEqual(said, ["7 frogs", "copy_sender.CopyPond", "pond arrived safe and sound"])
        self.assertEqual(len(heard), 2)
        self.assertRegex(heard[0], r"^ got pond: <.*ReceiverPond object>$")
        self.assertEqual(heard[1], "7 frogs")

    def test_copy2(self) -> None:
        said, heard = self.application("copy2_receiver.tac", "copy2_sender.py")
        self.assertEqual(said, ["count 7", "pond arrived safe and sound"])
        self.assertEqual(heard, [" got pond: <copy2_classes.ReceiverPond object>", " count 7"])

    def test_cache(self) -> None:
        said, heard = self.application("cache_receiver.tac", "cache_sender.py")
        self.assertEqual(said, [f"I have [{count}] ducks" for count in (2, 3, 2)])
        self.assertEqual(heard, [
            " cache - sitting, er, setting ducks",
            "got pond: <cache_classes.SlaveDuckPond object>",
            "[2] ducks:  ['one duck', 'two duck']",
            " cache - addDuck",
            "[3] ducks:  ['one duck', 'two duck', 'ugly duckling']",
            " cache - removeDuck",
            "[2] ducks:  ['two duck', 'ugly duckling']",
            "dropping pond",
        ])  # fmt: skip

    def test_quotes(self) -> None:
        """A quote by either protocol, and none where nobody serves them."""
        quote = "An apple a day keeps the doctor away."
        program = self.foreground("-n", "pbqotd", "--port", 0, "--pb", 0, PYTHONPATH=self.path_)
        port = int(program.until(r"PBServerFactory starting on (\d+)")[1])
        plain = int(program.until(r"QOTDFactory starting on (\d+)")[1])
        self.assertEqual(self.client("pbquoteclient.py", port), [quote])
        self.assertEqual(self.ask(plain, b""), f"{quote}\r\n".encode())
        self.assertEqual(program.end(signal.SIGTERM), (0, ""))
        self.assertEqual(self.client("pbquoteclient.py", port), ["Failed to obtain quote."])

    def test_all(self) -> None:
        """None is left out of the tests above."""
        tested = Path(__file__).read_text("utf-8")
        programs = {path.name for path in self.examples.glob("*.*")}
        parts = {"cache_classes.py", "copy2_classes.py", "pbquote.py", "quotetap2.py"}
        self.assertEqual({name for name in programs if f'"{name}"' not in tested}, set())
        self.assertLess(parts, programs)
