"""Microdom: documents of HTML and XML as trees of nodes, with the useful part of the DOM.

`parseString` makes a document of text, strictly or as browsers do, and `toxml` makes text of it.
"""

from twisted.web.microdom._documents import Document as Document
from twisted.web.microdom._documents import Element as Element
from twisted.web.microdom._documents import genprefix as genprefix
from twisted.web.microdom._documents import getElementsByTagName as getElementsByTagName
from twisted.web.microdom._documents import getElementsByTagNameNoCase as getElementsByTagNameNoCase
from twisted.web.microdom._documents import lmx as lmx
from twisted.web.microdom._escapes import HTML_ESCAPE_CHARS as HTML_ESCAPE_CHARS
from twisted.web.microdom._escapes import REV_HTML_ESCAPE_CHARS as REV_HTML_ESCAPE_CHARS
from twisted.web.microdom._escapes import REV_XML_ESCAPE_CHARS as REV_XML_ESCAPE_CHARS
from twisted.web.microdom._escapes import XML_ESCAPE_CHARS as XML_ESCAPE_CHARS
from twisted.web.microdom._escapes import escape as escape
from twisted.web.microdom._escapes import unescape as unescape
from twisted.web.microdom._nodes import CDATASection as CDATASection
from twisted.web.microdom._nodes import CharacterData as CharacterData
from twisted.web.microdom._nodes import Comment as Comment
from twisted.web.microdom._nodes import EntityReference as EntityReference
from twisted.web.microdom._nodes import Node as Node
from twisted.web.microdom._nodes import Text as Text
from twisted.web.microdom._parsing import MicroDOMParser as MicroDOMParser
from twisted.web.microdom._parsing import MismatchedTags as MismatchedTags
from twisted.web.microdom._parsing import parse as parse
from twisted.web.microdom._parsing import parseString as parseString
from twisted.web.microdom._parsing import parseXML as parseXML
from twisted.web.microdom._parsing import parseXMLString as parseXMLString

__all__ = [
    "CDATASection",
    "CharacterData",
    "Comment",
    "Document",
    "Element",
    "EntityReference",
    "HTML_ESCAPE_CHARS",
    "MicroDOMParser",
    "MismatchedTags",
    "Node",
    "REV_HTML_ESCAPE_CHARS",
    "REV_XML_ESCAPE_CHARS",
    "Text",
    "XML_ESCAPE_CHARS",
    "escape",
    "genprefix",
    "getElementsByTagName",
    "getElementsByTagNameNoCase",
    "lmx",
    "parse",
    "parseString",
    "parseXML",
    "parseXMLString",
    "unescape",
]
