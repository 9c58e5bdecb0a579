"""The suites of `twisted.internet.test.conformance.tls`.

The usual way runs on every reactor; the others on one that waits by itself, and on one that some
other loop turns.
"""

from twisted.internet.test.conformance import casesFor, shippedReactors, tls

_reactors = shippedReactors()
_two = {name: _reactors[name] for name in ("EPoll", "Asyncio")}

globals().update(casesFor(tls.suites, _reactors, __name__))
globals().update(casesFor(tls.otherWays, _two, __name__))
