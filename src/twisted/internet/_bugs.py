"""What the loop does about a callback that raises: tell the log, and go on."""

from __future__ import annotations

import sys

from twisted.python import log


def reportBug(what: str) -> BaseException:
    """Log the exception in flight, once, with its whole traceback, and return it.

    SystemExit is logged as well: a callback has no business ending the process behind
    the reactor's back, and `reactor.stop()` is how to ask for it.

    Raises:
        KeyboardInterrupt: if that is what is in flight.  It comes only when the reactor
            was told to leave signals alone, to who did that.
    """
    error = sys.exc_info()[1]
    assert error is not None, "reportBug is for except clauses"
    if isinstance(error, KeyboardInterrupt):
        raise error
    log.err(None, what)
    return error
