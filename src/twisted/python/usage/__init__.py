"""Read a command line: subclass `Options`, declare what there is, and ask it as a dict.

Chapter 5.1 of the documentation explains it with examples.
"""

from twisted import _intact as _intact
from twisted.python.usage._completion import (
    CompleteDirs,
    CompleteFiles,
    CompleteGroups,
    CompleteHostnames,
    CompleteList,
    CompleteMultiList,
    CompleteNetInterfaces,
    Completer,
    CompleteUserAtHost,
    CompleteUsernames,
    Completions,
)
from twisted.python.usage._declared import (
    CoerceParameter,
    UsageError,
    flagFunction,
    portCoerce,
)
from twisted.python.usage._help import docMakeChunks
from twisted.python.usage._options import Options

error = UsageError

__all__ = [
    "CoerceParameter",
    "CompleteDirs",
    "CompleteFiles",
    "CompleteGroups",
    "CompleteHostnames",
    "CompleteList",
    "CompleteMultiList",
    "CompleteNetInterfaces",
    "CompleteUserAtHost",
    "CompleteUsernames",
    "Completer",
    "Completions",
    "Options",
    "UsageError",
    "docMakeChunks",
    "error",
    "flagFunction",
    "portCoerce",
]
