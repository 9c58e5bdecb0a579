"""Two long computations that leave the reactor time for everything else."""

from twisted.internet import defer, task


def count(name, numbers):
    for number in numbers:
        print(name, number)
        yield


def main(reactor):
    work = [task.cooperate(count(name, range(3))) for name in ("first", "second")]
    return defer.gatherResults([each.whenDone() for each in work])


task.react(main)
