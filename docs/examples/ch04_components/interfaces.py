"""An interface, a class that implements it, and an adapter that does."""

from zope.interface import Interface, implementer


class IAmericanSocket(Interface):
    def voltage():
        """Return the voltage produced by this socket object, as an integer."""


@implementer(IAmericanSocket)
class AmericanSocket:
    def voltage(self):
        return 110


@implementer(IAmericanSocket)
class AdaptToAmericanSocket:
    def __init__(self, original):
        """Pass the original ForeignSocket object as original."""
        self.original = original

    def voltage(self):
        return self.original.voltage() / 2


if __name__ == "__main__":
    for cls in (AmericanSocket, AdaptToAmericanSocket):
        print(cls.__name__, IAmericanSocket.implementedBy(cls))
