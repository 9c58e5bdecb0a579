"""HTML and XML made of tags, templates and elements, written piece by piece.

A page is a tree of tags and text. An `Element` is a template, in XML or made with `tags`, and the
methods that it calls by name. Whatever is put into a page is escaped where it is written, and may
as well be a Deferred or a coroutine, which is waited for.
"""

from twisted.web.template._elements import Element as Element
from twisted.web.template._elements import renderer as renderer
from twisted.web.template._flattening import Flattenable as Flattenable
from twisted.web.template._flattening import flatten as flatten
from twisted.web.template._flattening import flattenString as flattenString
from twisted.web.template._loaders import TEMPLATE_NAMESPACE as TEMPLATE_NAMESPACE
from twisted.web.template._loaders import TagLoader as TagLoader
from twisted.web.template._loaders import XMLFile as XMLFile
from twisted.web.template._loaders import XMLString as XMLString
from twisted.web.template._nodes import CDATA as CDATA
from twisted.web.template._nodes import VALID_HTML_TAG_NAMES as VALID_HTML_TAG_NAMES
from twisted.web.template._nodes import CharRef as CharRef
from twisted.web.template._nodes import Comment as Comment
from twisted.web.template._nodes import Tag as Tag
from twisted.web.template._nodes import slot as slot
from twisted.web.template._nodes import tags as tags
from twisted.web.template._responding import renderElement as renderElement

__all__ = [
    "CDATA",
    "TEMPLATE_NAMESPACE",
    "VALID_HTML_TAG_NAMES",
    "CharRef",
    "Comment",
    "Element",
    "Flattenable",
    "Tag",
    "TagLoader",
    "XMLFile",
    "XMLString",
    "flatten",
    "flattenString",
    "renderElement",
    "renderer",
    "slot",
    "tags",
]
