"""Interfaces and adapters: ask an object for what it does, not for what it is.

An *interface* says what an object can do.  An *adapter* makes one interface out of another
object.  Once a class is registered as the adapter from one thing to an interface, calling the
interface with such a thing gives the adapter::

    registerAdapter(AdaptToAmericanSocket, ForeignSocket, IAmericanSocket)
    IAmericanSocket(ForeignSocket())      # an AdaptToAmericanSocket

Chapter 4.4 of the documentation tells the whole story.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from zope.interface import implementer, providedBy
from zope.interface.adapter import AdapterRegistry
from zope.interface.declarations import implementedBy
from zope.interface.interface import InterfaceClass, adapter_hooks

from twisted.python import reflect

__all__ = [
    "Adapter",
    "Componentized",
    "ReprableComponentized",
    "getAdapterFactory",
    "getRegistry",
    "proxyForInterface",
    "registerAdapter",
]

AdapterFactory = Callable[[Any], Any]

_registry = AdapterRegistry()

#: Set to a true value, `registerAdapter` replaces what is registered already.
ALLOW_DUPLICATES = False


def getRegistry() -> AdapterRegistry:
    """The registry in which `registerAdapter` writes; all code of the process shares it."""
    return _registry


def _addHook(registry: AdapterRegistry) -> Any:
    """Have another registry asked as well, when an interface is called; return its hook.

    Not public, but other packages use it: tubes, and so klein.
    """
    hook = registry.adapter_hook  # type: ignore[attr-defined]  # delegated lookup
    adapter_hooks.append(hook)
    return hook


def _removeHook(hook: Any) -> None:
    """Ask the registry of a hook no more."""
    adapter_hooks.remove(hook)


_addHook(_registry)


def _specification(origin: Any) -> Any:
    """What the registry files a class or an interface under."""
    if isinstance(origin, InterfaceClass):
        return origin
    return implementedBy(origin)  # type: ignore[no-untyped-call]  # partial stubs


def registerAdapter(adapterFactory: Any, origInterface: Any, *interfaceClasses: Any) -> None:
    """Let the given interfaces be called with objects of a class or with another interface.

    Args:
        adapterFactory: called with the object to adapt, gives the adapter (or None: cannot).
        origInterface: a class, or an interface that the objects provide.
        interfaceClasses: what the adapter provides; at least one interface.

    Raises:
        ValueError: no interface was given, or an adapter is registered already for this
            origin and one of these interfaces.  Then none of them was registered.
        TypeError: something else than an interface was given.
    """
    if not interfaceClasses:
        raise ValueError(
            "registerAdapter needs the interface that the adapter provides, as third argument."
        )
    for iface in interfaceClasses:
        if not isinstance(iface, InterfaceClass):
            raise TypeError(f"{iface!r} is no interface, so nothing can be adapted to it.")
    origin = _specification(origInterface)
    if not ALLOW_DUPLICATES:
        for iface in interfaceClasses:
            present = _registry.registered([origin], iface)
            if present is not None:
                raise ValueError(
                    f"{present!r} is already registered as the adapter from {origInterface!r}"
                    f" to {iface!r}; unregister it from getRegistry() first."
                )
    for iface in interfaceClasses:
        _registry.register([origin], iface, "", adapterFactory)


def getAdapterFactory(fromInterface: Any, toInterface: Any, default: Any) -> Any:
    """The adapter that would be used.

    Args:
        fromInterface: the class or the interface to adapt.
        toInterface: the interface wanted.
        default: what to return when none is registered.
    """
    lookup = _registry.lookup  # type: ignore[attr-defined]  # delegated to the lookup object
    return lookup((_specification(fromInterface),), toInterface, "", default)


class Adapter:
    """The usual base of adapters: it keeps the object that it adapts as ``original``.

    Asked for yet another interface, it asks the original object, so that the parts of one
    `Componentized` find each other.
    """

    temporaryAdapter = True
    "Whether a `Componentized` makes a new one for each use instead of keeping the first."

    multiComponent = True
    "Whether a `Componentized` that keeps it uses it for each interface that it provides."

    def __init__(self, original: Any) -> None:
        self.original = original

    def __conform__(self, interface: Any) -> Any:
        conform = getattr(self.original, "__conform__", None)
        return None if conform is None else conform(interface)

    def isuper(self, iface: Any, adapter: Any) -> Any:
        """Ask the original object for the next adapter to an interface after ``adapter``."""
        return self.original.isuper(iface, adapter)


class Componentized:
    """An object that is made of its parts: it can be asked for any interface that they provide.

    ``IThing(componentized)`` gives the part that was set for ``IThing``; without one, an adapter
    registered for the class is made.  It is kept for the next time, unless it says that it is a
    ``temporaryAdapter``.
    """

    persistenceVersion = 1

    def __init__(self) -> None:
        self._components: dict[Any, Any] = {}

    def locateAdapterClass(self, klass: Any, interfaceClass: Any, default: Any) -> Any:
        """The adapter registered from ``klass`` to an interface, else ``default``."""
        return getAdapterFactory(klass, interfaceClass, default)

    def setAdapter(self, interfaceClass: Any, adapterClass: AdapterFactory) -> None:
        """Make an adapter of this object, and use it for one interface from now on."""
        self.setComponent(interfaceClass, adapterClass(self))

    def addAdapter(self, adapterClass: AdapterFactory, ignoreClass: bool = False) -> Any:
        """Make an adapter of this object, and use it as `addComponent` says; returns it."""
        adapter = adapterClass(self)
        self.addComponent(adapter, ignoreClass)
        return adapter

    def setComponent(self, interfaceClass: Any, component: Any) -> None:
        """Use an object for one interface from now on."""
        self._components[interfaceClass] = component

    def addComponent(self, component: Any, ignoreClass: bool = False) -> None:
        """Use an object for each interface that it provides and is the registered adapter for.

        Args:
            component: the object.
            ignoreClass: use it for each interface that it provides, registered or not.
        """
        for iface in providedBy(component):
            if ignoreClass or self.locateAdapterClass(type(self), iface, None) is type(component):
                self._components[iface] = component

    def unsetComponent(self, interfaceClass: Any) -> None:
        """Forget what is used for an interface; no error if there is nothing."""
        self._components.pop(interfaceClass, None)

    def removeComponent(self, component: Any) -> list[Any]:
        """Use an object no more; returns the interfaces that it was used for."""
        released = [iface for iface, used in self._components.items() if used is component]
        for iface in released:
            del self._components[iface]
        return released

    def getComponent(self, interface: Any, default: Any = None) -> Any:
        """The part to use for an interface, made by the registered adapter if need be.

        Returns ``default`` when there is neither part nor adapter.
        """
        if interface in self._components:
            return self._components[interface]
        adapter = interface.__adapt__(self)
        if adapter is None:
            return default
        if adapter is not self and not getattr(adapter, "temporaryAdapter", False):
            self._components[interface] = adapter
            if getattr(adapter, "multiComponent", False):
                self.addComponent(adapter)
        return adapter

    def __conform__(self, interface: Any) -> Any:
        return self.getComponent(interface)


class ReprableComponentized(Componentized):
    """A `Componentized` that shows its parts when printed."""

    def __repr__(self) -> str:
        shown = io.StringIO()
        for iface, component in sorted(
            self._components.items(), key=lambda pair: reflect.qual(pair[0])
        ):
            shown.write(f"\n  {reflect.qual(iface)}: {reflect.safe_repr(component)}")
        return f"<{type(self).__name__} with{shown.getvalue() or ' no components'}>"


class _Forwarded:
    """An attribute that lives on another object."""

    def __init__(self, holder: str, name: str) -> None:
        self.holder = holder
        self.name = name

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        if instance is None:
            raise AttributeError(
                f"{self.name!r} is an attribute of what a proxy stands for; ask an instance."
            )
        return getattr(getattr(instance, self.holder), self.name)

    def __set__(self, instance: Any, value: Any) -> None:
        setattr(getattr(instance, self.holder), self.name, value)

    def __delete__(self, instance: Any) -> None:
        delattr(getattr(instance, self.holder), self.name)


def proxyForInterface(iface: Any, originalAttribute: str = "original") -> type[Any]:
    """Make a class whose objects forward everything in an interface to another object.

    Subclass the result to change some of it::

        class Shouting(proxyForInterface(ITalk)):
            def say(self):
                return self.original.say().upper()

        Shouting(talker)

    Args:
        iface: the interface; the class provides it, and what it inherits.
        originalAttribute: the attribute in which an instance keeps the other object.
    """

    def __init__(self: Any, original: Any) -> None:
        setattr(self, originalAttribute, original)

    contents: dict[str, Any] = {"__init__": __init__, "__module__": __name__}
    for name in iface.names(all=True):
        contents[name] = _Forwarded(originalAttribute, name)
    proxy = type(f"(Proxy for {reflect.qual(iface)})", (object,), contents)
    implemented: type[Any] = implementer(iface)(proxy)
    return implemented
