"""The messages of Perspective Broker, and what each carries after its name."""

from __future__ import annotations

from typing import Any

_FORMS: dict[bytes, tuple[Any, ...]] = {
    b"version": (int,),
    b"didNotUnderstand": (bytes,),
    b"message": (int, (int, bytes), bytes, int, list, list),
    b"cachemessage": (int, int, bytes, int, list, list),
    b"answer": (int, object),
    b"error": (int, object),
    b"decref": (int,),
    b"decache": (int,),
    b"uncache": (int,),
}

#: The methods of a broker that take them.
METHODS = {name: f"proto_{name.decode()}" for name in _FORMS}


def messageName(sexp: Any) -> bytes | None:
    """The name of a message; None if the expression has not the form of that, or of any."""
    if type(sexp) is not list or not sexp or type(sexp[0]) is not bytes:
        return None
    name: bytes = sexp[0]
    form = _FORMS.get(name)
    if form is None or (len(sexp) == len(form) + 1 and all(map(isinstance, sexp[1:], form))):
        return name
    return None
