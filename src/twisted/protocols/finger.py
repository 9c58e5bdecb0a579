"""The server's side of the finger protocol (RFC 1288): one line is asked, text is the answer.

A query has one of these forms; each may begin with ``/W ``, which asks for more detail:

=================  ===================================================================
(nothing)          who is there
``user``           what there is to know about a user
``user@host``      the same question, to be passed on to another host
``@host``          who is there, to be passed on to another host
``user@a@b``       to be passed on to ``b``, as ``user@a``
=================  ===================================================================
"""

from __future__ import annotations

from twisted.protocols.basic import LineReceiver

__all__ = ["Finger"]


class Finger(LineReceiver):
    """Takes one query and calls the method that is to answer it.

    Override `getUser`, `getDomain` or both. To answer is to write lines that end in CRLF to
    ``self.transport`` and to close it, at once or later. What a peer sends after the query is
    ignored. As it is, this class tells nothing about anybody and passes nothing on.

    Attributes:
        MAX_LENGTH: the longest query, in bytes. No name in use comes near, nor does a host's,
            which RFC 1035 limits to 255.
    """

    MAX_LENGTH = 1024

    def lineReceived(self, line: bytes) -> None:
        """The query has come: find out what is asked of whom."""
        self.setRawMode()
        words = line.split()
        slash_w = bool(words) and words[0].upper() == b"/W"
        query = b" ".join(words[1:] if slash_w else words)
        before, at, after = query.rpartition(b"@")
        if not at:
            if query:
                self.getUser(slash_w, query)
            else:
                self.getDomain(slash_w)
        elif after:
            self.forwardQuery(slash_w, before.rstrip(), after.lstrip())
        else:
            self._answer(b"Finger query without a host after the @")

    def rawDataReceived(self, data: bytes) -> None:
        """Ignore what follows the query."""

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a query that is longer than `MAX_LENGTH`."""
        self._answer(b"Finger query too long")

    def getUser(self, slash_w: bool, user: bytes) -> None:
        """Answer what there is to know about a user. This knows nobody.

        Args:
            slash_w: whether more detail is asked for.
            user: a login name or any other name, as it was sent; white space inside of it has
                become one space, and there is none around it. It need not be printable.
        """
        self._answer(b"No such user")

    def getDomain(self, slash_w: bool) -> None:
        """Answer who is there. This refuses to.

        Args:
            slash_w: whether more detail is asked for.
        """
        self._answer(b"Finger online user list denied")

    def forwardQuery(self, slash_w: bool, user: bytes, host: bytes) -> None:
        """Pass a query on to another host, and its answer back. This refuses to.

        Think twice: who can have queries passed on can hide behind this host.

        Args:
            slash_w: whether more detail is asked for.
            user: the query for that host, without ``/W``; empty if it is to say who is there.
            host: that host, as it was sent; not empty.
        """
        self._answer(b"Finger forwarding service denied")

    def _answer(self, line: bytes) -> None:
        self.transport.write(line + b"\r\n")  # also if the delimiter is another
        self.transport.loseConnection()
