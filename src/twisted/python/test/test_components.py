"""Tests for twisted.python.components."""

from __future__ import annotations

import pickle
from typing import Any

from zope.interface import Attribute, Interface, implementedBy, implementer
from zope.interface.adapter import AdapterRegistry
from zope.interface.verify import verifyObject

from twisted.python import components
from twisted.python.components import (
    Adapter,
    Componentized,
    ReprableComponentized,
    getAdapterFactory,
    getRegistry,
    proxyForInterface,
    registerAdapter,
)
from twisted.trial import unittest


class IOne(Interface):
    """Something to adapt to."""

    def one() -> Any: ...


class ITwo(Interface):
    """Something else."""


class IDeep(IOne):
    """Inherits from `IOne`."""


class OneAdapter(Adapter):
    """What most tests register."""


class FixtureCase(unittest.SynchronousTestCase):
    """Registers adapters for the length of a test."""

    def register(self, factory: Any, origin: Any, *interfaces: Any) -> None:
        registerAdapter(factory, origin, *interfaces)
        self.addCleanup(self.unregister, origin, interfaces)

    def unregister(self, origin: Any, interfaces: Any) -> None:
        required = [components._specification(origin)]
        for iface in interfaces:
            getRegistry().register(required, iface, "", None)


class RegisterTests(FixtureCase):
    """`registerAdapter` and `getAdapterFactory`."""

    def test_class(self) -> None:
        """An object of the class, or of a subclass, is adapted when an interface is called."""

        class Thing: ...

        class SubThing(Thing): ...

        self.register(OneAdapter, Thing, IOne)
        for thing in (Thing(), SubThing()):
            adapted: Any = IOne(thing)
            self.assertIsInstance(adapted, OneAdapter)
            self.assertIs(adapted.original, thing)
        self.assertRaises(TypeError, IOne, object())
        self.assertEqual(IOne(object(), "default"), "default")

    def test_subclassOverrides(self) -> None:
        """The adapter of the nearest class is used."""

        class Thing: ...

        class SubThing(Thing): ...

        class SubAdapter(Adapter): ...

        self.register(OneAdapter, Thing, IOne)
        self.register(SubAdapter, SubThing, IOne)
        self.assertIs(type(IOne(Thing())), OneAdapter)
        self.assertIs(type(IOne(SubThing())), SubAdapter)

    def test_interface(self) -> None:
        """Objects that provide an interface are adapted to another one."""

        @implementer(ITwo)
        class Thing: ...

        self.register(OneAdapter, ITwo, IOne)
        self.assertIsInstance(IOne(Thing()), OneAdapter)

    def test_alreadyProvides(self) -> None:
        """What provides the interface is given back."""

        @implementer(IOne)
        class Thing:
            def one(self) -> None: ...

        thing = Thing()
        self.assertIs(IOne(thing), thing)

    def test_toBaseInterface(self) -> None:
        """An adapter to an interface serves for the interfaces that it inherits from."""

        class Thing: ...

        self.register(OneAdapter, Thing, IDeep)
        self.assertIsInstance(IOne(Thing()), OneAdapter)

    def test_many(self) -> None:
        """One adapter may be registered for several interfaces at once."""

        class Thing: ...

        self.register(OneAdapter, Thing, IOne, ITwo)
        self.assertIsInstance(IOne(Thing()), OneAdapter)
        self.assertIsInstance(ITwo(Thing()), OneAdapter)

    def test_conflict(self) -> None:
        """A second adapter is refused, and nothing of the call is done."""

        class Thing: ...

        self.register(OneAdapter, Thing, IOne)
        error = self.assertRaises(ValueError, registerAdapter, Adapter, Thing, ITwo, IOne)
        self.assertIn("IOne", str(error))
        self.assertIn("OneAdapter", str(error))
        self.assertIsNone(getAdapterFactory(Thing, ITwo, None))
        self.assertIs(getAdapterFactory(Thing, IOne, None), OneAdapter)

    def test_conflictAllowed(self) -> None:
        """A switch allows to replace adapters."""

        class Thing: ...

        self.register(OneAdapter, Thing, IOne)
        self.patch(components, "ALLOW_DUPLICATES", True)
        registerAdapter(Adapter, Thing, IOne)
        self.assertIs(getAdapterFactory(Thing, IOne, None), Adapter)

    def test_conflictOfBases(self) -> None:
        """An adapter for a base class is no conflict."""

        class Thing: ...

        class SubThing(Thing): ...

        self.register(OneAdapter, Thing, IOne)
        self.register(Adapter, SubThing, IOne)
        self.register(OneAdapter, Thing, IDeep)

    def test_wrongCalls(self) -> None:
        """At least one interface is needed, and it must be one."""
        self.assertRaises(ValueError, registerAdapter, OneAdapter, object)
        self.assertRaises(TypeError, registerAdapter, OneAdapter, object, int)

    def test_function(self) -> None:
        """Any callable makes adapters, and may decline with None."""

        class Thing: ...

        self.register(lambda original: None, Thing, IOne)
        self.assertRaises(TypeError, IOne, Thing())

    def test_getAdapterFactory(self) -> None:
        """Inherited adapters are found, and the default is given without one."""

        class Thing: ...

        class SubThing(Thing): ...

        marker = object()
        self.assertIs(getAdapterFactory(Thing, IOne, marker), marker)
        self.register(OneAdapter, Thing, IOne)
        self.assertIs(getAdapterFactory(SubThing, IOne, marker), OneAdapter)


class HookTests(unittest.SynchronousTestCase):
    """Another registry, for a while."""

    def test_hook(self) -> None:
        registry = AdapterRegistry()
        registry.register([implementedBy(int)], IOne, "", OneAdapter)  # type: ignore[no-untyped-call]  # partial stubs
        hook = components._addHook(registry)
        self.assertIsInstance(IOne(3), OneAdapter)
        components._removeHook(hook)
        self.assertRaises(TypeError, IOne, 3)


class AdapterTests(FixtureCase):
    """`Adapter`."""

    def test_original(self) -> None:
        """The object that it adapts is kept."""
        self.assertEqual(Adapter("x").original, "x")

    def test_conform(self) -> None:
        """An adapter asks its original for other interfaces."""
        whole = Componentized()
        whole.setComponent(ITwo, "two")
        self.assertEqual(ITwo(Adapter(whole)), "two")
        self.assertIsNone(ITwo(Adapter(object()), None))

    def test_isuper(self) -> None:
        """`isuper` is the original's affair."""

        class Whole:
            def isuper(self, iface: Any, adapter: Any) -> Any:
                return iface, adapter

        adapter = Adapter(Whole())
        self.assertEqual(adapter.isuper(IOne, adapter), (IOne, adapter))


class Whole(Componentized):
    """Has adapters registered for it."""


@implementer(IOne, ITwo)
class BothAdapter(Adapter):
    """Stays, for all that it provides."""

    temporaryAdapter = False

    def one(self) -> str:
        return "both"


class ComponentizedTests(FixtureCase):
    """`Componentized`."""

    def test_set(self) -> None:
        """What is set is given; what is not is not."""
        whole = Componentized()
        self.assertIsNone(whole.getComponent(IOne))
        self.assertEqual(whole.getComponent(IOne, 3), 3)
        self.assertRaises(TypeError, IOne, whole)
        whole.setComponent(IOne, "part")
        self.assertEqual(whole.getComponent(IOne), "part")
        self.assertEqual(IOne(whole), "part")
        whole.unsetComponent(IOne)
        self.assertIsNone(whole.getComponent(IOne))
        whole.unsetComponent(IOne)

    def test_falseComponent(self) -> None:
        """A part that is false is a part."""
        whole = Componentized()
        whole.setComponent(IOne, "")
        self.assertEqual(whole.getComponent(IOne, "default"), "")

    def test_temporary(self) -> None:
        """An adapter that is temporary is made anew for each use."""
        self.register(OneAdapter, Whole, IOne)
        whole = Whole()
        self.assertIsNot(IOne(whole), IOne(whole))

    def test_kept(self) -> None:
        """Another one is kept, for each interface that it is registered for."""
        self.register(BothAdapter, Whole, IOne, ITwo)
        whole = Whole()
        kept = IOne(whole)
        self.assertIs(IOne(whole), kept)
        self.assertIs(ITwo(whole), kept)

    def test_keptForOne(self) -> None:
        """Without ``multiComponent``, it is kept only for what was asked."""

        class Single(BothAdapter):
            multiComponent = False

        self.register(Single, Whole, IOne, ITwo)
        whole = Whole()
        kept = IOne(whole)
        self.assertIs(IOne(whole), kept)
        self.assertIsNot(ITwo(whole), kept)

    def test_addComponent(self) -> None:
        """A part is used for what it is registered for, or for all that it provides."""
        self.register(BothAdapter, Whole, IOne)
        whole = Whole()
        part = BothAdapter(whole)
        whole.addComponent(part)
        self.assertIs(whole.getComponent(IOne), part)
        self.assertIsNone(whole.getComponent(ITwo))
        whole.addComponent(part, ignoreClass=True)
        self.assertIs(whole.getComponent(ITwo), part)

    def test_removeComponent(self) -> None:
        """A part goes from everywhere, and it is told where it was."""
        whole = Whole()
        part = BothAdapter(whole)
        whole.addComponent(part, ignoreClass=True)
        whole.setComponent(IDeep, "other")
        self.assertEqual(sorted(whole.removeComponent(part)), sorted([IOne, ITwo]))
        self.assertIsNone(whole.getComponent(IOne))
        self.assertEqual(whole.getComponent(IDeep), "other")
        self.assertEqual(whole.removeComponent(part), [])

    def test_adapters(self) -> None:
        """Adapters of the object itself can be made its parts."""
        whole = Whole()
        whole.setAdapter(IOne, OneAdapter)
        self.assertIsInstance(IOne(whole), OneAdapter)
        self.assertIs(whole.getComponent(IOne).original, whole)
        added = whole.addAdapter(BothAdapter, ignoreClass=True)
        self.assertIs(whole.getComponent(ITwo), added)
        self.assertIs(whole.getComponent(IOne), added)

    def test_partsFindEachOther(self) -> None:
        """From one part to another by way of the whole."""
        whole = Whole()
        whole.setAdapter(IOne, OneAdapter)
        whole.setComponent(ITwo, "two")
        self.assertEqual(ITwo(IOne(whole)), "two")

    def test_locate(self) -> None:
        """The registry is asked for adapters, unless a subclass knows better."""
        self.register(OneAdapter, Whole, IOne)
        self.assertIs(Whole().locateAdapterClass(Whole, IOne, None), OneAdapter)
        self.assertIsNone(Whole().locateAdapterClass(Whole, ITwo, None))

    def test_providesItself(self) -> None:
        """An interface that the object provides itself gives the object."""

        @implementer(ITwo)
        class Own(Componentized): ...

        own = Own()
        self.assertIs(own.getComponent(ITwo), own)
        self.assertIs(ITwo(own), own)

    def test_pickle(self) -> None:
        """Parts are kept when the object is stored."""
        whole = Whole()
        whole.setComponent(IOne, "part")
        again = pickle.loads(pickle.dumps(whole))
        self.assertEqual(IOne(again), "part")

    def test_repr(self) -> None:
        """A `ReprableComponentized` shows its parts."""
        whole = ReprableComponentized()
        self.assertIn("no components", repr(whole))
        whole.setComponent(IOne, "part")
        self.assertIn("IOne: 'part'", repr(whole))


class IProxied(IOne):
    """What proxies are made for."""

    ifaceAttribute = Attribute("an attribute")

    def two(a: int, b: int = 2) -> int: ...


@implementer(IProxied)
class Yayable:
    """What proxies stand for."""

    ifaceAttribute: Any = 1

    def one(self) -> str:
        return "one"

    def two(self, a: int, b: int = 2) -> int:
        return a + b


class ProxyTests(unittest.SynchronousTestCase):
    """`proxyForInterface`."""

    def test_forwards(self) -> None:
        """Everything of the interface, inherited parts too, is forwarded."""
        original = Yayable()
        proxy = proxyForInterface(IProxied)(original)
        self.assertIs(proxy.original, original)
        self.assertEqual((proxy.one(), proxy.two(1, b=3)), ("one", 4))
        self.assertTrue(verifyObject(IProxied, proxy))

    def test_attributes(self) -> None:
        """Attributes are read, set and deleted on the original."""
        original = Yayable()
        proxy = proxyForInterface(IProxied)(original)
        proxy.ifaceAttribute = 5
        self.assertEqual((original.ifaceAttribute, proxy.ifaceAttribute), (5, 5))
        del proxy.ifaceAttribute
        self.assertEqual(proxy.ifaceAttribute, 1)
        self.assertRaises(AttributeError, delattr, proxy, "ifaceAttribute")

    def test_nothingElse(self) -> None:
        """What is not in the interface is not forwarded."""
        original: Any = Yayable()
        original.other = 1
        proxy = proxyForInterface(IProxied)(original)
        self.assertFalse(hasattr(proxy, "other"))

    def test_subclass(self) -> None:
        """A subclass changes what it wants to."""

        class Louder(proxyForInterface(IProxied)):  # type: ignore[misc]  # made while running
            def one(self) -> Any:
                return super().one().upper()

        self.assertEqual(Louder(Yayable()).one(), "ONE")
        self.assertEqual(Louder(Yayable()).two(1), 3)

    def test_originalAttribute(self) -> None:
        """The original can be kept under another name."""
        original = Yayable()
        proxy = proxyForInterface(IProxied, originalAttribute="held")(original)
        self.assertIs(proxy.held, original)
        self.assertEqual(proxy.one(), "one")

    def test_onClass(self) -> None:
        """On the class itself there is nothing to forward to."""
        proxyClass = proxyForInterface(IProxied)
        self.assertIn("IProxied", proxyClass.__name__)
        self.assertRaises(AttributeError, getattr, proxyClass, "one")
