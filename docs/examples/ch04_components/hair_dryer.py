"""A hair dryer from America, and the sockets of two continents."""


class HairDryer:
    def plug(self, socket):
        if socket.voltage() == 110:
            print("I was plugged in properly and am operating.")
        else:
            print("I was plugged in improperly and ")
            print("now you have no hair dryer any more.")


class AmericanSocket:
    def voltage(self):
        return 110


class ForeignSocket:
    def voltage(self):
        return 220


if __name__ == "__main__":
    hd = HairDryer()
    hd.plug(AmericanSocket())
    hd.plug(ForeignSocket())
