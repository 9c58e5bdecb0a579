"""How requests fail, and how bodies end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.python.failure import Failure
from twisted.web.error import Error

__name__ = "twisted.web.client"  # the public path, for pickles and messages


def _told(reason: object) -> str:
    value = getattr(reason, "value", None)
    return str(reason) if value is None else f"{type(value).__name__}: {value}"


class _WrapperException(Exception):
    """Something failed, for reasons.

    Args:
        reasons: a `Failure` for each.

    Attributes:
        reasons: the same.
    """

    def __init__(self, reasons: Sequence[Failure]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return "; ".join(map(_told, self.reasons))


class RequestGenerationFailed(_WrapperException):
    """The request was not sent as a whole: what should have written its body has failed."""


class RequestTransmissionFailed(_WrapperException):
    """The request was not sent as a whole: the connection was lost before."""


class ResponseFailed(_WrapperException):
    """The response is not complete, or is none.

    Args:
        reasons: a `Failure` for each reason.
        response: the response as far as it has come; None if its headers have not.

    Attributes:
        reasons, response: the same.
    """

    def __init__(self, reasons: Sequence[Failure], response: Any = None) -> None:
        super().__init__(reasons)
        self.response = response


class ResponseNeverReceived(ResponseFailed):
    """The connection was lost, or given up, before anything of a response had come."""


class RequestNotSent(Exception):
    """The connection cannot take the request now; nothing of it was sent."""


class ConnectionAborted(Exception):
    """The connection was given up by a program that had a use for it no more."""


class WrongBodyLength(Exception):
    """A body is not as long as it said it would be."""


class ExcessWrite(Exception):
    """Something was written to a request whose body has ended."""


class ResponseDone(Exception):
    """The body of a response is complete: the reason that the protocol is given."""


class BodyTooLong(Exception):
    """A body is longer than what the program has said it will take."""


class PartialDownloadError(Error):
    """A page ended with its connection, so that it cannot be told whether it is complete.

    Attributes:
        status, message: of the response, as bytes.
        response: what has come of the page.
    """
