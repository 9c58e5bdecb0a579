"""AMP, the Asynchronous Messaging Protocol: both ends of a connection ask and answer.

What may be asked is declared as a `Command`, with the types of its arguments and of its answer. An
`AMP` asks with `AMP.callRemote`, and answers with the methods that `Command.responder` marks.

A message is a box: keys and values, each with its length before it; see `AmpBox`. The limits: a key
has 255 bytes, a value 65535, a box `BinaryBoxProtocol.maxBoxLength`, and of the peer's commands
`BoxDispatcher.maxUnanswered` may wait for their answers. A peer that passes one is disconnected.
"""

from twisted.protocols.amp._arguments import PYTHON_KEYWORDS as PYTHON_KEYWORDS
from twisted.protocols.amp._arguments import Argument as Argument
from twisted.protocols.amp._arguments import Boolean as Boolean
from twisted.protocols.amp._arguments import DateTime as DateTime
from twisted.protocols.amp._arguments import Decimal as Decimal
from twisted.protocols.amp._arguments import Descriptor as Descriptor
from twisted.protocols.amp._arguments import Float as Float
from twisted.protocols.amp._arguments import Integer as Integer
from twisted.protocols.amp._arguments import Path as Path
from twisted.protocols.amp._arguments import String as String
from twisted.protocols.amp._arguments import Unicode as Unicode
from twisted.protocols.amp._arguments import utc as utc
from twisted.protocols.amp._boxes import MAX_BOX_LENGTH as MAX_BOX_LENGTH
from twisted.protocols.amp._boxes import MAX_KEY_LENGTH as MAX_KEY_LENGTH
from twisted.protocols.amp._boxes import MAX_VALUE_LENGTH as MAX_VALUE_LENGTH
from twisted.protocols.amp._boxes import AmpBox as AmpBox
from twisted.protocols.amp._boxes import Box as Box
from twisted.protocols.amp._boxes import QuitBox as QuitBox
from twisted.protocols.amp._boxes import parse as parse
from twisted.protocols.amp._boxes import parseString as parseString
from twisted.protocols.amp._commands import Command as Command
from twisted.protocols.amp._containers import AmpList as AmpList
from twisted.protocols.amp._containers import ListOf as ListOf
from twisted.protocols.amp._descriptors import MAX_UNCLAIMED as MAX_UNCLAIMED
from twisted.protocols.amp._dispatcher import ANSWER as ANSWER
from twisted.protocols.amp._dispatcher import ASK as ASK
from twisted.protocols.amp._dispatcher import COMMAND as COMMAND
from twisted.protocols.amp._dispatcher import ERROR as ERROR
from twisted.protocols.amp._dispatcher import ERROR_CODE as ERROR_CODE
from twisted.protocols.amp._dispatcher import ERROR_DESCRIPTION as ERROR_DESCRIPTION
from twisted.protocols.amp._dispatcher import MAX_UNANSWERED as MAX_UNANSWERED
from twisted.protocols.amp._dispatcher import BoxDispatcher as BoxDispatcher
from twisted.protocols.amp._errors import PROTOCOL_ERRORS as PROTOCOL_ERRORS
from twisted.protocols.amp._errors import UNHANDLED_ERROR_CODE as UNHANDLED_ERROR_CODE
from twisted.protocols.amp._errors import UNKNOWN_ERROR_CODE as UNKNOWN_ERROR_CODE
from twisted.protocols.amp._errors import AmpError as AmpError
from twisted.protocols.amp._errors import BadLocalReturn as BadLocalReturn
from twisted.protocols.amp._errors import IncompatibleVersions as IncompatibleVersions
from twisted.protocols.amp._errors import InvalidSignature as InvalidSignature
from twisted.protocols.amp._errors import MalformedAmpBox as MalformedAmpBox
from twisted.protocols.amp._errors import NoEmptyBoxes as NoEmptyBoxes
from twisted.protocols.amp._errors import OnlyOneTLS as OnlyOneTLS
from twisted.protocols.amp._errors import ProtocolSwitched as ProtocolSwitched
from twisted.protocols.amp._errors import RemoteAmpError as RemoteAmpError
from twisted.protocols.amp._errors import TooLong as TooLong
from twisted.protocols.amp._errors import UnhandledCommand as UnhandledCommand
from twisted.protocols.amp._errors import UnknownRemoteError as UnknownRemoteError
from twisted.protocols.amp._interfaces import IArgumentType as IArgumentType
from twisted.protocols.amp._interfaces import IBoxReceiver as IBoxReceiver
from twisted.protocols.amp._interfaces import IBoxSender as IBoxSender
from twisted.protocols.amp._interfaces import IResponderLocator as IResponderLocator
from twisted.protocols.amp._locators import CommandLocator as CommandLocator
from twisted.protocols.amp._locators import SimpleStringLocator as SimpleStringLocator
from twisted.protocols.amp._protocol import AMP as AMP
from twisted.protocols.amp._protocol import BinaryBoxProtocol as BinaryBoxProtocol
from twisted.protocols.amp._switching import ProtocolSwitchCommand as ProtocolSwitchCommand
from twisted.protocols.amp._switching import StartTLS as StartTLS

__all__ = [
    "AMP",
    "ANSWER",
    "ASK",
    "AmpBox",
    "AmpError",
    "AmpList",
    "Argument",
    "BadLocalReturn",
    "BinaryBoxProtocol",
    "Boolean",
    "Box",
    "BoxDispatcher",
    "COMMAND",
    "Command",
    "CommandLocator",
    "DateTime",
    "Decimal",
    "Descriptor",
    "ERROR",
    "ERROR_CODE",
    "ERROR_DESCRIPTION",
    "Float",
    "IArgumentType",
    "IBoxReceiver",
    "IBoxSender",
    "IResponderLocator",
    "IncompatibleVersions",
    "Integer",
    "InvalidSignature",
    "ListOf",
    "MAX_BOX_LENGTH",
    "MAX_KEY_LENGTH",
    "MAX_UNANSWERED",
    "MAX_UNCLAIMED",
    "MAX_VALUE_LENGTH",
    "MalformedAmpBox",
    "NoEmptyBoxes",
    "OnlyOneTLS",
    "PROTOCOL_ERRORS",
    "PYTHON_KEYWORDS",
    "Path",
    "ProtocolSwitchCommand",
    "ProtocolSwitched",
    "QuitBox",
    "RemoteAmpError",
    "SimpleStringLocator",
    "StartTLS",
    "String",
    "TooLong",
    "UNHANDLED_ERROR_CODE",
    "UNKNOWN_ERROR_CODE",
    "UnhandledCommand",
    "Unicode",
    "UnknownRemoteError",
    "parse",
    "parseString",
    "utc",
]
