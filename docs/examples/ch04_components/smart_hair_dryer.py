"""A hair dryer that adapts whatever it is plugged into."""

from sockets import AmericanSocket, ForeignSocket, IAmericanSocket


class HairDryer:
    def plug(self, socket):
        adapted = IAmericanSocket(socket)
        assert adapted.voltage() == 110, "BOOM"
        print("I was plugged in properly and am operating")


if __name__ == "__main__":
    hd = HairDryer()
    hd.plug(AmericanSocket())
    hd.plug(ForeignSocket())
