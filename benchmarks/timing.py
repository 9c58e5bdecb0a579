"""How long cases take, for the scripts that run under the interpreters of the peers, too.

A case is a function of how often it is to do what it does.
"""

import json
import sys
from time import perf_counter, process_time

RUNS = 9


def measure(case, seconds, clock=perf_counter):
    """Times per second of `clock`: the best of several runs, the first ones too short."""

    def run():
        began = clock()
        case(rounds)
        return clock() - began

    rounds = 1000
    while run() < seconds / RUNS:
        rounds *= 2
    return round(rounds / min(run() for _ in range(RUNS)))


def measure_cpu(case, seconds):
    """Times per second of processor time, which other programs take nothing from."""
    return measure(case, seconds, process_time)


def main(cases, measure=measure):
    """Print the name of each case on the command line, or of all, and what it does per second."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    names = sys.argv[2:] or cases
    print(json.dumps({name: measure(cases[name], seconds) for name in names}, indent=1))
