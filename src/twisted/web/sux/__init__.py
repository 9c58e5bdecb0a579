"""SUX, the Small Uncomplicated XML parser: for XML, and for what people write instead of it.

`XMLParser` is a protocol that is given a document in pieces and calls its own methods with what is
in them: `gotTagStart`, `gotText` and so on, which subclasses replace. The calls are the same,
however the document is cut, and a limit is on each thing that is kept until it is complete.
Entities are reported, and never replaced, so no document grows by being parsed.
"""

from twisted.web.sux._helpers import BEGIN_HANDLER as BEGIN_HANDLER
from twisted.web.sux._helpers import DO_HANDLER as DO_HANDLER
from twisted.web.sux._helpers import END_HANDLER as END_HANDLER
from twisted.web.sux._helpers import ParseError as ParseError
from twisted.web.sux._helpers import identChars as identChars
from twisted.web.sux._helpers import lenientIdentChars as lenientIdentChars
from twisted.web.sux._helpers import nop as nop
from twisted.web.sux._helpers import prefixedMethodClassDict as prefixedMethodClassDict
from twisted.web.sux._helpers import prefixedMethodObjDict as prefixedMethodObjDict
from twisted.web.sux._helpers import unionlist as unionlist
from twisted.web.sux._helpers import zipfndict as zipfndict
from twisted.web.sux._parser import XMLParser as XMLParser

__all__ = [
    "BEGIN_HANDLER",
    "DO_HANDLER",
    "END_HANDLER",
    "ParseError",
    "XMLParser",
    "identChars",
    "lenientIdentChars",
    "nop",
    "prefixedMethodClassDict",
    "prefixedMethodObjDict",
    "unionlist",
    "zipfndict",
]
