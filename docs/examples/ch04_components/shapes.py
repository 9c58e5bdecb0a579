"""Inheritance: a triangle *is* a shape, and so is a square."""


class Shape:
    sideLength = 0

    def getSideLength(self):
        return self.sideLength

    def setSideLength(self, sideLength):
        self.sideLength = sideLength

    def area(self):
        raise NotImplementedError("Subclasses must implement area")


class Triangle(Shape):
    def area(self):
        return (self.sideLength * self.sideLength) / 2


class Square(Shape):
    def area(self):
        return self.sideLength * self.sideLength


if __name__ == "__main__":
    for shape in (Triangle(), Square()):
        shape.setSideLength(4)
        print(type(shape).__name__, shape.area())
