"""How a Deferred can fail, and be misused."""


class AlreadyCalledError(Exception):
    """A Deferred was fired (by `callback` or `errback`) more than once."""


class CancelledError(Exception):
    """The result of a Deferred that was cancelled."""


class TimeoutError(Exception):
    """The result of a Deferred that had no other in time; see `Deferred.addTimeout`."""


class NotACoroutineError(TypeError):
    """A coroutine was expected."""
