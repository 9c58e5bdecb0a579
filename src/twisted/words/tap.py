"""``twistd words``: a chat server.

    twistd words --irc-port tcp:6667 --pb-port tcp:8787 --auth file:/etc/chatters --group python

Each front end that is installed as a plugin (`twisted.words.iwords.IProtocolPlugin`) has an option
for its port.
"""

from __future__ import annotations

import socket
from dataclasses import fields, replace
from typing import Any

from twisted.application import strports
from twisted.application.service import MultiService
from twisted.cred import checkers, credentials, strcred
from twisted.cred.portal import Portal
from twisted.plugin import getPlugins
from twisted.python import usage
from twisted.python.reflect import namedAny
from twisted.words.ewords import BadText
from twisted.words.iwords import IProtocolPlugin
from twisted.words.service import InMemoryWordsRealm, WordsLimits

__all__ = ["Options", "makeService"]

#: The limits that may be asked for by their names, and how each reads.
_LIMITS = {field.name: str(field.type) for field in fields(WordsLimits)}


class Options(usage.Options, strcred.AuthOptionMixin):
    """What the command line says.

    Attributes:
        interfacePlugins: the front ends, by their names.
        supportedInterfaces: the credentials that all front ends have.
    """

    synopsis = "[options]"
    supportedInterfaces = [credentials.IUsernamePassword]
    optParameters = [
        (
            "hostname",
            None,
            socket.gethostname(),
            "Name of this server, as users see it; purely an informative",
        ),
        ("cluster", None, None, "Chat with other servers by Redis: redis://HOST[:PORT][/DB]"),
        ("motd", None, None, "A file with the message of the day"),
    ]
    optFlags = [("create-groups", None, "Let users make groups by joining them")]
    interfacePlugins: dict[str, Any] = {}
    compData = usage.Completions(
        optActions={"passwd": usage.CompleteFiles(), "motd": usage.CompleteFiles()}
    )

    for plugin in sorted(getPlugins(IProtocolPlugin), key=lambda each: str(each.name)):
        interfacePlugins[plugin.name] = plugin
        optParameters.append(
            (
                f"{plugin.name}-port",
                None,
                None,
                f"strports description of the port to bind for the {plugin.name} server",
            )
        )
    del plugin

    def __init__(self, *a: Any, **kw: Any) -> None:
        """The arguments are those of `usage.Options`."""
        usage.Options.__init__(self, *a, **kw)
        self["groups"] = []
        self["operators"] = []
        self["limits"] = WordsLimits()

    def opt_group(self, name: str) -> None:
        """Specify a group which should exist"""
        self["groups"].append(name)

    def opt_operator(self, name: str) -> None:
        """Specify a user who is an operator of every group"""
        self["operators"].append(name)

    def opt_passwd(self, filename: str) -> None:
        """Name of a passwd-style file. (This is for backwards-compatibility only; you should use
        the --auth command instead.)"""
        self.addChecker(checkers.FilePasswordDB(filename))

    def opt_limit(self, setting: str) -> None:
        """Change a limit: NAME=VALUE, such as floodRate=none; --help-limits lists them"""
        name, _, value = setting.partition("=")
        if name not in _LIMITS:
            raise usage.UsageError(f"--limit {name}: there is none of this name; see --help-limits")
        try:
            self["limits"] = replace(self["limits"], **{name: _valueOf(_LIMITS[name], value)})
        except ValueError as e:
            raise usage.UsageError(f"--limit {setting}: {e}")

    def opt_help_limits(self) -> None:
        """List the limits and what they are"""
        self.authOutput.writelines(
            f"  {field.name}={str(field.default).lower()}\n" for field in fields(WordsLimits)
        )
        raise SystemExit(0)

    def postOptions(self) -> None:
        """Check that somebody can log in, somewhere."""
        if not any(self[f"{name}-port"] for name in self.interfacePlugins):
            ports = " or ".join(f"--{name}-port" for name in self.interfacePlugins)
            raise usage.UsageError(f"nobody could connect: give {ports}, such as tcp:6667")
        if not self["hostname"].isprintable() or " " in self["hostname"]:
            raise usage.UsageError("--hostname: it is one word")
        if not self.get("credCheckers"):
            raise usage.UsageError("nobody could log in: say who may, by --auth; see --help-auth")


def _valueOf(kind: str, value: str) -> float | None:
    """A limit as its field wants it.

    Raises:
        ValueError: it is not one.
    """
    if value.lower() == "none":
        if "None" not in kind:
            raise ValueError("this limit cannot be left out")
        return None
    number = float(value) if "float" in kind else int(value)
    if not number > 0:
        raise ValueError("a limit is more than 0")
    return number


class WordsService(MultiService):
    """A chat server, with a service for each of its ports.

    Args:
        realm: its users and groups.
        portal: who may log in.
    """

    def __init__(self, realm: InMemoryWordsRealm, portal: Portal) -> None:
        super().__init__()
        self.realm = realm
        self.portal = portal


def makeService(config: Options) -> WordsService:
    """Make the service.

    Args:
        config: options that have read a command line.

    Returns:
        A service with one for each port.

    Raises:
        twisted.python.usage.UsageError: a name of a group is none, or a file cannot be read.
    """
    realm = InMemoryWordsRealm(config["hostname"])
    realm.limits = config["limits"]
    realm.createGroupOnRequest = bool(config["create-groups"])
    realm.operators.update(config["operators"])
    portal = Portal(realm, config.get("credCheckers", []))
    for name in config["groups"]:
        failures: list[Any] = []
        realm.createGroup(name).addErrback(failures.append)
        for failure in failures:
            if failure.check(BadText):
                raise usage.UsageError(f"--group {name}: {failure.value.args[0]}")
            raise usage.UsageError(f"--group {name}: {failure.value}")
    service = WordsService(realm, portal)
    if config["cluster"]:
        _clustered(realm, config["cluster"]).setServiceParent(service)
    motd = _linesOf(config["motd"]) if config["motd"] else ()
    for name, plugin in config.interfacePlugins.items():
        port = config[f"{name}-port"]
        if port is None:
            continue
        factory = plugin.getFactory(realm, portal)
        if motd and hasattr(factory, "motd"):
            factory.motd = motd
        strports.service(port, factory).setServiceParent(service)
    return service


def _clustered(realm: InMemoryWordsRealm, url: str) -> Any:
    """The service that has a realm be one with those of other servers."""
    try:
        # The library for Redis is an extra, and asyncio is not loaded for nothing.
        service = namedAny("twisted.words.cluster.ClusterService")
        return service(realm, url)
    except ImportError as e:
        raise usage.UsageError(f"--cluster: {e}: pip install 'torsion[redis]'")
    except ValueError as e:
        raise usage.UsageError(f"--cluster: {e}")


def _linesOf(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return [line.rstrip("\r\n") for line in file]
    except (OSError, UnicodeDecodeError) as e:
        raise usage.UsageError(f"--motd: {e}")
