"""What a class implements, its subclasses implement too; unless they say otherwise."""

from zope.interface import Interface, implementer, implementer_only


class IRoot(Interface):
    """Something that is the first to be asked."""


@implementer(IRoot)
class Root:
    """As the root of an object server would be."""


class IMyInterface(Interface):
    pass


@implementer(IMyInterface)
class MyThing(Root):
    """Implements both."""


@implementer_only(IMyInterface)
class MyOnlyThing(Root):
    """Inherits from Root, but does not implement what that does."""


if __name__ == "__main__":
    for cls in (MyThing, MyOnlyThing):
        print(cls.__name__, IMyInterface.implementedBy(cls), IRoot.implementedBy(cls))
