"""Writing pages: from a tree of tags to bytes, as soon as they are known.

Theory of operation: a stack of what is still to be written, the next on top. A tag that is taken
from it writes its beginning and puts back its end and its children; so nothing is called
recursively, trees may be deep, and a Deferred that has not fired can be waited for at any place,
since the stack is all there is to remember. What changes on the way down (where text goes to, how
it is escaped, who renders, what fills slots) is in attributes of `_Flattening`, and a `_Restore`
on the stack brings back what was.

Output is text until it is handed on. Bytes in a page are escaped as if they were text, and come out
as they were: those that are not UTF-8 are halves of surrogate pairs meanwhile, which no text has
after escaping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator
from traceback import extract_tb
from types import CoroutineType, GeneratorType
from typing import Any, TypeAlias, cast

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure
from twisted.web._escaping import (
    checkedAttributeName,
    checkedTagName,
    escapedAttribute,
    escapedCDATA,
    escapedCharacter,
    escapedComment,
    escapedText,
    quotedMarkup,
)
from twisted.web.error import FlattenerError, UnfilledSlot, UnsupportedType
from twisted.web.iweb import IRenderable
from twisted.web.template._elements import Element
from twisted.web.template._nodes import CDATA, CharRef, Comment, Tag, slot

__name__ = "twisted.web.template"

#: What may be in a page.
Flattenable: TypeAlias = (
    bytes
    | str
    | slot
    | CDATA
    | Comment
    | Tag
    | tuple[Any, ...]
    | list[Any]
    | Iterator[Any]
    | CharRef
    | Deferred[Any]
    | Coroutine[Any, Any, Any]
    | IRenderable
)

# Elements that are written without an end tag if they are empty; in HTML they have none.
_VOID = """
    area base basefont br col command embed frame hr img input isindex keygen link meta param source
    track wbr
"""
VOID = frozenset(_VOID.split())
# Elements in which browsers take everything for text.
RAW = ("</script>", "</style>")

# Pieces of text, a few to a tag, that are collected before they are handed on: some 64 KiB.
PIECES = 4096
# Names of tags and attributes that are known to be fine. Programs have a few dozen; were the names
# made of what users say, there would be no end of them.
NAMES = 1000

_notUTF8 = re.compile("([\udc80-\udcff]+)")

_Handler: TypeAlias = Callable[[Any, Any], bool]
_Slots: TypeAlias = tuple[dict[str, Any], Any] | None


class _Markup(str):
    """Text that is written as it is."""

    __slots__ = ()


class _End(_Markup):
    """The end of a tag. The tag itself is below it on the stack, for errors to name."""

    __slots__ = ()


class _Value:
    """The value of an attribute, if it is more than text."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


# What ends the filling of slots by the tag below it on the stack.
_LEAVE_SLOTS = object()


class _Restore:
    """What is to be again, when what is above it on the stack has been written."""

    __slots__ = ("root", "put", "escape", "element", "slots", "quoted")

    def __init__(self, flattening: _Flattening, root: object, quoted: bool = False) -> None:
        self.root = root
        self.put = flattening.put
        self.escape = flattening.escape
        self.element = flattening.element
        self.slots = flattening.slots
        # Whether what has been written is markup inside of an attribute.
        self.quoted = quoted


_begins: dict[str | bytes, tuple[str, _End]] = {}
_attributes: dict[str | bytes, str] = {}


def _ends(name: str | bytes) -> tuple[str, _End]:
    """How tags of a name begin and end."""
    checked = checkedTagName(name)
    known = f"<{checked}", _End(f"</{checked}>")
    if len(_begins) < NAMES:
        _begins[name] = known
    return known


def _attribute(name: str | bytes) -> str:
    """How attributes of a name begin."""
    known = f' {checkedAttributeName(name)}="'
    if len(_attributes) < NAMES:
        _attributes[name] = known
    return known


class _Flattening:
    """One page, or a part of one, on its way out.

    Args:
        request: What renderers are given.
        root: What is to be written.
        write: What is called with bytes.
    """

    def __init__(self, request: object, root: Any, write: Callable[[bytes], object]) -> None:
        self.request = request
        self.write = write
        self.stack: list[Any] = [root]
        self.pieces: list[str] = []
        self.put = self.pieces
        self.escape = escapedText
        self.element: Any = None
        self.slots: _Slots = None
        self.waiting: Deferred[Any] | None = None
        # What is being written, for errors.
        self.current: object = root
        self.done: Deferred[None] = Deferred(self._cancel)

    def _cancel(self, _: Deferred[None]) -> None:
        if self.waiting is not None:
            self.waiting.cancel()

    def flush(self) -> None:
        """Hand on what there is; markup in an attribute waits until it is complete."""
        if self.pieces:
            data = "".join(self.pieces).encode("utf-8", "surrogateescape")
            self.pieces.clear()
            self.write(data)

    def proceed(self) -> None:
        """Write what can be written now."""
        try:
            finished = self._run()
            self.flush()
        except Exception as error:  # of the program's renderers
            self._fail(error)
        else:
            if finished and not self.done.called:
                self.done.callback(None)

    def _fail(self, error: Exception) -> None:
        roots = [
            entry.root if type(entry) is _Restore else self.stack[at - 1]
            for at, entry in enumerate(self.stack)
            if type(entry) is _Restore or type(entry) is _End or entry is _LEAVE_SLOTS
        ]
        if not roots or roots[-1] is not self.current:
            roots.append(self.current)
        if isinstance(error, CancelledError):
            failure = Failure(error)
        else:
            failure = Failure(FlattenerError(error, roots, extract_tb(error.__traceback__)))
        self.stack.clear()
        if not self.done.called:
            self.done.errback(failure)

    def _run(self) -> bool:
        """Write until nothing is left; False if there is something to wait for first.

        One function, for "template-flatten".
        """
        stack = self.stack
        push, extend, pop = stack.append, stack.extend, stack.pop
        while stack:
            self.current = node = pop()
            kind = type(node)
            if kind is str:
                self.put.append(self.escape(node))
            elif kind is Tag:
                if node.slotData is not None:
                    self.slots = node.slotData, self.slots
                    push(node)
                    push(_LEAVE_SLOTS)
                children = node.children
                if node.render is not None:
                    push(self._rendered(node))
                    continue
                if not node.tagName:
                    extend(children[::-1])
                    continue
                if self.escape is escapedAttribute:
                    self._quote(node)
                begin, end = _begins.get(node.tagName) or _ends(node.tagName)
                for name, value in node.attributes.items():
                    if type(value) is not str:
                        text = self._text(value)
                        if text is None:
                            self._openSlowly(node, end)
                            break
                    else:
                        text = value
                    known = _attributes.get(name) or _attribute(name)
                    begin = f'{begin}{known}{escapedAttribute(text)}"'
                else:
                    if len(children) == 1 and type(children[0]) is str:
                        self.put.append(f"{begin}>{escapedText(children[0])}{end}")
                    elif children:
                        self.put.append(begin + ">")
                        push(node)
                        push(end)
                        extend(children[::-1])
                    else:
                        self.put.append(begin + " />" if node.tagName in VOID else f"{begin}>{end}")
            elif kind is _End:
                self.put.append(node)
                pop()
                if len(self.pieces) > PIECES:
                    self.flush()
            elif node is _LEAVE_SLOTS:
                pop()
                self.slots = self.slots and self.slots[1]
            elif kind is list or kind is tuple:
                extend(node[::-1])
            else:
                handler: _Handler = _HANDLERS.get(kind, _Flattening._other)
                if not handler(self, node):
                    return False
        return True

    # --- Parts of tags that are more than text ---

    def _enter(self, root: object, quoted: bool = False) -> None:
        self.stack.append(_Restore(self, root, quoted))

    def _restore(self, was: _Restore) -> bool:
        if was.quoted:
            was.put.append(quotedMarkup("".join(self.put)))
        self.put, self.escape = was.put, was.escape
        self.element, self.slots = was.element, was.slots
        return True

    def _rendered(self, node: Tag) -> Any:
        """What a renderer makes of a tag that asks for it."""
        if self.element is None:
            raise ValueError(f"a tag asks for the renderer {node.render!r}, but is in no element")
        method = self.element.lookupRenderMethod(node.render)
        copy = node.clone()
        copy.slotData = copy.render = None
        return method(self.request, copy)

    def _text(self, node: Any) -> str | None:
        """A node as text, if it is no more than that, as most attributes are; None otherwise."""
        kind = type(node)
        if kind is str:
            return cast(str, node)
        if kind is slot:
            return self._text(self._filling(node))
        if kind is Tag and not (node.tagName or node.render or node.slotData):
            text = ""
            for child in node.children:
                part = self._text(child)
                if part is None:
                    return None
                text += part
            return text
        return None

    def _quote(self, root: object) -> None:
        """What comes is markup in the value of an attribute: it is written, and then escaped."""
        self._enter(root, True)
        self.put = []
        self.escape = escapedText

    def _openSlowly(self, node: Tag, end: _End) -> None:
        """A tag that has attributes which are more than text."""
        begin, _ = _begins.get(node.tagName) or _ends(node.tagName)
        self.put.append(begin)
        if not node.children and node.tagName in VOID:
            self.stack += [node, _End(" />")]
        else:
            self.stack += [node, end, *node.children[::-1], _Markup(">")]
        for name, value in reversed(node.attributes.items()):
            self.stack += [_Markup('"'), _Value(value), _Markup(_attribute(name))]

    def _value(self, node: _Value) -> bool:
        """The value of an attribute: all text in it is escaped in its way."""
        self._enter(node.value)
        self.escape = escapedAttribute
        self.stack.append(node.value)
        return True

    # --- All other nodes; each handler says whether to go on ---

    def _markup(self, node: str) -> bool:
        self.put.append(node)
        return True

    def _bytes(self, node: bytes) -> bool:
        text = node.decode("utf-8", "surrogateescape")
        # What is not UTF-8 has become halves of surrogate pairs, which are to stay.
        for at, piece in enumerate(_notUTF8.split(text)):
            self.put.append(piece if at % 2 else self.escape(piece))
        return True

    def _mark(self, written: str) -> bool:
        quoted = self.escape is escapedAttribute
        self.put.append(quotedMarkup(written) if quoted else written)
        return True

    def _comment(self, node: Comment) -> bool:
        return self._mark(escapedComment(node.data))

    def _cdata(self, node: CDATA) -> bool:
        around = next((entry for entry in reversed(self.stack) if type(entry) is _End), None)
        return self._mark(escapedCDATA(node.data, around in RAW))

    def _charRef(self, node: CharRef) -> bool:
        self.put.append(escapedCharacter(node.ordinal))
        return True

    def _filling(self, node: slot) -> Any:
        """What a slot is filled with, by the nearest tag around it that fills it."""
        scope = self.slots
        while scope is not None:
            filled, scope = scope
            if node.name in filled:
                return filled[node.name]
        if node.default is None:
            raise UnfilledSlot(node.name)
        return node.default

    def _slot(self, node: slot) -> bool:
        self.stack.append(self._filling(node))
        return True

    def _iterator(self, node: Iterator[Any]) -> bool:
        for child in node:
            self.stack += [node, child]
            break
        if len(self.pieces) > PIECES:
            self.flush()
        return True

    def _renderable(self, node: Any) -> bool:
        self._enter(node)
        self.element = node
        self.stack.append(node.render(self.request))
        return True

    def _coroutine(self, node: Coroutine[Any, Any, Any]) -> bool:
        return self._deferred(Deferred.fromCoroutine(node))

    def _deferred(self, node: Deferred[Any]) -> bool:
        self._enter(node)
        fired: list[Any] = []

        def succeeded(result: Any) -> Any:
            fired.append(result)
            if self.waiting is node:
                self._resume(result)
            # It stays there, so that the same tag can be written again.
            return result

        def failed(failure: Failure) -> None:
            fired.append(failure)
            if self.waiting is node:
                self._resume(failure)

        node.addCallbacks(succeeded, failed)
        if not fired:
            self.waiting = node
            return False
        return self._got(fired[0])

    def _got(self, result: Any) -> bool:
        if isinstance(result, Failure):
            result.raiseException()
        self.stack.append(result)
        return True

    def _resume(self, result: Any) -> None:
        self.waiting = None
        # Whoever was cancelled may still have a result, which nobody waits for.
        if self.done.called:
            return
        try:
            self._got(result)
        except Exception as error:  # of the program's renderers
            self._fail(error)
        else:
            self.proceed()

    def _other(self, node: Any) -> bool:
        """A type that is not in the table: an element, or a kind of one that is."""
        if isinstance(node, Element) or IRenderable.providedBy(node):
            return self._renderable(node)
        if isinstance(node, Deferred):
            return self._deferred(node)
        if isinstance(node, Coroutine):
            return self._coroutine(node)
        if isinstance(node, Iterator):
            return self._iterator(node)
        for kind, plain in _PLAIN:
            if isinstance(node, kind):
                self.stack.append(plain(node))
                return True
        raise UnsupportedType(node)


#: How kinds of what may be in a page are made what they are kinds of.
_PLAIN: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (bytes, lambda node: b"".join((node,))),
    (list, list),
    (tuple, tuple),
    (Tag, lambda node: node.clone(False)),
)

_HANDLERS: dict[type, _Handler] = {
    bytes: _Flattening._bytes,
    slot: _Flattening._slot,
    GeneratorType: _Flattening._iterator,
    Deferred: _Flattening._deferred,
    CoroutineType: _Flattening._coroutine,
    CDATA: _Flattening._cdata,
    Comment: _Flattening._comment,
    CharRef: _Flattening._charRef,
    _Markup: _Flattening._markup,
    _Value: _Flattening._value,
    _Restore: _Flattening._restore,
}


def flatten(request: Any, root: Flattenable, write: Callable[[bytes], object]) -> Deferred[None]:
    """Write a page, piece by piece.

    What is known is written at once; a Deferred or a coroutine in the page is waited for, and what
    comes before it is written meanwhile.

    Args:
        request: What renderers are given as the request.
        root: What is to be written: an element, a tag, text, or anything else that is
            `Flattenable`.
        write: What is called with each piece, some bytes.

    Returns:
        A Deferred that fires with None after the last piece, and fails with a `FlattenerError` that
        says where in which template something went wrong. Cancelling it cancels what is waited for.
    """
    flattening = _Flattening(request, root, write)
    flattening.proceed()
    return flattening.done


def flattenString(request: Any, root: Flattenable) -> Deferred[bytes]:
    """Write a page to a string.

    Returns:
        A Deferred that fires with the page, as bytes, or fails as that of `flatten` does.
    """
    written: list[bytes] = []
    return flatten(request, root, written.append).addCallback(lambda _: b"".join(written))
