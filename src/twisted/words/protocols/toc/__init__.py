"""TOC, by which programs spoke to AOL Instant Messenger, after its document *TOC1.0*.

AOL's service is gone. `TOCClient` is a client, and `TOCFactory` serves clients as a front end of
`twisted.words.service`: its users are their friends, and its groups are their rooms. Passwords go
over the wire as good as in plain text: use TLS.
"""

from twisted.words.protocols.toc._client import TOCClient
from twisted.words.protocols.toc._factory import TOCFactory
from twisted.words.protocols.toc._flap import (
    Config,
    Flap,
    Frame,
    Permission,
    TOCError,
    normalize,
    quote,
    roast,
    unroast,
)
from twisted.words.protocols.toc._server import MAX_NAMES, TOC

__all__ = [
    "MAX_NAMES",
    "TOC",
    "Config",
    "Flap",
    "Frame",
    "Permission",
    "TOCClient",
    "TOCError",
    "TOCFactory",
    "normalize",
    "quote",
    "roast",
    "unroast",
]
