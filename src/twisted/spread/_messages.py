"""The messages of Perspective Broker, and what each carries after its name."""

from __future__ import annotations

from itertools import product
from typing import Any

#: The types of what Banana carries, and those that a message can have at a place.
_ANY = (list, bytes, int, float)
_INT = (int,)
_BYTES = (bytes,)
_LIST = (list,)
_CALL = (_BYTES, _INT, _LIST, _LIST)

_FORMS: dict[bytes, tuple[tuple[type, ...], ...]] = {
    b"version": (_INT,),
    b"didNotUnderstand": (_BYTES,),
    b"message": (_INT, (int, bytes), *_CALL),
    b"cachemessage": (_INT, _INT, *_CALL),
    b"answer": (_INT, _ANY),
    b"error": (_INT, _ANY),
    b"decref": (_INT,),
    b"decache": (_INT,),
    b"uncache": (_INT,),
}

#: The same as sets, to be looked up rather than compared (the benchmark `pb-calls`).
_SHAPES = frozenset((name, *kinds) for name, form in _FORMS.items() for kinds in product(*form))

#: The methods of a broker that take them.
METHODS = {name: f"proto_{name.decode()}" for name in _FORMS}


def messageName(sexp: Any) -> bytes | None:
    """The name of a message; None if the expression has not the form of that, or of any."""
    if type(sexp) is not list or not sexp or type(sexp[0]) is not bytes:
        return None
    name: bytes = sexp[0]
    if (name, *map(type, sexp[1:])) in _SHAPES or name not in _FORMS:
        return name
    return None
