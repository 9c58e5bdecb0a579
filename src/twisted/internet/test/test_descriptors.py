"""Who is watched, what the kernel hears of it, and who is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

from twisted.internet._descriptors import DescriptorSet
from twisted.internet._multiplexers import READ, TROUBLE, WRITE
from twisted.internet.error import ConnectionFdescWentAway
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.internet.test._scriptedmultiplexer import ScriptedMultiplexer, SetCase, Watched
from twisted.python._turn import turn
from twisted.trial import unittest

ERR, HUP, NVAL = 0x008, 0x010, 0x020


class _Bug(Exception):
    """Raised on purpose."""


def _raises(error: BaseException) -> Callable[[], Any]:
    def bug() -> None:
        raise error

    return bug


def _gives(verdict: object) -> Callable[[], Any]:
    return lambda: verdict


class InterestTests(SetCase):
    """What the kernel is told, and when."""

    def test_toldBeforeTheWait(self) -> None:
        self.reader(3)
        self.writer(4)
        self.both(5)
        self.assertEqual(self.kernel.calls, [])
        self.set.turn(7.5)
        self.assertEqual(self.kernel.watched, {3: READ, 4: WRITE, 5: READ | WRITE})
        self.assertEqual(len(self.kernel.calls), 4)
        self.assertEqual(self.kernel.calls[-1], ("poll", 7.5))

    def test_toldOnce(self) -> None:
        self.both(3)
        self.turn()
        self.kernelCalls()
        self.turn()
        self.assertEqual(self.kernelCalls(), [])

    def test_waitWithoutLimit(self) -> None:
        self.set.turn(None)
        self.assertEqual(self.kernel.calls, [("poll", None)])

    def test_cameAndWentInOneTurn(self) -> None:
        """A connection that is accepted, answered and closed costs the kernel nothing."""
        member = self.both(3)
        self.set.removeReader(member)
        self.set.removeWriter(member)
        self.turn()
        self.assertEqual(self.kernelCalls(), [])

    def test_oneOfTwoInterestsWent(self) -> None:
        member = self.both(3)
        self.set.removeWriter(member)
        self.turn()
        self.assertEqual(self.kernelCalls(), [("register", 3, READ)])

    def test_anotherInterest(self) -> None:
        reader = self.reader(3)
        self.turn()
        self.set.addWriter(reader)
        self.turn()
        self.assertEqual(self.kernelCalls(), [("register", 3, READ), ("modify", 3, READ | WRITE)])

    def test_anotherInterestThatWentAtOnce(self) -> None:
        """A short send that goes through in the same turn."""
        reader = self.reader(3)
        self.turn()
        self.kernelCalls()
        self.set.addWriter(reader)
        self.set.removeWriter(reader)
        self.turn()
        self.assertEqual(self.kernelCalls(), [])

    def test_theEndIsToldAtOnce(self) -> None:
        """The number is about to be closed, and given out again."""
        reader = self.reader(3)
        self.turn()
        self.kernelCalls()
        self.set.removeReader(reader)
        self.assertEqual(self.kernelCalls(), [("unregister", 3)])

    def test_theEndOfBoth(self) -> None:
        for make in (self.reader, self.writer, self.both):
            member = make(3)
            self.turn()
            self.kernelCalls()
            self.set.remove(member)
            self.assertEqual(self.kernelCalls()[-1:], [("unregister", 3)])
            self.assertEqual(self.kernel.watched, {})
            self.set.remove(member)
            self.assertEqual(self.kernelCalls(), [])

    def test_theEndOfBothOfOneThatIsClosed(self) -> None:
        member, other = self.both(3), self.both(4)
        self.turn()
        member.number = -1
        self.set.remove(member)
        self.assertEqual(self.kernel.watched, {4: READ | WRITE})
        self.assertEqual((self.set.readers(), self.set.writers()), ([other], [other]))

    def test_theEndOfBothIsNotOfItsSuccessor(self) -> None:
        """The number is that of another by now."""
        closed = Watched(3)
        member = self.both(3)
        self.turn()
        self.set.remove(closed)
        self.assertEqual((self.set.readers(), self.set.writers()), ([member], [member]))

    def test_lessIsToldAtOnce(self) -> None:
        for remove, kept in ((self.set.removeReader, WRITE), (self.set.removeWriter, READ)):
            member = self.both(kept + 10)
            self.turn()
            self.kernelCalls()
            remove(member)
            self.assertEqual(self.kernelCalls(), [("modify", kept + 10, kept)])

    def test_oneInterestForTheOther(self) -> None:
        """What was watched goes; what is wanted is not known to the kernel yet."""
        member = self.reader(3)
        self.turn()
        self.set.addWriter(member)
        self.set.removeReader(member)
        self.turn()
        self.assertEqual(
            self.kernelCalls(), [("register", 3, READ), ("unregister", 3), ("register", 3, WRITE)]
        )

    def test_removedAndAddedAgain(self) -> None:
        reader = self.reader(3)
        self.turn()
        self.set.removeReader(reader)
        self.set.addReader(reader)
        self.turn((3, READ))
        self.assertEqual(reader.called, ["read"])

    def test_addedTwice(self) -> None:
        """Added is added; one removal is enough."""
        reader = self.reader(3)
        self.set.addReader(reader)
        self.turn()
        self.set.addReader(reader)
        self.set.removeReader(reader)
        self.turn((3, READ))
        self.assertEqual(reader.called, [])
        self.assertEqual(self.kernel.watched, {})

    def test_removeWhatIsNotThere(self) -> None:
        self.set.removeReader(Watched(3))
        self.set.removeWriter(Watched(-1))
        writer = self.writer(4)
        self.set.removeReader(writer)
        self.assertEqual(self.set.writers(), [writer])

    def test_lists(self) -> None:
        reader, writer, both = self.reader(3), self.writer(4), self.both(5)
        self.assertEqual(self.set.readers(), [reader, both])
        self.assertEqual(self.set.writers(), [writer, both])
        self.set.readers().clear()
        self.assertEqual(self.set.readers(), [reader, both], "it was a copy")

    def test_close(self) -> None:
        self.set.close()
        self.assertEqual(self.kernelCalls(), [("close",)])


class NumberTests(SetCase):
    """Numbers that are closed, and given out again."""

    def test_closed(self) -> None:
        """What has no number cannot be watched, and its caller hears of it."""
        for add in (self.set.addReader, self.set.addWriter):
            closed = Watched(-1)
            wrong = self.assertRaises(ValueError, add, closed)
            self.assertIn(f"{closed!r} is closed", str(wrong))
        self.assertEqual((self.set.readers(), self.set.writers()), ([], []))

    def test_removedAfterItWasClosed(self) -> None:
        """It is found all the same, though it knows its number no more."""
        member = self.both(3)
        self.turn()
        member.number = -1
        self.set.removeReader(member)
        self.set.removeWriter(member)
        self.assertEqual((self.set.readers(), self.set.writers()), ([], []))
        self.assertEqual(self.kernel.watched, {})

    def test_successor(self) -> None:
        """Closed without being removed, and the number given out again."""
        old = self.both(3)
        self.turn()
        old.number = -1
        new = self.reader(3)
        self.kernelCalls()
        self.turn((3, READ | WRITE))
        self.assertEqual(self.kernelCalls(), [("register", 3, READ)])
        self.assertEqual((old.called, new.called), ([], ["read"]))
        self.assertEqual((self.set.readers(), self.set.writers()), ([new], []))

    def test_successorIsNotRemovedInPlaceOfTheOldOne(self) -> None:
        for number in (3, -1):
            self.setUp()
            old = self.both(3)
            self.turn()
            old.number = number
            new = self.both(3)
            self.set.removeReader(old)
            self.set.removeWriter(old)
            self.turn((3, READ | WRITE))
            self.assertEqual((old.called, new.called), ([], ["read", "write"]))

    def test_successorOfAWriter(self) -> None:
        """It reads and writes, and the one that only wrote is forgotten."""
        old = self.writer(3)
        self.turn()
        old.number = -1
        new = self.both(3)
        self.turn((3, READ | WRITE))
        self.assertEqual((old.called, new.called), ([], ["read", "write"]))

    def test_successorOfAReader(self) -> None:
        old = self.reader(3)
        self.turn()
        old.number = -1
        self.set.addWriter(new := Watched(3))
        self.set.addReader(new)
        self.turn((3, READ | WRITE))
        self.assertEqual((old.called, new.called), ([], ["read", "write"]))

    def test_successorThatOnlyReads(self) -> None:
        """The old writer is not called for it."""
        old = self.writer(3)
        self.turn()
        old.number = -1
        new = self.reader(3)
        self.turn((3, READ | WRITE))
        self.assertEqual((old.called, new.called), ([], ["read"]))

    def test_readerAndWriterAreTwo(self) -> None:
        """Two objects may share one open number."""
        reader, writer = self.reader(3), self.writer(3)
        self.turn((3, READ | WRITE))
        self.assertEqual((reader.called, writer.called), (["read"], ["write"]))
        self.set.removeReader(writer)
        self.set.removeWriter(reader)
        self.assertEqual((self.set.readers(), self.set.writers()), ([reader], [writer]))
        self.set.removeReader(reader)
        self.assertEqual(self.kernel.watched, {3: WRITE})


class DispatchTests(SetCase):
    """Who is called for which event."""

    def test_readersAndWriters(self) -> None:
        reader, writer, both = self.reader(3), self.writer(4), self.both(5)
        self.turn((3, READ), (4, WRITE), (5, WRITE))
        self.assertEqual(
            (reader.called, writer.called, both.called), (["read"], ["write"], ["write"])
        )
        self.turn((5, READ | WRITE))
        self.assertEqual(both.called, ["write", "read", "write"])

    def test_trouble(self) -> None:
        """Whoever there is hears of it: of both, the reader first."""
        for mask in (ERR, HUP, ERR | HUP, READ | HUP, WRITE | ERR, TROUBLE & ~NVAL):
            with self.subTest(mask=mask):
                self.setUp()
                reader, writer, both = self.reader(3), self.writer(4), self.both(5)
                self.turn((3, mask), (4, mask), (5, mask))
                self.assertEqual(reader.called, ["read"])
                self.assertEqual(writer.called, ["write"])
                self.assertEqual(both.called, ["read", "write"])

    def test_closedBehindOurBack(self) -> None:
        """Nobody is called for a number that is not open, and all are told."""
        for make, isRead in ((self.reader, True), (self.writer, False), (self.both, True)):
            self.ended.clear()
            member = make(9)
            self.turn((9, NVAL))
            self.assertEqual(member.called, [])
            self.assertEqual([(end[0], end[2]) for end in self.ended], [(member, isRead)])
            self.assertIsInstance(self.ended[0][1], ConnectionFdescWentAway)

    def test_strangers(self) -> None:
        """An event for a number that nobody has."""
        self.turn((3, READ), (4, WRITE), (5, TROUBLE))
        reader, writer = self.reader(3), self.writer(4)
        self.turn((3, WRITE), (4, READ))
        self.assertEqual((reader.called, writer.called, self.ended), ([], [], []))

    def test_oneRemovesAnother(self) -> None:
        """In the middle of a round: the other is not called any more."""
        for mask in (READ, WRITE, READ | WRITE, HUP):
            first, second = self.both(3), self.both(4)

            def removeSecond(victim: Watched = second) -> None:
                self.set.removeReader(victim)
                self.set.removeWriter(victim)

            first.onRead = first.onWrite = removeSecond
            self.turn((3, mask), (4, mask))
            self.assertEqual(second.called, [])
            self.assertNotEqual(first.called, [])

    def test_oneRemovesItself(self) -> None:
        """And is not written to, after it has been read."""
        member = self.both(3)
        member.onRead = lambda: (self.set.removeReader(member), self.set.removeWriter(member))[0]
        self.turn((3, READ | WRITE))
        self.assertEqual(member.called, ["read"])
        self.assertEqual(self.ended, [])

    def test_addedInTheMiddle(self) -> None:
        """Not called in this round, of which the kernel knew nothing."""
        first = self.reader(3)
        added: list[Watched] = []
        first.onRead = lambda: added.append(self.reader(4))
        self.turn((3, READ))
        self.assertEqual(added[0].called, [])
        self.turn((4, READ))
        self.assertEqual(added[0].called, ["read"])

    def test_verdicts(self) -> None:
        for verdict in (CONNECTION_DONE, CONNECTION_LOST, _Bug("a reason")):
            self.ended.clear()
            reader, writer = self.reader(3), self.writer(4)
            reader.onRead = writer.onWrite = _gives(verdict)
            self.turn((3, READ), (4, WRITE))
            self.assertEqual(self.ended, [(reader, verdict, True), (writer, verdict, False)])

    def test_readersVerdictSparesTheWriter(self) -> None:
        member = self.both(3)
        member.onRead = lambda: CONNECTION_LOST
        self.turn((3, READ | WRITE))
        self.assertEqual(member.called, ["read"])
        self.assertEqual(self.ended, [(member, CONNECTION_LOST, True)])

    def test_exceptions(self) -> None:
        """Logged once each; they end the descriptor in which they happened, and no other."""
        for mask in (READ, READ | WRITE, WRITE):
            with self.subTest(mask=mask):
                self.ended.clear()
                bug = _Bug(f"with mask {mask}")
                member, other = self.both(3), self.reader(4)
                member.onRead = member.onWrite = _raises(bug)
                self.turn((3, mask), (4, READ))
                self.assertEqual(self.ended, [(member, bug, bool(mask & READ))])
                self.assertEqual(len(member.called), 1)
                self.assertEqual(other.called, ["read"])
                self.assertEqual([f.value for f in self.flushLoggedErrors(_Bug)], [bug])

    def test_exit(self) -> None:
        """Not for a callback to decide."""
        reader = self.reader(3)
        reader.onRead = _raises(SystemExit(1))
        self.turn((3, READ))
        self.assertEqual(len(self.flushLoggedErrors(SystemExit)), 1)
        self.assertIs(self.ended[0][0], reader)

    def test_interruption(self) -> None:
        """Ctrl-C comes out of the loop, and is not logged."""
        for mask in (READ, WRITE):
            member = self.both(3)
            member.onRead = member.onWrite = _raises(KeyboardInterrupt())
            self.assertRaises(KeyboardInterrupt, self.turn, (3, mask))
            self.assertEqual(self.flushLoggedErrors(), [])
            self.assertEqual(self.ended, [])

    def test_whoseTurnItIs(self) -> None:
        """The log is told; afterwards it is nobody's."""
        owners: list[Any] = []
        members = [self.both(3), self.both(4), self.writer(5)]
        for member in members:
            member.onRead = member.onWrite = lambda: owners.append(turn.owner)
        self.turn((3, READ), (4, READ | WRITE), (5, WRITE))
        self.assertEqual(owners, [members[0], members[1], members[1], members[2]])
        self.assertIs(turn.owner, None)


class ReadSoonTests(SetCase):
    """What has just been accepted is read before the kernel is asked to watch it."""

    def test_atTheEndOfTheRound(self) -> None:
        order: list[str] = []
        port, other = self.reader(3), self.reader(4)

        def accept() -> None:
            new = self.reader(5)
            new.onRead = lambda: order.append("new")
            self.set.readSoon(new)

        port.onRead = accept
        other.onRead = lambda: order.append("other")
        self.turn((3, READ), (4, READ))
        self.assertEqual(order, ["other", "new"])
        self.assertNotIn(5, self.kernel.watched)
        self.turn()
        self.assertEqual(order, ["other", "new"], "once")
        self.assertIn(5, self.kernel.watched)

    def test_known(self) -> None:
        """One that the kernel watches is left to the kernel."""
        reader = self.reader(3)
        self.set.readSoon(reader)
        self.turn()
        self.assertEqual(reader.called, [])

    def test_removedInTheMeantime(self) -> None:
        port, new = self.reader(3), Watched(4)

        def accept() -> None:
            self.set.addReader(new)
            self.set.readSoon(new)
            self.set.removeReader(new)

        port.onRead = accept
        self.turn((3, READ))
        self.assertEqual(new.called, [])

    def test_closedInTheMeantime(self) -> None:
        port, new = self.reader(3), Watched(4)

        def accept() -> None:
            self.set.addReader(new)
            self.set.readSoon(new)
            new.number = -1

        port.onRead = accept
        self.turn((3, READ))
        self.assertEqual(new.called, [])

    def test_verdictsAndExceptions(self) -> None:
        port = self.reader(3)
        bug = _Bug()
        new = [Watched(4), Watched(5)]
        new[0].onRead = lambda: CONNECTION_DONE
        new[1].onRead = _raises(bug)

        def accept() -> None:
            for reader in new:
                self.set.addReader(reader)
                self.set.readSoon(reader)

        port.onRead = accept
        self.kernelCalls()
        self.turn((3, READ))
        self.assertEqual(self.ended, [(new[0], CONNECTION_DONE, True), (new[1], bug, True)])
        self.assertEqual(len(self.flushLoggedErrors(_Bug)), 1)
        self.assertEqual(self.kernelCalls(), [("register", 3, READ)])


class RefusalTests(SetCase):
    """A kernel that will not watch."""

    def test_refused(self) -> None:
        """Whoever wanted to be called hears that it will not be."""
        for problem in (OSError("too many"), ValueError("number too large")):
            self.setUp()
            refused, other = self.both(3), self.reader(4)
            self.kernel.refuses[3] = problem
            self.turn((4, READ))
            self.assertEqual(self.ended, [(refused, problem, False)])
            self.assertEqual((self.set.readers(), self.set.writers()), ([other], []))
            self.assertEqual(other.called, ["read"])
            self.assertEqual(len(self.flushLoggedErrors(type(problem))), 1)

    def test_readerAndWriterAreTwo(self) -> None:
        members = {self.reader(3), self.writer(3)}
        self.kernel.refuses[3] = OSError()
        self.turn()
        self.assertEqual({end[0] for end in self.ended}, members)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 2)

    def test_moreIsRefused(self) -> None:
        """And the successor of the number is watched as it wants to be."""
        refused = self.reader(3)
        self.turn()
        self.kernel.refuses[3] = OSError()
        self.set.addWriter(refused)
        self.turn()
        self.assertEqual([end[0] for end in self.ended], [refused])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.kernel.refuses.clear()
        self.assertEqual(self.kernel.watched, {})
        new = self.reader(3)
        self.turn((3, READ))
        self.assertEqual(self.kernel.watched, {3: READ})
        self.assertEqual(new.called, ["read"])


class _Model(RuleBasedStateMachine):
    """After each turn the kernel watches what was asked for, no more and no less."""

    numbers = strategies.sampled_from([3, 4])
    yesOrNo = strategies.booleans()

    def __init__(self) -> None:
        super().__init__()
        self.kernel = ScriptedMultiplexer()
        self.set: Any = DescriptorSet(self.kernel, self._neverCalled)
        self.open = {number: Watched(number) for number in (3, 4)}
        self.wanted = {3: 0, 4: 0}

    def _neverCalled(self, member: object, why: object, isRead: bool) -> None:
        raise AssertionError((member, why, isRead))

    @rule(number=numbers, politely=yesOrNo)
    def replaced(self, number: int, politely: bool) -> None:
        """Closed, if politely after having been removed; the number is given out again."""
        old = self.open[number]
        if politely:
            self.set.remove(old)
        old.number = -1
        self.open[number] = Watched(number)
        self.wanted[number] = 0

    @rule(number=numbers, reading=yesOrNo, writing=yesOrNo)
    def wants(self, number: int, reading: bool, writing: bool) -> None:
        member = self.open[number]
        (self.set.addReader if reading else self.set.removeReader)(member)
        (self.set.addWriter if writing else self.set.removeWriter)(member)
        self.wanted[number] = READ * reading | WRITE * writing

    @rule()
    def turn(self) -> None:
        # Both can be read and written, and the kernel says so of those that it watches.
        events = [(number, READ | WRITE) for number in self.open]
        self.kernel.script(*events)
        for member in self.open.values():
            member.called.clear()
        self.set.turn(0)
        for number, wanted in self.wanted.items():
            # One that was closed rudely is watched until its number has a new owner.
            if wanted:
                assert self.kernel.watched[number] == wanted
            expected = ["read"] * bool(wanted & READ) + ["write"] * bool(wanted & WRITE)
            assert self.open[number].called == expected


class PropertyTests(unittest.SynchronousTestCase):
    """`DescriptorSet` against a model."""

    def test_model(self) -> None:
        run_state_machine_as_test(
            _Model, settings=settings(deadline=None, max_examples=80, stateful_step_count=25)
        )
