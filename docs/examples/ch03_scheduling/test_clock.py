"""Time in tests: a clock that moves when it is told to."""

from twisted.internet import task
from twisted.trial import unittest


class Kettle:
    """Boils three minutes after it was switched on."""

    boiling = False

    def __init__(self, clock):
        clock.callLater(180, self.boil)

    def boil(self):
        self.boiling = True


class KettleTests(unittest.TestCase):
    def test_boils(self):
        clock = task.Clock()
        kettle = Kettle(clock)
        clock.advance(179)
        self.assertFalse(kettle.boiling)
        clock.advance(1)
        self.assertTrue(kettle.boiling)
