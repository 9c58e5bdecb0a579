"""Endpoints from descriptions: `serverFromString` and `clientFromString`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twisted.internet.endpoints._forms import CLIENTS, SERVERS, Form
from twisted.internet.endpoints._strings import Description, parse
from twisted.internet.interfaces import (
    IStreamClientEndpoint,
    IStreamClientEndpointStringParserWithReactor,
    IStreamServerEndpoint,
    IStreamServerEndpointStringParser,
)
from twisted.plugin import getPlugins

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages


def serverFromString(reactor: Any, description: str) -> IStreamServerEndpoint:
    """The server endpoint of a description, such as ``tcp:8080:interface=127.0.0.1``.

    Args:
        reactor: is to listen.
        description: what kind of endpoint, and its arguments. A backslash before a colon, an
            equals sign or a backslash takes their meaning from them; see `quoteStringArgument`.

    Raises:
        ValueError: the description is wrong; says what would be right.
    """
    said = parse(description)
    form = SERVERS.get(said.prefix.lower())
    if form is not None:
        endpoint: IStreamServerEndpoint = form.build(reactor, said)
        return endpoint
    parser = _plugin(IStreamServerEndpointStringParser, said, SERVERS, "tcp:8080")
    made: IStreamServerEndpoint = parser.parseStreamServer(reactor, *said.args, **said.kwargs)
    return made


def clientFromString(reactor: Any, description: str) -> IStreamClientEndpoint:
    """The client endpoint of a description, such as ``tcp:example.com:80:timeout=10``.

    Args:
        reactor: is to connect.
        description: as for `serverFromString`.

    Raises:
        ValueError: the description is wrong; says what would be right.
    """
    said = parse(description)
    form = CLIENTS.get(said.prefix.lower())
    if form is not None:
        endpoint: IStreamClientEndpoint = form.build(reactor, said)
        return endpoint
    parser = _plugin(
        IStreamClientEndpointStringParserWithReactor, said, CLIENTS, "tcp:example.com:80"
    )
    made: IStreamClientEndpoint = parser.parseStreamClient(reactor, *said.args, **said.kwargs)
    return made


def _plugin(interface: Any, said: Description, forms: Mapping[str, Form], example: str) -> Any:
    """The parser that somebody has installed for a prefix."""
    prefixes = set(forms)
    for parser in getPlugins(interface):
        if parser.prefix == said.prefix:
            return parser
        prefixes.add(parser.prefix)
    if said.prefix.isdigit() and not said.args:
        example = f"tcp:{said.prefix}"
    raise ValueError(
        f"Unknown endpoint type: {said.prefix!r} in {said.text!r}; begin with one of "
        f"{', '.join(sorted(prefixes))}, as in {example!r}"
    )
