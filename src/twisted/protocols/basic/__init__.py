"""Protocols that find messages in a stream: lines, netstrings, strings with a length before them.

The events of each class here are the same however the bytes were split on their way, and each
has a limit on how long a message it keeps. `twisted.protocols.basic._receiver` tells how.

Settings such as `MAX_LENGTH` may be changed on an instance at any time; what a class says holds for
the connections that are made afterwards.
"""

from twisted.protocols.basic._files import FileSender
from twisted.protocols.basic._lengths import (
    Int8StringReceiver,
    Int16StringReceiver,
    Int32StringReceiver,
    IntNStringReceiver,
    StatefulStringProtocol,
    StringTooLongError,
)
from twisted.protocols.basic._lines import LineOnlyReceiver, LineReceiver
from twisted.protocols.basic._netstrings import (
    IncompleteNetstring,
    NetstringParseError,
    NetstringReceiver,
)

__all__ = [
    "FileSender",
    "IncompleteNetstring",
    "Int8StringReceiver",
    "Int16StringReceiver",
    "Int32StringReceiver",
    "IntNStringReceiver",
    "LineOnlyReceiver",
    "LineReceiver",
    "NetstringParseError",
    "NetstringReceiver",
    "StatefulStringProtocol",
    "StringTooLongError",
]
