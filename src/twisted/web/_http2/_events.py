"""What an engine finds in what a peer has sent."""

from __future__ import annotations

from typing import NamedTuple

from twisted.web._h1 import RequestHead, ResponseHead
from twisted.web._http2._errors import Refusal, StreamReset
from twisted.web._http2._frames import GoAway as GoAway
from twisted.web._http2._messages import HeaderMap


class Head(NamedTuple):
    """A request or a response has begun.

    Attributes:
        number: of the stream.
        head: what it says.
        ended: whether it has no body; no `Ended` follows.
    """

    number: int
    head: RequestHead | ResponseHead
    ended: bool


class Refused(NamedTuple):
    """A request that is answered with a status, without being looked at."""

    number: int
    refusal: Refusal


class Body(NamedTuple):
    """A piece of a body; give its length to `Engine.consumed` when it is out of the way."""

    number: int
    data: bytes


class Ended(NamedTuple):
    """A body is complete, and the headers that have followed it are there."""

    number: int
    trailers: HeaderMap


class Reset(NamedTuple):
    """A stream was broken off."""

    number: int
    reason: StreamReset


Event = Head | Refused | Body | Ended | Reset | GoAway
