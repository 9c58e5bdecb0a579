"""A material that comes with the simulation."""

from zope.interface import implementer

from matsim import imatsim
from twisted.plugin import IPlugin


@implementer(IPlugin, imatsim.IMaterial)
class Wood:
    dielectricConstant = 2 + 0.1j

    def yieldStress(self, temperature):
        return 4.0e7


oak = Wood()
