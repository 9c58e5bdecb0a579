"""What every reactor and every transport must do: one suite of tests for all of them.

The suites are test cases that lack a reactor.  `casesFor` makes a complete test case of
each suite and each reactor, so that a test module is these lines, for the reactors of this
package as for one of your own::

    from twisted.internet.test.conformance import casesFor, core, tcp

    globals().update(
        casesFor([core.CoreSuite, tcp.ServerSuite], {"Mine": MyReactor}, __name__)
    )

A suite skips itself on a reactor that does not provide the interfaces it `requires`.

Theory of operation
-------------------
A test is a coroutine, which `ReactorSuite.play` runs inside a new reactor: it awaits what
the protocols of `twisted.internet.test.conformance.recorders` have seen, and what it raises
is what the test raises.  Nothing sleeps.  What waits for an event has a limit, kept by a
thread with real time, since the reactor under test cannot be trusted with it; so a
reactor that hangs fails.  After each test the suite looks for what was left behind:
delayed calls, readers and writers, and open file descriptors.
"""

from twisted.internet.test.conformance._harness import (
    IAnyReactor as IAnyReactor,
)
from twisted.internet.test.conformance._harness import (
    ReactorSuite as ReactorSuite,
)
from twisted.internet.test.conformance._harness import (
    casesFor as casesFor,
)
from twisted.internet.test.conformance._harness import (
    shippedReactors as shippedReactors,
)

__all__ = ["IAnyReactor", "ReactorSuite", "casesFor", "shippedReactors"]
