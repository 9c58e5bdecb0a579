"""Show all materials that there are plugins for.

python materials.py
"""

from matsim import imatsim, plugins

from twisted.plugin import getPlugins


def displayMaterial(m):
    print(f"A material with yield stress {m.yieldStress(500)} at 500 K")
    print(f"Also a dielectric constant of {m.dielectricConstant}.")


def displayAllKnownMaterials():
    # Those in folders twisted/plugins.
    for material in getPlugins(imatsim.IMaterial):
        displayMaterial(material)
    # Those in the package that is made for them.
    for material in getPlugins(imatsim.IMaterial, plugins):
        displayMaterial(material)


if __name__ == "__main__":
    displayAllKnownMaterials()
