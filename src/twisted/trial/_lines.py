"""Exceptions that were raised on no line, or on one of ours, shown on the line that is to blame."""

from __future__ import annotations

import types


def tracebackOf(error: BaseException, filename: str, line: int, name: str) -> types.TracebackType:
    """A traceback as if a function had raised an exception; other runners, too, show its line.

    Args:
        error: The exception, which is given the traceback.
        filename: The file of the function.
        line: The line, from 1 on.
        name: The name of the function.
    """
    code = compile("raise error", filename, "exec")
    error.__traceback__ = None
    try:
        exec(code.replace(co_name=name, co_firstlineno=line), {"error": error})
    except BaseException as raised:
        # Without the frame of this function.
        error.__traceback__ = raised.__traceback__ and raised.__traceback__.tb_next
    assert error.__traceback__ is not None, "it has been raised"
    return error.__traceback__
