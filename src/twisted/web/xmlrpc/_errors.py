"""What is wrong with a message."""

from __future__ import annotations

from xmlrpc.client import ResponseError

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages


class BadMessage(ResponseError):
    """What has arrived is not a message of XML-RPC, or too large; the text says what is wrong."""

    __str__ = Exception.__str__  # that of its base names the class
