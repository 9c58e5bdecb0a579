"""What pages are made of: tags, and what is in them besides text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred

__name__ = "twisted.web.template"

_T = TypeVar("_T")


class slot:
    """A place in a template that `Tag.fillSlots` fills.

    Args:
        name: What `fillSlots` calls it.
        default: What is written if nobody has filled it; None makes that an `UnfilledSlot`.
        filename, lineNumber, columnNumber: Where the template has it.

    Attributes:
        children: What a template has inside the slot, which is not written.
    """

    def __init__(
        self,
        name: str,
        default: Any = None,
        filename: str | None = None,
        lineNumber: int | None = None,
        columnNumber: int | None = None,
    ) -> None:
        self.name = name
        self.children: list[Any] = []
        self.default = default
        self.filename = filename
        self.lineNumber = lineNumber
        self.columnNumber = columnNumber

    def __repr__(self) -> str:
        return f"slot({self.name!r})"


class Tag:
    """An element of HTML or XML.

    A tag is changed by calling it: ``tag("text", other, class_="x")`` adds children and sets
    attributes, and gives the tag itself. Text is escaped when the page is written, not before.

    Args:
        tagName: Its name; one that is empty writes the children alone.
        attributes: Values by name. A value may be anything that may be in a page.
        children: What is in it.
        render: The name of the renderer of the element that writes it.
        filename, lineNumber, columnNumber: Where the template has it.

    Attributes:
        slotData: What fills the slots in it, by name; None if nothing does.
    """

    __slots__ = (
        "tagName",
        "attributes",
        "children",
        "render",
        "filename",
        "lineNumber",
        "columnNumber",
        "slotData",
        "__weakref__",
    )

    def __init__(
        self,
        tagName: str | bytes,
        attributes: dict[str | bytes, Any] | None = None,
        children: list[Any] | tuple[Any, ...] | None = None,
        render: str | None = None,
        filename: str | None = None,
        lineNumber: int | None = None,
        columnNumber: int | None = None,
    ) -> None:
        self.tagName = tagName
        self.render = render
        self.attributes: dict[str | bytes, Any] = {} if attributes is None else dict(attributes)
        self.children: list[Any] = [] if children is None else list(children)
        self.slotData: dict[str, Any] | None = None
        self.filename = filename
        self.lineNumber = lineNumber
        self.columnNumber = columnNumber

    def fillSlots(self, **slots: Any) -> Tag:
        """Fill the slots in this tag, wherever in it they are, and give the tag."""
        if self.slotData is None:
            self.slotData = slots
        else:
            self.slotData.update(slots)
        return self

    def __call__(self, *children: Any, **kw: Any) -> Tag:
        """Add children and set attributes, and give the tag.

        An underscore at the end of an attribute's name is left out, so that words of Python can be
        given: `class_`. What is given as `render` is the name of a renderer.
        """
        if children:
            self.children += children
        for name, value in kw.items():
            if name == "render":
                self.render = value
            else:
                self.attributes[name[:-1] if name[-1] == "_" else name] = value
        return self

    def clone(self, deep: bool = True) -> Tag:
        """A tag like this one, which can be changed without changing this one.

        Args:
            deep: Whether what is in it is copied as well.
        """
        copy = Tag.__new__(Tag)
        copy.tagName = self.tagName
        copy.render = self.render
        copy.filename = self.filename
        copy.lineNumber = self.lineNumber
        copy.columnNumber = self.columnNumber
        attributes, children, slots = self.attributes, self.children, self.slotData
        # Copies are made for each row of a table ("template-flatten"): strings are not looked at.
        if deep:
            copy.children = [
                child
                if (kind := type(child)) is str or kind is slot
                else child.clone()
                if kind is Tag
                else _cloned(child)
                for child in children
            ]
            copy.attributes = {
                name: value if type(value) is str else _cloned(value)
                for name, value in attributes.items()
            }
            copy.slotData = slots and {name: _cloned(value) for name, value in slots.items()}
        else:
            copy.children = children[:]
            copy.attributes = attributes.copy()
            copy.slotData = slots and slots.copy()
        return copy

    def clear(self) -> Tag:
        """Take everything out of the tag, but its attributes, and give the tag."""
        self.children = []
        return self

    def __repr__(self) -> str:
        said = [repr(self.tagName)]
        if self.attributes:
            said.append(f"attributes={self.attributes!r}")
        if self.children:
            said.append(f"children={self.children!r}")
        return f"Tag({', '.join(said)})"


def _cloned(node: _T) -> _T:
    """A copy of what may be changed by whoever gets it, or used up by being written."""
    copier = COPIERS.get(type(node))
    return node if copier is None else cast(_T, copier(node))


def _sharing(node: Deferred[Any]) -> Deferred[Any]:
    """A Deferred that fires with a copy of what another fires with, which keeps its result."""
    shared: Deferred[Any] = Deferred()

    def succeeded(result: Any) -> Any:
        shared.callback(_cloned(result))
        return result

    node.addCallbacks(succeeded, shared.errback)
    return shared


#: How things are copied; others are not.
COPIERS: dict[type, Callable[[Any], Any]] = {
    Tag: Tag.clone,
    list: lambda node: [_cloned(child) for child in node],
    tuple: lambda node: tuple([_cloned(child) for child in node]),
    Deferred: _sharing,
}


class CDATA:
    """Text that is not escaped, but marked as such: ``<![CDATA[...]]>``.

    This is for XML. A browser that is told that the page is HTML shows none of it, except in
    `script` and `style`; no text gets out of it in either.
    """

    __slots__ = ("data",)

    def __init__(self, data: str) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"CDATA({self.data!r})"


class Comment:
    """A comment. Hyphens that would end it are written with spaces between them."""

    __slots__ = ("data",)

    def __init__(self, data: str) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"Comment({self.data!r})"


class CharRef:
    """One character, by its number: ``CharRef(160)`` is a space that does not break."""

    __slots__ = ("ordinal",)

    def __init__(self, ordinal: int) -> None:
        self.ordinal = ordinal

    def __repr__(self) -> str:
        return f"CharRef({self.ordinal})"


#: The elements of HTML, those of its older versions included.
_NAMES = """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote
    body br button canvas caption center cite code col colgroup command data datalist dd del details
    dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1
    h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins isindex kbd keygen label legend
    li link main map mark menu menuitem meta meter nav noframes noscript object ol optgroup option
    output p param picture pre progress q rp rt ruby s samp script search section select slot small
    source span strike strong style sub summary sup table tbody td template textarea tfoot th thead
    time title tr track tt u ul var video wbr
"""
VALID_HTML_TAG_NAMES = frozenset(_NAMES.split())


class _TagFactory:
    """A tag for the asking: each attribute is a new tag of that name.

    `tags.transparent` has no name; its children are written alone. `tags.del_` is `del`.
    """

    def __getattr__(self, tagName: str) -> Tag:
        if tagName in VALID_HTML_TAG_NAMES:
            return Tag(tagName)
        if tagName == "transparent":
            return Tag("")
        name = tagName.removesuffix("_")
        if name not in VALID_HTML_TAG_NAMES:
            raise AttributeError(
                f"{tagName!r} is no element of HTML; any other is made with Tag({tagName!r})"
            )
        return Tag(name)


tags = _TagFactory()
