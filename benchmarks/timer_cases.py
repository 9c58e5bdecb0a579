"""What timers cost, on the real reactor of whichever `twisted` the interpreter has.

As a program, prints operations per second, as JSON:

    .venv/bin/python benchmarks/timer_cases.py SECONDS churn|pending
"""

import json
import random
import signal
import sys
from time import perf_counter

from twisted.internet import reactor

LIFETIME_SECONDS = 300
BATCH = 1000
MANY = 100_000


def _nothing():
    pass


def _inTurns(step, count, done):
    """Call `step` once per turn of the loop, `count` times, then `done` with the seconds taken."""
    start = perf_counter()

    def turn(left):
        if left:
            step()
            reactor.callLater(0, turn, left - 1)
        else:
            done(perf_counter() - start)

    turn(count)


def churn(seconds, report):
    """callLater and cancel, a thousand pairs per turn of the loop."""

    def step():
        for _ in range(BATCH):
            reactor.callLater(30, _nothing).cancel()

    def warmed(taken):
        turns = max(1, int(seconds * 20 / taken))
        _inTurns(step, turns, lambda taken: report({"churn": turns * BATCH / taken}))

    _inTurns(step, 20, warmed)


def pending(seconds, report):
    """100,000 timers at random times are set; others come and go among them; as many fire.

    The figure is operations (sets, set-and-cancel pairs, sets that fire) per second over all three
    parts; the parts are told too. The work is fixed: `seconds` plays no part.
    """
    choose = random.Random(1)
    far = [choose.uniform(60, 600) for _ in range(MANY)]
    near = [choose.uniform(0, 0.01) for _ in range(MANY)]
    taken = {}
    waiting = []
    fired = 0

    def insert():
        waiting.extend([reactor.callLater(delay, _nothing) for delay in far])

    def inserted(seconds):
        taken["insert"] = seconds
        _inTurns(comeAndGo, MANY // BATCH, churned)

    def comeAndGo():
        for delay in far[:BATCH]:
            reactor.callLater(delay, _nothing).cancel()

    def churned(seconds):
        taken["churn"] = seconds
        taken["fire"] = perf_counter()
        for delay in near:
            reactor.callLater(delay, fire)

    def fire():
        nonlocal fired
        fired += 1
        if fired == MANY:
            taken["fire"] = perf_counter() - taken["fire"]
            finish()

    def finish():
        rates = {f"pending.{part}": MANY / seconds for part, seconds in taken.items()}
        report({"pending": 3 * MANY / sum(taken.values()), **rates})

    _inTurns(insert, 1, inserted)


CASES = {"churn": churn, "pending": pending}


def main(seconds, name):
    def report(rates):
        print(json.dumps({key: round(rate) for key, rate in rates.items()}), flush=True)
        reactor.stop()

    signal.alarm(LIFETIME_SECONDS)
    reactor.callWhenRunning(CASES[name], seconds, report)
    reactor.run()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
