"""The parser.

Theory of operation: a machine that takes one character at a time. In each state `do_STATE` takes a
character, and returns the state to go to, if that is another; `end_STATE` and `begin_STATE` are
then called. Which states may follow which is in `TRANSITIONS`. Characters that only add to what is
being collected are taken many at a time (`RUNS`).
"""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.sux._decoding import Decoder
from twisted.web.sux._helpers import (
    BEGIN_HANDLER,
    DO_HANDLER,
    END_HANDLER,
    ParseError,
    identChars,
    prefixedMethodObjDict,
    zipfndict,
)
from twisted.web.sux._states import RUNS, TRANSITIONS

__name__ = "twisted.web.sux"

# Limits, in characters. No name or reference that anybody reads is as long.
MAX_NAME = 1024
MAX_REFERENCE = 32
# Browsers have been seen to store whole images in attributes.
MAX_VALUE = 1 << 20
MAX_ATTRIBUTES = 256
# Text, comments, sections and declarations, each: as much as is good to keep.
MAX_DATA = 1 << 24

# Elements that have text in them, and no tags, in HTML.
RAW = ("script", "style")

_notXML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_surrogate = re.compile("[\ud800-\udfff]")


class XMLParser(Protocol):
    """Parses a document, and calls its own methods with what it finds.

    Attributes:
        beExtremelyLenient: Whether to make the best of what is not well-formed, as browsers do,
            instead of raising a `ParseError`: attributes without quotes or values, ampersands
            and angle brackets that stand for themselves, scripts.
        filename: What errors call the document.
        encodings: The encoding that the document has, once that is known.
        state: The state that the parser is in; None before the document.
    """

    state: str | None = None
    encodings: str | None = None
    filename = "<xml />"
    beExtremelyLenient: Any = 0
    # The attribute that is being parsed.
    attrname = ""
    attrval = ""

    def connectionMade(self) -> None:
        """The document begins."""
        self.lineno, self.colno = 1, 0
        self.state = "begin"
        self._decoder = Decoder(bool(self.beExtremelyLenient))
        self._table = zipfndict(
            prefixedMethodObjDict(self, "begin_"),
            prefixedMethodObjDict(self, "do_"),
            prefixedMethodObjDict(self, "end_"),
        )
        self._failed: ParseError | None = None
        self._began = False
        # The element that we are in, if it is one of those that have no tags in them.
        self._raw: str | None = None
        self._forget()
        self.begin_tagstart("")

    def dataReceived(self, data: bytes | str) -> None:
        """Parse a piece of the document: bytes, or text.

        Raises:
            ParseError: This is not well-formed. Nothing can be parsed after it.
        """
        if self._failed is not None:
            raise self._failed
        self._parse(self._decoder.feed(data) if isinstance(data, bytes) else data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The document ends.

        Raises:
            ParseError: It does so in the middle of something, and we are not lenient.
        """
        if self.state is None or self._failed is not None:
            return
        self._parse(self._decoder.feed(b"", True))
        state, self.state = self.state, None
        if state in ("bodydata", "unentity", "spacebodydata", "waitforendscript"):
            self.end_bodydata()
        elif state == "waitscriptendtag":
            self._give(self._taken() + "<" + self._ending)
        elif state == "entityref" and self.beExtremelyLenient:
            self._give("&" + self._taken())
        elif state == "tagstart" and self.beExtremelyLenient and not self._size:
            self._give("</" if self._isEnd else "<")
        elif state != "begin" and not self.beExtremelyLenient:
            self._parseError("the document ends in the middle of a tag, a comment or the like")

    def saveMark(self) -> tuple[int, int]:
        """The line and the column of the last character that was parsed."""
        return self.lineno, self.colno

    def maybeBodyData(self) -> str:
        """The state after a tag: that of text, or of scripts, in which tags are text."""
        return "bodydata" if self._raw is None else "spacebodydata"

    # --- The machine ---

    def _parseError(self, message: str) -> None:
        self._failed = ParseError(self.filename, self.lineno, self.colno, message)
        raise self._failed

    def _parse(self, text: str) -> None:
        self.encodings = self._decoder.encoding
        bad = None
        if self.beExtremelyLenient:
            text = _surrogate.sub("\ufffd", text)
        elif bad := _notXML.search(text):
            text = text[: bad.start()]
        at, end = 0, len(text)
        while at < end:
            state = self.state or ""
            run = RUNS.get(state + self._quote if state == "attrval" else state)
            taken = run.match(text, at) if run is not None else None
            piece = text[at] if taken is None else taken[0]
            at += len(piece)
            self._move(piece)
            if taken is None:
                self._take(state, piece)
            else:
                self._collect(piece)
        if bad is not None:
            self._parseError(f"this cannot be in XML: {bad[0]!r}")

    def _move(self, piece: str) -> None:
        lines = piece.count("\n")
        self.lineno += lines
        self.colno = len(piece) - piece.rindex("\n") - 1 if lines else self.colno + len(piece)

    def _take(self, state: str, byte: str) -> None:
        following = self._table[state][DO_HANDLER](byte)
        if following is None or following == state:
            return
        assert following in TRANSITIONS[state], f"from {state} to {following}"
        self._table[state][END_HANDLER]()
        self.state = following
        self._table[following][BEGIN_HANDLER](byte)

    def _forget(self) -> None:
        self._collected: list[str] = []
        self._size = 0
        self._last = ""

    def _collect(self, piece: str, limit: int | None = None) -> None:
        """Keep a piece of what is not complete yet."""
        self._size += len(piece)
        if limit is None:
            limit = MAX_VALUE if self.state in ("attrval", "messyattr") else MAX_DATA
        if self._size > limit:
            self._parseError(f"more than {limit} characters in one {self.state}")
        self._collected.append(piece)
        self._last = (self._last + piece)[-2:]

    def _taken(self) -> str:
        """All that was kept."""
        data = "".join(self._collected)
        self._forget()
        return data

    def _give(self, text: str) -> None:
        if text:
            self.gotText(text)

    def _between(self) -> str:
        """The state after what is neither a tag nor text."""
        return self.maybeBodyData() if self._began else "begin"

    def _complain(self, message: str) -> None:
        """Raise an error, unless anything goes."""
        if not self.beExtremelyLenient:
            self._parseError(message)

    # --- The beginning, and text ---

    def do_begin(self, byte: str) -> str | None:
        if byte == "<":
            return "tagstart"
        if byte.isspace() or byte == "\ufeff":
            return None
        self._complain(f"First char of document [{byte!r}] wasn't <")
        return self.do_bodydata(byte) or "bodydata"

    def begin_bodydata(self, byte: str) -> None:
        self._began = True

    def do_bodydata(self, byte: str) -> str | None:
        if byte == "<":
            return "tagstart"
        if byte == "&":
            return "entityref"
        self._collect(byte)
        return None

    def end_bodydata(self) -> None:
        self._give(self._taken())

    def begin_entityref(self, byte: str) -> None:
        self._began = True
        self._isText = False
        self._forget()

    def do_entityref(self, byte: str) -> str | None:
        if byte == ";" and self._collected:
            return "bodydata"
        if (byte.isalnum() or byte in "#" + identChars) and self._size < MAX_REFERENCE:
            self._collect(byte)
            return None
        self._complain("Bad entity reference")
        # It was no reference, but an ampersand.
        text = "&" + self._taken()
        if byte in "<&":
            self._give(text)
            return "tagstart" if byte == "<" else None
        self._collect(text + byte)
        self._isText = True
        return "unentity"

    def end_entityref(self) -> None:
        if self._collected and not self._isText:
            self.gotEntityReference(self._taken())

    def begin_unentity(self, byte: str) -> None:
        self._began = True

    def do_unentity(self, byte: str) -> str | None:
        return self.do_bodydata(byte)

    def end_unentity(self) -> None:
        self.end_bodydata()

    # --- Tags ---

    def begin_tagstart(self, byte: str) -> None:
        self._forget()
        self._isEnd = False
        self._quote = ""
        self.tagName = ""
        self.tagAttributes: dict[str, str] = {}

    def do_tagstart(self, byte: str) -> str | None:
        begin = byte.isalpha() or byte in "_:" or (byte in "!?" and not self._isEnd)
        if begin if not self._size else (byte.isalnum() or byte in identChars):
            self._collect(byte, MAX_NAME)
            return self._special()
        if byte == "[" and self._collected == ["!"]:
            return "expectcdata"
        if byte == "/" and not self._size and not self._isEnd:
            self._isEnd = True
            return None
        name = "".join(self._collected)
        if not name:
            what = "Whitespace before tag-name" if byte.isspace() else "Invalid tag character"
            self._complain(f"{what}: {byte!r}")
            return self._notTag(byte)
        if name[0] in "!?":
            return self._declaration(name, byte)
        if byte == ">" or byte.isspace() or byte == "/":
            self.tagName = name
            self._forget()
            if self._isEnd:
                return self.do_waitforgt(byte) or "waitforgt"
            return self.do_attrs(byte) or "attrs"
        self._complain(f"Invalid tag character: {byte!r}")
        return self._notTag(byte)

    def _special(self) -> str | None:
        """The state for what begins as a tag does, and is none."""
        if self._collected == ["!", "-", "-"]:
            return "comment"
        return "waitforgt" if self._collected[0] == "?" else None

    def _declaration(self, name: str, byte: str) -> str | None:
        self._forget()
        if name.upper() == "!DOCTYPE" and byte.isspace():
            return "doctype"
        self._complain(f"Unknown declaration: {name!r}")
        self.tagName = ""
        return self.do_waitforgt(byte) or "waitforgt"

    def _notTag(self, byte: str) -> str | None:
        """What looked like a tag was text."""
        text = ("</" if self._isEnd else "<") + self._taken()
        if byte == "<":
            self._give(text)
            self.begin_tagstart(byte)
            return None
        self._collect(text + byte)
        return "bodydata"

    def do_attrs(self, byte: str) -> str | None:
        if byte == ">":
            return self._gotTag()
        if byte == "/":
            return "afterslash"
        if byte.isalpha() or byte in "_:":
            return "attrname"
        if not byte.isspace():
            self._complain(f"Unexpected character: {byte!r}")
            if byte == "<":
                self._gotTag()
                return "tagstart"
        return None

    def _gotTag(self, closed: bool = False) -> str:
        name = self.tagName
        self._began = True
        self._forget()
        if self.beExtremelyLenient and not closed and name.lower() in RAW:
            self._raw = name.lower()
        self.gotTagStart(name, self.tagAttributes)
        if closed:
            self.gotTagEnd(name)
        return self.maybeBodyData()

    def begin_afterslash(self, byte: str) -> None:
        self._forget()

    def do_afterslash(self, byte: str) -> str | None:
        if byte == ">":
            return self._gotTag(closed=True)
        self._complain("No data allowed after '/'")
        return None if byte.isspace() else self.do_attrs(byte) or "attrs"

    def do_waitforgt(self, byte: str) -> str | None:
        """The rest of an end tag; or of an instruction or a bad declaration, which has no name."""
        if byte != ">":
            if not self.tagName:
                self._last = byte
            elif not byte.isspace():
                self._complain(f"Unexpected character in an end tag: {byte!r}")
            return None
        if self._isEnd and self.tagName:
            self._began = True
            self.gotTagEnd(self.tagName)
            self._forget()
            return "bodydata"
        if self._last != "?" and not self.beExtremelyLenient:
            return None
        self._forget()
        return self._between()

    # --- Attributes ---

    def begin_attrname(self, byte: str) -> None:
        if len(self.tagAttributes) >= MAX_ATTRIBUTES:
            self._parseError(f"more than {MAX_ATTRIBUTES} attributes")
        self._forget()
        self._collect(byte)

    def do_attrname(self, byte: str) -> str | None:
        if byte.isalnum() or byte in identChars:
            self._collect(byte, MAX_NAME)
            return None
        if byte == "=":
            self.attrname = self._taken()
            return "beforeattrval"
        if byte.isspace():
            self.attrname = self._taken()
            return "beforeeq"
        self._complain(f"Invalid attribute name: {''.join(self._collected)!r} {byte!r}")
        if byte in ">/":
            self.attrname = self._taken()
            self._setAttribute("True")
            return self.do_attrs(byte)
        return None

    def begin_beforeeq(self, byte: str) -> None:
        self._forget()

    def do_beforeeq(self, byte: str) -> str | None:
        if byte == "=":
            return "beforeattrval"
        if byte.isspace():
            return None
        self._complain(f"Attribute without a value: {self.attrname!r}")
        self._setAttribute("True")
        return self.do_attrs(byte) or "attrs"

    def do_beforeattrval(self, byte: str) -> str | None:
        if byte in "\"'":
            return "attrval"
        if byte.isspace():
            return None
        self._complain(
            f"Invalid initial attribute value: {byte!r}; Attribute values must be quoted."
        )
        if byte == ">":
            self._setAttribute("True")
            return self._gotTag()
        return "messyattr"

    def begin_attrval(self, byte: str) -> None:
        self._quote = byte
        self._forget()

    def do_attrval(self, byte: str) -> str | None:
        # All but the end of it is in a run.
        return "attrs"

    def end_attrval(self) -> None:
        self._setAttribute(self._taken())

    def begin_messyattr(self, byte: str) -> None:
        self._forget()
        self._collect(byte)

    def do_messyattr(self, byte: str) -> str | None:
        if byte.isspace():
            return "attrs"
        if byte == ">":
            closed = self._last.endswith("/")
            self.end_messyattr()
            return self._gotTag(closed)
        self._collect(byte)
        return None

    def end_messyattr(self) -> None:
        if self._collected:
            self._setAttribute(self._taken().removesuffix("/"))

    def _setAttribute(self, value: str) -> None:
        self.attrval = value
        if self.attrname in self.tagAttributes:
            self._complain(f"The attribute {self.attrname!r} is there twice")
            return
        self.tagAttributes[self.attrname] = value

    # --- Comments, sections and declarations ---

    def begin_comment(self, byte: str) -> None:
        self._forget()

    def do_comment(self, byte: str) -> str | None:
        if self._last == "--" or (self.beExtremelyLenient and self._collected in ([], ["-"])):
            self.gotComment(self._taken()[:-2])
            return self._between()
        self._collect(byte)
        return None

    def begin_expectcdata(self, byte: str) -> None:
        self._forget()

    def do_expectcdata(self, byte: str) -> str | None:
        self._collect(byte)
        begin = "".join(self._collected)
        if begin == "CDATA[":
            self._forget()
            return "cdata"
        if "CDATA[".startswith(begin):
            return None
        self._complain("Mal-formed CDATA header")
        return self.do_waitforgt(byte) or "waitforgt"

    def do_cdata(self, byte: str) -> str | None:
        if self._last == "]]":
            return self.maybeBodyData()
        self._collect(byte)
        return None

    def end_cdata(self) -> None:
        self._began = True
        self.gotCData(self._taken()[:-2])

    def begin_doctype(self, byte: str) -> None:
        self._forget()
        self._inSubset = False

    def do_doctype(self, byte: str) -> str | None:
        if self._quote:
            self._quote = "" if byte == self._quote else self._quote
        elif byte == "[":
            self._inSubset = True
        elif byte == "]":
            self._inSubset = False
        elif byte in "\"'" and not self._inSubset:
            self._quote = byte
        elif byte == ">" and not self._inSubset:
            return self._between()
        self._collect(byte)
        return None

    def end_doctype(self) -> None:
        self.gotDoctype(self._taken())

    # --- Scripts, in which tags are text ---

    def begin_spacebodydata(self, byte: str) -> None:
        self._forget()

    def do_spacebodydata(self, byte: str) -> str | None:
        if byte == "<":
            return "waitscriptendtag"
        self._collect(byte)
        return None if byte.isspace() else "waitforendscript"

    def end_spacebodydata(self) -> None:
        # Comments and sections are such if nothing but spaces has come before them.
        self._mayComment = not self._last.strip()

    def do_waitforendscript(self, byte: str) -> str | None:
        # All but this one are in a run.
        self._mayComment = False
        return "waitscriptendtag"

    def begin_waitscriptendtag(self, byte: str) -> None:
        self._ending = ""

    def do_waitscriptendtag(self, byte: str) -> str | None:
        end = f"/{self._raw}"
        if self._ending.lower() == end and (byte.isspace() or byte in "/>"):
            self.end_bodydata()
            self.tagName, self._isEnd, self._raw = self._ending[1:], True, None
            return self.do_waitforgt(byte) or "waitforgt"
        self._ending += byte
        if end.startswith(self._ending.lower()):
            return None
        if self._mayComment:
            for begin, state in (("!--", "comment"), ("![CDATA[", "cdata")):
                if begin == self._ending:
                    self.end_bodydata()
                    return state
                if begin.startswith(self._ending):
                    return None
        # It was an angle bracket in a script, and this may be another.
        self._mayComment = False
        text = "<" + self._ending
        self._ending = ""
        if byte == "<":
            self._collect(text[:-1])
            return None
        self._collect(text)
        return "waitforendscript"

    # --- What is found, for subclasses to take ---

    def gotTagStart(self, name: str, attributes: dict[str, str]) -> None:
        """A tag begins. References in the values of attributes are as they are in the document."""

    def gotText(self, data: str) -> None:
        """Text, up to the next tag, reference or the like."""

    def gotComment(self, comment: str) -> None:
        """A comment."""

    def gotCData(self, cdata: str) -> None:
        """A CDATA section."""

    def gotDoctype(self, doctype: str) -> None:
        """What the document says of its type: ``html``, say. Nothing in it has any effect."""

    def gotEntityReference(self, entityRef: str) -> None:
        """A reference: ``amp``, ``nbsp`` or ``#160``."""

    def gotTagEnd(self, name: str) -> None:
        """A tag ends; that of an empty element also does."""
