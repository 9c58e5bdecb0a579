"""An adapter by hand: it is made with the object that it adapts."""

from hair_dryer import ForeignSocket, HairDryer


class AdaptToAmericanSocket:
    def __init__(self, original):
        self.original = original

    def voltage(self):
        return self.original.voltage() / 2


if __name__ == "__main__":
    hd = HairDryer()
    fs = ForeignSocket()
    adapted = AdaptToAmericanSocket(fs)
    hd.plug(adapted)
