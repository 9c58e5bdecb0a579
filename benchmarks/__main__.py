"""`python -m benchmarks`: measure, keep the results, draw the table and the chart."""

import argparse
import sys

from benchmarks import environment, report, results
from benchmarks.cases import CASES, Case, Sample
from benchmarks.environment import OURS, PEERS, Peer
from benchmarks.processes import ChildFailed


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    parser.add_argument(
        "--only", metavar="A,B", default="", help="those whose names contain A or B"
    )
    parser.add_argument("--peers", metavar="A,B", help=f"some of {','.join(PEERS)}")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="default: 2")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 1 s, nothing kept")
    parser.add_argument("--discard", action="store_true", help="show the figures, keep nothing")
    parser.add_argument(
        "--per-cpu",
        action="store_true",
        help="rates per second of the server's processor time, for a busy machine; nothing kept",
    )
    parser.add_argument("--readme", action="store_true", help="only rewrite README's section")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.discard = 3, 1.0, True
    if not 1 <= options.rounds <= 50 or not 0.1 <= options.seconds <= 60:
        parser.error("between 1 and 50 rounds, of between 0.1 and 60 seconds")
    options.peers = set(options.peers.split(",")) if options.peers else set(PEERS)
    if options.peers - set(PEERS):
        parser.error(f"no such peer: {', '.join(options.peers - set(PEERS))}")
    parts = options.only.split(",")
    options.cases = [case for case in CASES if any(part in case.name for part in parts)]
    if not options.cases:
        parser.error(f"no case has {options.only!r} in its name; see --list")
    if options.per_cpu or options.peers != set(PEERS):
        options.discard = True  # such a file would replace one of another kind, or of all peers
    return options


def measure(case: Case, peers: list[Peer], options: argparse.Namespace) -> dict[str, list[Sample]]:
    """Every peer in turn, round after round, so that a busy spell hits them all alike.

    A peer that fails once is left out from there on; its failure is printed.
    """
    samples: dict[str, list[Sample]] = {peer.key: [] for peer in peers}
    failed: set[str] = set()
    for _ in range(options.rounds):
        for peer in peers:
            if peer.key in failed:
                continue
            try:
                sample = case.measure(peer, options.seconds)
            except (ChildFailed, OSError) as reason:
                print(f"{case.name}, {peer.key}: {reason}", file=sys.stderr)
                failed.add(peer.key)
                samples[peer.key] = []
            else:
                samples[peer.key].append(sample.per_cpu() if options.per_cpu else sample)
    return samples


def run(options: argparse.Namespace) -> int:
    """Measure what was asked for; returns how many targets were missed or could not be judged."""
    environment.prepare()
    machine = environment.describe()
    missed = 0
    for case in options.cases:
        peers = [peer for peer in case.peers if peer.key in options.peers]
        samples = measure(case, peers, options)
        result = results.summarise(case, samples, machine)
        print(report.line(result), flush=True)
        missed += sum(not verdict.met for verdict in result.verdicts())
        if OURS.key in options.peers:
            missed += len(case.targets) - len(result.verdicts())
        if not options.discard and OURS.key in result.medians:
            results.save(result, samples, {"rounds": options.rounds, "seconds": options.seconds})
    return missed


def main() -> int:
    options = parse()
    if options.list:
        for case in options.cases:
            print(f"{case.name:20} {case.title}, {case.unit}")
        return 0
    if not options.readme:
        missed = run(options)
        print("all targets met" if not missed else f"{missed} targets MISSED")
    if not options.discard:
        report.write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
