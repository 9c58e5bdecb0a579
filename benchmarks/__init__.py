"""Measurements of this implementation beside its peers, in one run on one machine.

`python -m benchmarks` (or `make bench`) runs every case of `cases`: a server on one core, a load
generator in C on another, the peers taking turns round by round, medians, ratios. `results/` keeps
what was measured; absolute figures belong to the machine, the ratios are the point.
"""
