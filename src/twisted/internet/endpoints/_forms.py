"""What the descriptions that everybody has mean: which arguments each takes, and what it makes.

A form is a line of data.  So that what is wrong can be told in one sentence, each knows how it is
written.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from twisted.internet.endpoints._clients import TCP4ClientEndpoint, UNIXClientEndpoint
from twisted.internet.endpoints._hostname import TCP6ClientEndpoint
from twisted.internet.endpoints._servers import (
    AdoptedStreamServerEndpoint,
    StandardIOEndpoint,
    TCP4ServerEndpoint,
    TCP6ServerEndpoint,
    UNIXServerEndpoint,
)
from twisted.internet.endpoints._strings import Description
from twisted.internet.endpoints._tls import (
    sslClient,
    sslServer,
    tlsClient,
)
from twisted.python.systemd import ListenFDs

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages


class Parameter(NamedTuple):
    """One argument of a form.

    Attributes:
        name: as it is written in descriptions.
        read: makes a value from its text, or raises a ValueError that says what it should be.
        argument: of `Form.make`.
        isNeeded: whether there must be one.
    """

    name: str
    read: Callable[[str], Any]
    argument: str
    isNeeded: bool = False


class Form(NamedTuple):
    """A form of descriptions.

    Attributes:
        usage: how it is written.
        make: called with a reactor and the values by name; returns an endpoint.
        parameters: those that are known by their place, too, are so in this order.
    """

    usage: str
    make: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()

    def build(self, reactor: Any, description: Description) -> Any:
        """The endpoint of a description.

        Raises:
            ValueError: the description is wrong; says how it is right.
        """
        try:
            values = self._values(description)
            return self.make(reactor, **values)
        except ValueError as e:
            raise ValueError(f"{description.text!r}: {e}; write {self.usage}") from None

    def _values(self, description: Description) -> dict[str, Any]:
        given = dict(description.kwargs)
        places = description.args
        if len(places) > len(self.parameters) and any(places[len(self.parameters) :]):
            raise ValueError(f"there are {len(places)} arguments, which is too many")
        for parameter, text in zip(self.parameters, places, strict=False):
            if text and parameter.name in given:
                raise ValueError(f"the {parameter.name} is said twice")
            if text:
                given[parameter.name] = text
        values = {}
        for parameter in self.parameters:
            if parameter.name in given:
                values[parameter.argument] = parameter.read(given.pop(parameter.name))
            elif parameter.isNeeded:
                raise ValueError(f"the {parameter.name} is missing")
        if given:
            raise ValueError(f"there is no argument {next(iter(given))!r}")
        return values


# What values are


def _port(text: str) -> int:
    if not _isNumber(text) or int(text) > 0xFFFF:
        raise ValueError(f"{text!r} is not a port, which is a number from 0 to 65535")
    return int(text)


def _isNumber(text: str) -> bool:
    # int() takes digits of other scripts, underscores and white space as well.
    return text.isascii() and text.isdigit() and len(text) <= 9


def _count(text: str) -> int:
    if not _isNumber(text):
        raise ValueError(f"{text!r} is not a number")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{text!r} is not a number of seconds")
    return seconds


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777:
        raise ValueError(f"{text!r} is not a mode, which is an octal number such as 660")
    return mode


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def _local(text: str) -> tuple[str, int]:
    return text, 0


_DOMAINS = {"INET": socket.AF_INET, "INET6": socket.AF_INET6, "UNIX": socket.AF_UNIX}


def _domain(text: str) -> int:
    if text not in _DOMAINS:
        raise ValueError(f"{text!r} is not a domain, which is one of {', '.join(_DOMAINS)}")
    return _DOMAINS[text]


# Sockets that are open


def _familyOf(fileno: int) -> int:
    """The family of the socket that is open as a descriptor."""
    try:
        with socket.socket(fileno=os.dup(fileno)) as opened:
            return opened.family
    except OSError as e:
        raise ValueError(f"descriptor {fileno} is no socket that is open ({e.strerror})") from None


def _adopted(reactor: Any, fileno: int, domain: int | None = None) -> AdoptedStreamServerEndpoint:
    family = _familyOf(fileno) if domain is None else domain
    return AdoptedStreamServerEndpoint(reactor, fileno, family)


@cache
def _inherited() -> ListenFDs:
    """What systemd has opened: the environment says it once."""
    return ListenFDs.fromEnvironment()


def _fromSystemd(
    reactor: Any, domain: int, index: int | None = None, name: str | None = None
) -> AdoptedStreamServerEndpoint:
    if (index is None) == (name is None):
        raise ValueError("one of index and name is needed, and one only")
    inherited = _inherited()
    if name is not None:
        byName: Mapping[str, int] = inherited.inheritedNamedDescriptors()
        if name not in byName:
            raise ValueError(f"systemd has opened no socket named {name!r}")
        return AdoptedStreamServerEndpoint(reactor, byName[name], domain)
    descriptors = inherited.inheritedDescriptors()
    assert index is not None
    if index >= len(descriptors):
        raise ValueError(f"systemd has opened {len(descriptors)} sockets, counted from 0")
    return AdoptedStreamServerEndpoint(reactor, descriptors[index], domain)


# The forms

_PORT = Parameter("port", _port, "port", True)
_HOST = Parameter("host", str, "host", True)
_INTERFACE = Parameter("interface", str, "interface")
_BACKLOG = Parameter("backlog", _count, "backlog")
_TIMEOUT = Parameter("timeout", _seconds, "timeout")
_BIND = Parameter("bindAddress", _local, "bindAddress")
_KEY = Parameter("privateKey", str, "privateKey")
_CERTIFICATE = Parameter("certKey", str, "certKey")


def _tlsServerForm(word: str) -> Form:
    return Form(
        f"{word}:PORT:privateKey=FILE[:certKey=FILE][:extraCertChain=FILE][:dhParameters=FILE]"
        "[:interface=ADDRESS][:backlog=COUNT][:handshakeTimeout=SECONDS]",
        sslServer,
        (
            _PORT,
            _KEY,
            _CERTIFICATE,
            Parameter("sslmethod", str, "sslmethod"),
            _INTERFACE,
            _BACKLOG,
            Parameter("extraCertChain", str, "extraCertChain"),
            Parameter("dhParameters", str, "dhParameters"),
            Parameter("handshakeTimeout", _seconds, "handshakeTimeout"),
        ),
    )


SERVERS: dict[str, Form] = {
    "tcp": Form(
        "tcp:PORT[:interface=ADDRESS][:backlog=COUNT]",
        TCP4ServerEndpoint,
        (_PORT, _INTERFACE, _BACKLOG),
    ),
    "tcp6": Form(
        "tcp6:PORT[:interface=ADDRESS, each colon as \\:][:backlog=COUNT]",
        TCP6ServerEndpoint,
        (_PORT, _INTERFACE, _BACKLOG),
    ),
    "ssl": _tlsServerForm("ssl"),
    "tls": _tlsServerForm("tls"),
    "unix": Form(
        "unix:PATH[:mode=660][:backlog=COUNT][:lockfile=0]",
        # Unlike the class, a description has a lock file by default.
        lambda reactor, address, wantPID=True, **values: UNIXServerEndpoint(
            reactor, address, wantPID=wantPID, **values
        ),
        (
            Parameter("address", str, "address", True),
            Parameter("mode", _mode, "mode"),
            _BACKLOG,
            Parameter("lockfile", _flag, "wantPID"),
        ),
    ),
    "stdio": Form("stdio:", StandardIOEndpoint),
    "fd": Form(
        "fd:NUMBER[:domain=INET|INET6|UNIX]",
        _adopted,
        (Parameter("number", _count, "fileno", True), Parameter("domain", _domain, "domain")),
    ),
    "systemd": Form(
        "systemd:domain=INET|INET6|UNIX:index=NUMBER, or name=NAME for the index",
        _fromSystemd,
        (
            Parameter("domain", _domain, "domain", True),
            Parameter("index", _count, "index"),
            Parameter("name", str, "name"),
        ),
    ),
}

CLIENTS: dict[str, Form] = {
    "tcp": Form(
        "tcp:HOST:PORT[:timeout=SECONDS][:bindAddress=ADDRESS]",
        TCP4ClientEndpoint,
        (_HOST, _PORT, _TIMEOUT, _BIND),
    ),
    "tcp6": Form(
        "tcp6:HOST:PORT[:timeout=SECONDS][:bindAddress=ADDRESS, each colon as \\:]",
        TCP6ClientEndpoint,
        (_HOST, _PORT, _TIMEOUT, _BIND),
    ),
    "unix": Form(
        "unix:PATH[:timeout=SECONDS][:lockfile=1]",
        UNIXClientEndpoint,
        (
            Parameter("path", str, "path", True),
            _TIMEOUT,
            Parameter("lockfile", _flag, "checkPID"),
        ),
    ),
    "ssl": Form(
        "ssl:HOST:PORT[:hostname=NAME][:caCertsDir=FOLDER][:privateKey=FILE][:certKey=FILE]"
        "[:timeout=SECONDS][:bindAddress=ADDRESS]",
        sslClient,
        (
            _HOST,
            _PORT,
            _TIMEOUT,
            _BIND,
            _KEY,
            _CERTIFICATE,
            Parameter("hostname", str, "hostname"),
            Parameter("caCertsDir", str, "caCertsDir"),
        ),
    ),
    "tls": Form(
        "tls:HOST:PORT[:trustRoots=FOLDER][:certificate=FILE][:privateKey=FILE]"
        "[:timeout=SECONDS][:bindAddress=ADDRESS]",
        tlsClient,
        (
            _HOST,
            _PORT,
            _TIMEOUT,
            Parameter("bindAddress", str, "bindAddress"),
            Parameter("certificate", str, "certificate"),
            _KEY,
            Parameter("trustRoots", str, "trustRoots"),
        ),
    ),
}
