"""`twisted.internet.interfaces`: a table of contents over private modules."""

from __future__ import annotations

import inspect
import pickle

from zope.interface.interface import InterfaceClass, Method

from twisted.internet import interfaces
from twisted.trial import unittest


def everyInterface() -> list[InterfaceClass]:
    """The public interfaces."""
    return [getattr(interfaces, name) for name in interfaces.__all__]


class InterfacesTests(unittest.SynchronousTestCase):
    """What all interfaces have in common."""

    def test_namesArePublic(self) -> None:
        for each in everyInterface():
            self.assertIsInstance(each, InterfaceClass)
            self.assertEqual(each.__module__, "twisted.internet.interfaces")
            self.assertIs(getattr(interfaces, each.__name__), each)

    def test_listIsWhole(self) -> None:
        names = {name for name in vars(interfaces) if name.startswith("I")}
        self.assertEqual(names, set(interfaces.__all__))

    def test_everythingIsDocumented(self) -> None:
        for each in everyInterface():
            self.assertTrue(each.__doc__, each)
            for name, description in each.namesAndDescriptions():
                self.assertTrue(description.__doc__, f"{each.__name__}.{name}")

    def test_methodsHaveNoSelf(self) -> None:
        for each in everyInterface():
            for name, description in each.namesAndDescriptions():
                if isinstance(description, Method):
                    self.assertNotIn("self", description.positional, f"{each.__name__}.{name}")

    def test_pickle(self) -> None:
        for each in everyInterface():
            self.assertIs(pickle.loads(pickle.dumps(each)), each)

    def test_documentedDefaults(self) -> None:
        for each, method, expected in [
            (interfaces.IReactorTCP, "listenTCP", {"backlog": 50, "interface": ""}),
            (interfaces.IReactorTCP, "connectTCP", {"timeout": 30.0, "bindAddress": None}),
            (interfaces.IReactorUDP, "listenUDP", {"interface": "", "maxPacketSize": 8192}),
            (
                interfaces.IReactorMulticast,
                "listenMulticast",
                {"interface": "", "maxPacketSize": 8192, "listenMultiple": False},
            ),
            (
                interfaces.IReactorUNIX,
                "listenUNIX",
                {"backlog": 50, "mode": 0o666, "wantPID": False},
            ),
            (interfaces.IReactorCore, "resolve", {"timeout": (1, 3, 11, 45)}),
        ]:
            self.assertEqual(each[method].optional, expected, method)

    def test_moduleHoldsNoLogic(self) -> None:
        source = inspect.getsource(interfaces)
        self.assertNotIn("class ", source)
        self.assertNotIn("def ", source)
