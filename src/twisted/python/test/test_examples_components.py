"""The examples of the chapter on components do what it says."""

from __future__ import annotations

from twisted.python.test._examples import ExampleCase

PROPERLY = "I was plugged in properly and am operating"

EXPECTED = {
    "shapes.py": "Triangle 8.0\nSquare 16\n",
    "multiple_inheritance.py": "a blue square of 9\nSquare -> Area -> Color -> object\n",
    "hair_dryer.py": f"{PROPERLY}.\n"
    "I was plugged in improperly and \nnow you have no hair dryer any more.\n",
    "adapter.py": f"{PROPERLY}.\n",
    "interfaces.py": "AmericanSocket True\nAdaptToAmericanSocket True\n",
    "sockets.py": "True\nFalse\nTrue\nFalse\nTrue\nAdaptToAmericanSocket\n",
    "smart_hair_dryer.py": f"{PROPERLY}\n{PROPERLY}\n",
    "inheritance.py": "MyThing True True\nMyOnlyThing True False\n",
}


class ComponentsExampleTests(ExampleCase):
    """Each program of the chapter."""

    chapter = "ch04_components"

    def test_output(self) -> None:
        """What each writes."""
        for name, expected in EXPECTED.items():
            self.assertEqual(self.run_(name), expected, name)

    def test_all(self) -> None:
        """None is left out."""
        self.assertEqual(self.names(), set(EXPECTED))
