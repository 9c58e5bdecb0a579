"""Registered as the adapter, a class is found by calling the interface."""

from zope.interface import Interface, implementer

from twisted.python import components


class IAmericanSocket(Interface):
    def voltage():
        """Return the voltage produced by this socket object, as an integer."""


@implementer(IAmericanSocket)
class AmericanSocket:
    def voltage(self):
        return 110


class ForeignSocket:
    def voltage(self):
        return 220


@implementer(IAmericanSocket)
class AdaptToAmericanSocket:
    def __init__(self, original):
        self.original = original

    def voltage(self):
        return self.original.voltage() / 2


components.registerAdapter(AdaptToAmericanSocket, ForeignSocket, IAmericanSocket)


if __name__ == "__main__":
    print(IAmericanSocket.implementedBy(AmericanSocket))
    print(IAmericanSocket.implementedBy(ForeignSocket))

    asock = AmericanSocket()
    fs = ForeignSocket()
    print(IAmericanSocket.providedBy(asock))
    print(IAmericanSocket.providedBy(fs))

    # An object that provides the interface is given back; another one is adapted.
    print(IAmericanSocket(asock) is asock)
    print(type(IAmericanSocket(fs)).__name__)
