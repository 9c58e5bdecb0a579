"""`IReactorMulticast`: datagrams to groups."""

from __future__ import annotations

import os
from typing import Any, cast

from zope.interface.verify import verifyObject

from twisted.internet.error import CannotListenError, MulticastJoinError
from twisted.internet.interfaces import IMulticastTransport, IReactorMulticast
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance.recorders import Datagrams
from twisted.trial import unittest

# "Organization-local scope", RFC 2365: nobody else's here.
# A socket hears of every group that anybody on this machine has joined: each process has its own.
GROUP = "239.255.{}.{}".format(*divmod(os.getpid() % 65536, 256))
LOOPBACK = "127.0.0.1"


class MulticastSuite(ReactorSuite):
    """Groups of receivers, over the loopback interface."""

    capability = Capability.MULTICAST
    requires = (IReactorMulticast,)

    def open(self, number: int = 0, **kw: Any) -> Datagrams:
        """A port that takes part in multicast; returns its protocol."""
        protocol = Datagrams()
        self.reactor.listenMulticast(number, cast(Any, protocol), **kw)
        return protocol

    async def member(self, number: int = 0, **kw: Any) -> Datagrams:
        """A port that has joined the group and sends to it on the loopback interface."""
        protocol = self.open(number, **kw)
        try:
            await protocol.transport.joinGroup(GROUP, LOOPBACK)
        except MulticastJoinError as problem:
            raise unittest.SkipTest(f"no multicast here: {problem}") from problem
        await protocol.transport.setOutgoingInterface(LOOPBACK)
        return protocol

    def numberOf(self, protocol: Datagrams) -> int:
        number: int = protocol.transport.getHost().port
        return number

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IReactorMulticast, self.reactor))
        self.assertTrue(verifyObject(IMulticastTransport, self.open().transport))

    def test_join(self) -> None:
        async def scenario() -> None:
            member = await self.member()
            sender = self.open()
            await sender.transport.setOutgoingInterface(LOOPBACK)
            sender.transport.write(b"to all", (GROUP, self.numberOf(member)))
            self.assertEqual((await member.received())[0], b"to all")

        self.play(scenario())

    def test_leave(self) -> None:
        async def scenario() -> None:
            member = await self.member()
            await member.transport.leaveGroup(GROUP, LOOPBACK)
            sender = self.open()
            await sender.transport.setOutgoingInterface(LOOPBACK)
            sender.transport.write(b"too late", (GROUP, self.numberOf(member)))
            sender.transport.write(b"direct", (LOOPBACK, self.numberOf(member)))
            self.assertEqual((await member.received())[0], b"direct")

        self.play(scenario())

    def test_joinWhatIsNoGroup(self) -> None:
        async def scenario() -> None:
            protocol = self.open()
            for group, interface in (("127.0.0.1", ""), (GROUP, "192.0.2.1")):
                try:
                    await protocol.transport.joinGroup(group, interface)
                except MulticastJoinError as error:
                    self.assertIn(group, str(error))
                else:
                    self.fail(f"joined {group} on {interface!r}")

        self.play(scenario())

    def test_joinTwiceAndLeaveTwice(self) -> None:
        async def scenario() -> None:
            member = await self.member()
            for method in ("joinGroup", "leaveGroup", "leaveGroup"):
                try:
                    await getattr(member.transport, method)(GROUP, LOOPBACK)
                except MulticastJoinError:
                    failed = method
            self.assertEqual(failed, "leaveGroup")

        self.play(scenario())

    def test_timeToLive(self) -> None:
        transport = self.open().transport
        self.assertEqual(transport.getTTL(), 1)
        for value in (0, 12, 255):
            transport.setTTL(value)
            self.assertEqual(transport.getTTL(), value)

    def test_loopback(self) -> None:
        async def scenario() -> None:
            member = await self.member()
            transport = member.transport
            self.assertEqual(bool(transport.getLoopbackMode()), True)
            transport.setLoopbackMode(False)
            self.assertEqual(bool(transport.getLoopbackMode()), False)
            # Whether that is heeded cannot be tried here: the loopback device always loops.
            transport.setLoopbackMode(True)
            transport.write(b"heard", (GROUP, self.numberOf(member)))
            self.assertEqual((await member.received())[0], b"heard")

        self.play(scenario())

    def test_outgoingInterface(self) -> None:
        async def scenario() -> None:
            transport = self.open().transport
            self.assertEqual(transport.getOutgoingInterface(), "0.0.0.0")
            await transport.setOutgoingInterface(LOOPBACK)
            self.assertEqual(transport.getOutgoingInterface(), LOOPBACK)

        self.play(scenario())

    def test_listenMultiple(self) -> None:
        async def scenario() -> None:
            first = await self.member(listenMultiple=True)
            second = await self.member(self.numberOf(first), listenMultiple=True)
            first.transport.write(b"to all", (GROUP, self.numberOf(first)))
            for member in (first, second):
                self.assertEqual((await member.received())[0], b"to all")

        self.play(scenario())

    def test_withoutListenMultiple(self) -> None:
        number = self.numberOf(self.open())
        self.assertRaises(CannotListenError, self.open, number)

    def test_stopListeningWhileJoining(self) -> None:
        async def scenario() -> None:
            protocol = self.open()
            transport = protocol.transport
            joining = transport.joinGroup("localhost", LOOPBACK)
            transport.stopListening()
            try:
                await joining
            except Exception:
                pass
            else:
                self.fail("a closed port has joined a group")

        self.play(scenario())


suites = [MulticastSuite]
