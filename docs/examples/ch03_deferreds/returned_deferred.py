"""Callbacks can return Deferreds: the chain goes on with what comes of them."""

from twisted.internet import defer


class Counter:
    num = 0
    let = "a"

    @classmethod
    def incrLet(cls):
        cls.let = chr(ord(cls.let) + 1)


def subCb_B(result):
    print(f"sub-callback {Counter.let}")
    Counter.incrLet()
    s = " beautiful!"
    print(f"\tadding {s!r} to result")
    result += s
    return result


def subCb_A(result):
    print(f"sub-callback {Counter.let}")
    Counter.incrLet()
    s = " are "
    print(f"\tadding {s!r} to result")
    result += s
    return result


def mainCb_1(result):
    Counter.num += 1
    print(f"callback {Counter.num}")
    print(f"\tgot result: {result}")
    result += " Deferreds "

    d = defer.Deferred().addCallback(subCb_A).addCallback(subCb_B)
    d.callback(result)
    return d


def mainCb_2(result):
    Counter.num += 1
    print(f"callback {Counter.num}")
    print(f"\tgot result: {result}")


def deferredExample():
    d = defer.Deferred().addCallback(mainCb_1).addCallback(mainCb_2)

    d.callback("I hope you'll agree: ")


if __name__ == "__main__":
    deferredExample()
