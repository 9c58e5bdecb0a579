"""Send and receive data with control messages, such as open descriptors, on UNIX sockets."""

from __future__ import annotations

import socket as _socket
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["SCM_RIGHTS", "ReceivedMessage", "getSocketFamily", "recvmsg", "sendmsg"]

SCM_RIGHTS: int = _socket.SCM_RIGHTS

Ancillary = tuple[int, int, bytes]


class ReceivedMessage(NamedTuple):
    """What `recvmsg` found.

    ``data`` is the payload, ``ancillary`` a list of (level, type, data) of control messages, and
    ``flags`` what the kernel says about both (``MSG_TRUNC``, ``MSG_CTRUNC``).
    """

    data: bytes
    ancillary: list[Ancillary]
    flags: int


def sendmsg(
    socket: _socket.socket, data: bytes, ancillary: Sequence[Ancillary] = (), flags: int = 0
) -> int:
    """Send ``data`` and control messages; returns how many bytes of data were taken.

    Args:
        socket: a connected socket.
        data: payload; at least one byte is needed to carry control messages over a stream.
        ancillary: triples (level, type, data), see cmsg(3).
        flags: as for send(2).
    """
    return socket.sendmsg([data], list(ancillary), flags)


def recvmsg(
    socket: _socket.socket, maxSize: int = 8192, cmsgSize: int = 4096, flags: int = 0
) -> ReceivedMessage:
    """Receive data together with control messages.

    Args:
        socket: a connected socket.
        maxSize: take at most so many bytes of data.
        cmsgSize: leave room for so many bytes of control data.
        flags: as for recv(2).
    """
    data, ancillary, found, _ = socket.recvmsg(maxSize, _socket.CMSG_SPACE(cmsgSize), flags)
    return ReceivedMessage(data, ancillary, found)


def getSocketFamily(socket: _socket.socket) -> int:
    """The address family of a socket, such as ``AF_UNIX``."""
    return socket.family
