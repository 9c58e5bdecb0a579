"""Deferreds: promises of results, and what is built on them.

A function that cannot have its result at once returns a `Deferred`.  Its caller adds callbacks to
it, or awaits it in a coroutine; see `docs/howto/deferreds.md`.

* `_deferred`: the Deferred itself, its chain of callbacks, and the stepping of coroutines;
* `_functions`: Deferreds made at once: `succeed`, `fail`, `maybeDeferred`;
* `_coroutines`: `inlineCallbacks`, `ensureDeferred`;
* `_collections`: several Deferreds as one: `DeferredList`, `gatherResults`, `race`;
* `_locks`: `DeferredLock`, `DeferredSemaphore`, `DeferredQueue`, `DeferredFilesystemLock`;
* `_debug`: reports of errors that nobody handled.
"""

from twisted.internet.defer._collections import (
    FAILURE as FAILURE,
    SUCCESS as SUCCESS,
    DeferredList as DeferredList,
    FailureGroup as FailureGroup,
    FirstError as FirstError,
    gatherResults as gatherResults,
    race as race,
)
from twisted.internet.defer._coroutines import (
    ensureDeferred as ensureDeferred,
    inlineCallbacks as inlineCallbacks,
    returnValue as returnValue,
)
from twisted.internet.defer._deferred import (
    AlreadyCalledError as AlreadyCalledError,
    CancelledError as CancelledError,
    Deferred as Deferred,
    NotACoroutineError as NotACoroutineError,
    TimeoutError as TimeoutError,
    getDebugging as getDebugging,
    setDebugging as setDebugging,
)
from twisted.internet.defer._functions import (
    execute as execute,
    fail as fail,
    logError as logError,
    maybeDeferred as maybeDeferred,
    passthru as passthru,
    succeed as succeed,
    timeout as timeout,
)
from twisted.internet.defer._locks import (
    AlreadyTryingToLockError as AlreadyTryingToLockError,
    DeferredFilesystemLock as DeferredFilesystemLock,
    DeferredLock as DeferredLock,
    DeferredQueue as DeferredQueue,
    DeferredSemaphore as DeferredSemaphore,
    QueueOverflow as QueueOverflow,
    QueueUnderflow as QueueUnderflow,
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
