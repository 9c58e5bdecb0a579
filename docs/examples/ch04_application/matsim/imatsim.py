"""What a material is."""

from zope.interface import Attribute, Interface


class IMaterial(Interface):
    """An object with specific physical properties."""

    def yieldStress(temperature):
        """The pressure, in pascals, that it supports without fracturing at a temperature in kelvins."""

    dielectricConstant = Attribute(
        "A complex number: the refraction, and the absorption of radio waves."
    )
