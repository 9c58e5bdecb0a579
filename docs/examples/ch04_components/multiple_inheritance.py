"""Multiple inheritance: a square *has* an area and a colour, though it is neither."""


class Area:
    sideLength = 0

    def getSideLength(self):
        return self.sideLength

    def setSideLength(self, sideLength):
        self.sideLength = sideLength

    def area(self):
        raise NotImplementedError("Subclasses must implement area")


class Color:
    color = None

    def setColor(self, color):
        self.color = color

    def getColor(self):
        return self.color


class Square(Area, Color):
    def area(self):
        return self.sideLength * self.sideLength


if __name__ == "__main__":
    square = Square()
    square.setSideLength(3)
    square.setColor("blue")
    print("a", square.getColor(), "square of", square.area())
    print(" -> ".join(cls.__name__ for cls in Square.__mro__))
