"""Files, folders and constant data as resources.

`File` serves a file, or a folder with all that is in it and nothing that is not.
"""

from twisted.web.static._data import Data as Data
from twisted.web.static._data import Redirect as Redirect
from twisted.web.static._data import Registry as Registry
from twisted.web.static._data import addSlash as addSlash
from twisted.web.static._data import isDangerous as isDangerous
from twisted.web.static._file import ASISProcessor as ASISProcessor
from twisted.web.static._file import File as File
from twisted.web.static._listing import DirectoryLister as DirectoryLister
from twisted.web.static._listing import formatFileSize as formatFileSize
from twisted.web.static._ranges import MultipleRangeStaticProducer as MultipleRangeStaticProducer
from twisted.web.static._ranges import NoRangeStaticProducer as NoRangeStaticProducer
from twisted.web.static._ranges import SingleRangeStaticProducer as SingleRangeStaticProducer
from twisted.web.static._ranges import StaticProducer as StaticProducer
from twisted.web.static._types import getTypeAndEncoding as getTypeAndEncoding
from twisted.web.static._types import loadMimeTypes as loadMimeTypes
from twisted.web.util import redirectTo as redirectTo

__all__ = [
    "ASISProcessor",
    "Data",
    "DirectoryLister",
    "File",
    "MultipleRangeStaticProducer",
    "NoRangeStaticProducer",
    "Redirect",
    "Registry",
    "SingleRangeStaticProducer",
    "StaticProducer",
    "addSlash",
    "formatFileSize",
    "getTypeAndEncoding",
    "isDangerous",
    "loadMimeTypes",
    "redirectTo",
]
