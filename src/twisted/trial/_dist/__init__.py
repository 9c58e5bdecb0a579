"""Runs of tests in several processes: ``trial -j``.

Theory of operation
-------------------
The parent neither loads tests nor runs any: it starts *workers*, which load the same tests by the
same command line, hands out numbers of tests, and reports what they tell. `_protocol` is what the
two say to each other, in AMP over two pipes; `_outcomes` is how what comes of a test travels.

Numbers mean the same test in each worker because each tells a digest of the names that it has
found, and one tells the names. A worker has a few tests waiting, so that it is never idle for want
of an answer; it runs them one after the other, so that when it dies, the test that it died in is
the first of which it has not told. The others go to somebody else.

A worker gets its tests through the suite that it runs (`_worker.Coming`), which yields them as they
come. So the fixtures of classes and modules are run where they are due, as in any suite.

What does not work: to fork workers off a process that has loaded the tests. They would share the
descriptors of its reactor.
"""
