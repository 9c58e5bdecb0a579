"""Services, collections of them, and applications."""

from __future__ import annotations

import pickle
from typing import Any

from zope.interface.verify import verifyObject

from twisted.application import service
from twisted.internet.defer import Deferred
from twisted.persisted import sob
from twisted.trial import unittest


class Recording(service.Service):
    """Notes what happens to it."""

    def __init__(self, name: str, record: list[str]) -> None:
        self.setName(name)
        self.record = record
        self.ending: Deferred[None] | None = None

    def privilegedStartService(self) -> None:
        self.record.append(f"privileged {self.name}")

    def startService(self) -> None:
        super().startService()
        self.record.append(f"start {self.name}")

    def stopService(self) -> Deferred[None] | None:
        super().stopService()
        self.record.append(f"stop {self.name}")
        return self.ending


class Broken(Recording):
    """Neither starts nor stops."""

    def startService(self) -> None:
        raise OSError("no such luck")

    def stopService(self) -> None:
        raise OSError("no luck again")


class ServiceTests(unittest.SynchronousTestCase):
    """One service."""

    def test_interfaces(self) -> None:
        verifyObject(service.IService, service.Service())
        verifyObject(service.IService, service.MultiService())
        verifyObject(service.IServiceCollection, service.MultiService())
        verifyObject(service.IProcess, service.Process())
        verifyObject(service.IServiceMaker, service.ServiceMaker("a", __name__, "c", "d"))

    def test_running(self) -> None:
        one = service.Service()
        self.assertFalse(one.running)
        one.startService()
        self.assertTrue(one.running)
        self.assertFalse(pickle.loads(pickle.dumps(one)).running)
        self.assertIs(one.stopService(), None)
        self.assertFalse(one.running)

    def test_parent(self) -> None:
        parent = service.MultiService()
        one = service.Service()
        one.setName("one")
        one.setServiceParent(parent)
        self.assertIs(one.parent, parent)
        self.assertEqual(list(parent), [one])
        self.assertIs(parent.getServiceNamed("one"), one)
        self.assertIn(
            "call setName before", str(self.assertRaises(RuntimeError, one.setName, "two"))
        )
        self.assertIn(
            "'one' (Service) has a parent already",
            str(self.assertRaises(RuntimeError, one.setServiceParent, service.MultiService())),
        )
        self.assertIs(one.disownServiceParent(), None)
        self.assertIs(one.parent, None)
        self.assertEqual(list(parent), [])
        self.assertRaises(KeyError, parent.getServiceNamed, "one")
        one.setServiceParent(service.MultiService())

    def test_sameName(self) -> None:
        """Two services of one parent have two names, or none."""
        parent = service.MultiService()
        first, second = Recording("one", []), Recording("one", [])
        first.setServiceParent(parent)
        self.assertRaises(RuntimeError, second.setServiceParent, parent)
        self.assertIs(second.parent, None)
        self.assertEqual(list(parent), [first])
        service.Service().setServiceParent(parent)
        service.Service().setServiceParent(parent)
        self.assertEqual(len(list(parent)), 3)

    def test_stranger(self) -> None:
        parent, stranger = service.MultiService(), Recording("x", [])
        error = self.assertRaises(ValueError, parent.removeService, stranger)
        self.assertEqual(str(error), "'x' (Recording) does not belong to MultiService")


class MultiServiceTests(unittest.SynchronousTestCase):
    """Several services."""

    def setUp(self) -> None:
        self.record: list[str] = []
        self.parent = service.MultiService()
        self.parts = [Recording(name, self.record) for name in "abc"]

    def adopt(self) -> None:
        for part in self.parts:
            part.setServiceParent(self.parent)

    def test_order(self) -> None:
        """Started in their order, stopped in reverse, and waited for."""
        self.adopt()
        self.parent.privilegedStartService()
        self.parent.startService()
        self.assertEqual(
            self.record,
            ["privileged a", "privileged b", "privileged c", "start a", "start b", "start c"],
        )
        del self.record[:]
        for part in self.parts[:2]:
            part.ending = Deferred()
        stopped = self.parent.stopService()
        self.assertEqual(self.record, ["stop c", "stop b", "stop a"])
        self.assertEqual(service.stillStopping(self.parent), ["'a' (Recording)", "'b' (Recording)"])
        ending = self.parts[0].ending
        assert ending is not None
        ending.callback(None)
        self.assertNoResult(stopped)
        self.assertEqual(service.stillStopping(self.parent), ["'b' (Recording)"])
        ending = self.parts[1].ending
        assert ending is not None
        ending.callback(None)
        self.successResultOf(stopped)

    def test_nested(self) -> None:
        """Those still stopping are named wherever they are."""
        self.adopt()
        outer = service.MultiService()
        self.parent.setServiceParent(outer)
        self.parts[1].ending = Deferred()
        outer.startService()
        outer.stopService()
        self.assertEqual(service.stillStopping(outer), ["'b' (Recording)"])

    def test_lateComer(self) -> None:
        """One that comes while it runs is started, one that goes is stopped."""
        self.parent.startService()
        self.adopt()
        self.assertEqual(self.record[:2], ["privileged a", "start a"])
        self.parts[0].ending = Deferred()
        stopped = self.parts[0].disownServiceParent()
        assert stopped is not None
        self.assertNoResult(stopped)
        self.parts[0].ending.callback(None)
        self.successResultOf(stopped)
        self.assertEqual(self.record[-1], "stop a")

    def test_cannotStart(self) -> None:
        """The error says which one; those before it are stopped, those after it left alone."""
        self.parts.insert(2, Broken("bad", self.record))
        self.adopt()
        outer = service.MultiService()
        self.parent.setServiceParent(outer)
        error = self.assertRaises(OSError, outer.startService)
        self.assertEqual(error.__notes__, [f"{service.BLAME}'bad' (Broken)"])
        self.assertEqual(self.record, ["start a", "start b", "stop b", "stop a"])

    def test_lateComerCannotStart(self) -> None:
        """It belongs to its parent all the same, since it may be told to stop."""
        self.parent.startService()
        bad = Broken("bad", self.record)
        self.assertRaises(OSError, bad.setServiceParent, self.parent)
        self.assertEqual(list(self.parent), [bad])
        self.assertIs(bad.parent, self.parent)

    def test_cannotStop(self) -> None:
        """That is logged, with its name, and the others stop."""
        self.parts.insert(1, Broken("bad", self.record))
        self.adopt()
        self.successResultOf(self.parent.stopService())
        self.assertEqual(self.record, ["stop c", "stop b", "stop a"])
        [problem] = self.flushLoggedErrors(OSError)
        self.assertEqual(problem.getErrorMessage(), "no luck again")


class ApplicationTests(unittest.SynchronousTestCase):
    """Applications."""

    def test_parts(self) -> None:
        application = service.Application("shop", uid=5, gid=6)
        root: Any = service.IService(application)
        self.assertEqual(root.name, "shop")
        self.assertIs(service.IServiceCollection(application), root)
        process: Any = service.IProcess(application)
        self.assertEqual((process.uid, process.gid, process.processName), (5, 6, None))
        persistable: Any = sob.IPersistable(application)
        self.assertEqual(persistable.name, "shop")

    def test_parent(self) -> None:
        """An application may stand for its collection."""
        application = service.Application("shop")
        one = service.Service()
        one.setServiceParent(application)
        self.assertIs(one.parent, service.IServiceCollection(application))

    def test_saved(self) -> None:
        """It can be saved and loaded, as a pickle and as Python."""
        application = service.Application("shop")
        kept = service.MultiService()
        kept.setName("kept")
        kept.setServiceParent(application)
        path = self.mktemp()
        persistable: Any = sob.IPersistable(application)
        persistable.save(filename=path)
        loaded: Any = service.IServiceCollection(service.loadApplication(path, "pickle"))
        self.assertEqual(loaded.getServiceNamed("kept").name, "kept")
        with open(path, "w") as file:
            file.write("application = 'any object'")
        self.assertEqual(service.loadApplication(path, "python"), "any object")


class ServiceMakerTests(unittest.SynchronousTestCase):
    """Plugins that load what they are about when it is asked for."""

    def test_late(self) -> None:
        maker = service.ServiceMaker("Tests", "twisted.application.test.test_service", "d", "tests")
        self.assertIs(maker.options, Options)
        self.assertEqual(maker.makeService(5), ("made", 5))
        self.assertIn("'tests'", repr(maker))


class Options:
    """What `ServiceMakerTests` makes options of."""


def makeService(options: object) -> tuple[str, object]:
    """What `ServiceMakerTests` makes a service with."""
    return "made", options
