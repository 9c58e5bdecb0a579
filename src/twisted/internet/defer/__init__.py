"""Deferreds: promises of results, and what is built on them.

A function that cannot have its result at once returns a `Deferred`.  Its caller adds callbacks to
it, or awaits it in a coroutine; see `docs/howto/deferreds.md`.

* `_chain`: how a result goes along the callbacks of a Deferred;
* `_deferred`: the Deferred itself;
* `_tasks`: coroutines that wait for Deferreds;
* `_timelimit`, `_futures`: parts of a Deferred that most of them do without;
* `_functions`: Deferreds made at once: `succeed`, `fail`, `maybeDeferred`;
* `_coroutines`: `inlineCallbacks`, `ensureDeferred`;
* `_collections`: several Deferreds as one: `DeferredList`, `gatherResults`, `race`;
* `_locks`: `DeferredLock`, `DeferredSemaphore`, `DeferredQueue`, `DeferredFilesystemLock`;
* `_errors`: how Deferreds fail and are misused;
* `_debug`: reports of errors that nobody handled.
"""

from twisted import _intact as _intact
from twisted.internet.defer._chain import getDebugging, setDebugging
from twisted.internet.defer._collections import (
    FAILURE,
    SUCCESS,
    DeferredList,
    FailureGroup,
    FirstError,
    gatherResults,
    race,
)
from twisted.internet.defer._coroutines import ensureDeferred, inlineCallbacks, returnValue
from twisted.internet.defer._deferred import Deferred
from twisted.internet.defer._errors import (
    AlreadyCalledError,
    CancelledError,
    NotACoroutineError,
    TimeoutError,
)
from twisted.internet.defer._functions import (
    execute,
    fail,
    logError,
    maybeDeferred,
    passthru,
    succeed,
    timeout,
)
from twisted.internet.defer._locks import (
    AlreadyTryingToLockError,
    DeferredFilesystemLock,
    DeferredLock,
    DeferredQueue,
    DeferredSemaphore,
    QueueOverflow,
    QueueUnderflow,
)

__all__ = [
    "FAILURE",
    "SUCCESS",
    "AlreadyCalledError",
    "AlreadyTryingToLockError",
    "CancelledError",
    "Deferred",
    "DeferredFilesystemLock",
    "DeferredList",
    "DeferredLock",
    "DeferredQueue",
    "DeferredSemaphore",
    "FailureGroup",
    "FirstError",
    "NotACoroutineError",
    "QueueOverflow",
    "QueueUnderflow",
    "TimeoutError",
    "ensureDeferred",
    "execute",
    "fail",
    "gatherResults",
    "getDebugging",
    "inlineCallbacks",
    "logError",
    "maybeDeferred",
    "passthru",
    "race",
    "returnValue",
    "setDebugging",
    "succeed",
    "timeout",
]

# The names that classes go by, in tracebacks, in pickles and over the wire, are those of this
# module, wherever in it they are defined.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
del _name
