"""Objects in files, whole applications above all: saved, loaded, and encrypted if wished.

**To load is to run.**  A pickle can call any function as it is loaded; source (`aot`) and XML
(`marmalade`) name classes and functions, which are imported, and called to some extent.  So files
are loaded only if they belong to the user of the process, or to root, and not everybody can write
them, or replace them in their directory; and encryption (``passphrase``) also says that the file
is what was saved.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Any, NamedTuple

from zope.interface import Interface, implementer

from twisted.persisted import styles
from twisted.persisted._atomic import replace
from twisted.persisted._envelope import EnvelopeError, isSealed, seal, unseal
from twisted.python.reflect import namedAny, namedModule

__all__ = [
    "IPersistable",
    "LoadError",
    "Persistant",
    "Persistent",
    "guessType",
    "load",
    "loadValueFromFile",
]


class LoadError(Exception):
    """There is a file, but what it has cannot be loaded, or must not be; the text says why."""


class IPersistable(Interface):
    """What can be saved in a file."""

    def setStyle(style: str) -> None:
        """Choose the form of the file.

        Args:
            style: ``"pickle"``, ``"source"`` or ``"xml"``.
        """

    def save(
        tag: str | None = None,
        filename: str | None = None,
        passphrase: str | bytes | None = None,
    ) -> None:
        """Save it in a file.

        Args:
            tag: what the file's name says beside the object's, such as ``"shutdown"``.
            filename: the whole name, if it is not to be made of those two.
            passphrase: to encrypt the file with.
        """


class _Style(NamedTuple):
    """A form of files.

    Attributes:
        extension: what their names end with, after a dot.
        dump: makes the content of an object.
        load: makes the object of the content.
    """

    extension: str
    dump: Callable[[Any], bytes]
    load: Callable[[bytes], Any]


def _dumpPickle(value: Any) -> bytes:
    pickle = namedModule("pickle")
    content: bytes = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return content


def _loadPickle(content: bytes) -> Any:
    return namedModule("pickle").loads(content)


def _dumpSource(value: Any) -> bytes:
    return _encoded(namedAny("twisted.persisted.aot.jellyToSource")(value))


def _dumpXML(value: Any) -> bytes:
    return _encoded(namedAny("twisted.persisted.marmalade.jellyToXML")(value))


def _encoded(text: str | None) -> bytes:
    return f"{text}\n".encode()


def _loadSource(content: bytes) -> Any:
    return namedAny("twisted.persisted.aot.unjellyFromSource")(content.decode())


def _loadXML(content: bytes) -> Any:
    return namedAny("twisted.persisted.marmalade.unjellyFromXML")(content)


# Every application can be saved, and hardly any is, so what saves is loaded when it is used.
_STYLES = {
    "pickle": _Style("tap", _dumpPickle, _loadPickle),
    "source": _Style("tas", _dumpSource, _loadSource),
    "xml": _Style("tax", _dumpXML, _loadXML),
}
_PYTHON_EXTENSIONS = ("py", "tac")
#: Before the extension of a file that is encrypted.
_ENCRYPTED = "e"


@implementer(IPersistable)
class Persistent:
    """Saves an object under a name.

    Attributes:
        style: the form of the file, as for `IPersistable.setStyle`.
        original: the object.
        name: the object's; files are called after it.
    """

    style = "pickle"

    def __init__(self, original: Any, name: str) -> None:
        self.original = original
        self.name = name

    def setStyle(self, style: str) -> None:
        """Choose the form of the file: ``"pickle"``, ``"source"`` or ``"xml"``.

        Raises:
            ValueError: it is none of these.
        """
        _styleOf(style)
        self.style = style

    def save(
        self,
        tag: str | None = None,
        filename: str | None = None,
        passphrase: str | bytes | None = None,
    ) -> None:
        """Save the object, in the working directory if `filename` does not say otherwise.

        The file is replaced whole, and synced; only its owner can read it.

        Args:
            tag: between the name and the extension, as in ``name-shutdown.tap``.
            filename: the whole name, if it is not to be made of those.
            passphrase: to encrypt it with; its extension then begins with ``e``.

        Raises:
            OSError: the file cannot be written; what was there is there still.
            Exception: whatever the object raised as it was taken apart.
        """
        style = _styleOf(self.style)
        content = style.dump(self.original)
        extension = style.extension
        if passphrase is not None:
            content = seal(content, passphrase)
            extension = _ENCRYPTED + extension
        if filename is None:
            tagged = self.name if tag is None else f"{self.name}-{tag}"
            filename = f"{tagged}.{extension}"
        replace(filename, content, sync=True)


#: As it was spelt once, and is in programs.
Persistant = Persistent


def load(filename: str, style: str, passphrase: str | bytes | None = None) -> Any:
    """Load what was saved; which runs what the file says: see above.

    What is `styles.Versioned` is upgraded.  What can be saved (`IPersistable`) will be in the same
    style.

    Args:
        filename: the file.
        style: its form: ``"pickle"``, ``"source"`` or ``"xml"``; see `guessType`.
        passphrase: what it was encrypted with; None if it was not.

    Raises:
        OSError: the file cannot be read.
        LoadError: it belongs to somebody else, or anybody can write or replace it; the passphrase
            is wrong or missing; or what there is cannot be loaded, `__cause__` being the reason.
        ValueError: there is no such style.
    """
    kind = _styleOf(style)
    content = _opened(filename, _trusted(filename), passphrase)
    try:
        value = kind.load(content)
        styles.doUpgrade()
    except Exception as e:  # loading runs what the file says
        raise LoadError(f"{filename} cannot be loaded as {style}: {type(e).__name__}: {e}") from e
    persistable = IPersistable(value, None)
    if persistable is not None:
        persistable.setStyle(style)
    return value


def loadValueFromFile(filename: str, variable: str, passphrase: str | bytes | None = None) -> Any:
    """Run a file of Python, and return what it leaves in a variable.

    Args:
        filename: the file; it finds its name as ``__file__``.
        variable: the name of the variable.
        passphrase: what the file was encrypted with; None if it was not.

    Raises:
        OSError: the file cannot be read.
        LoadError: the passphrase is wrong or missing.
        SyntaxError: it is not Python.
        KeyError: there is no such variable in the end.
        Exception: whatever the file raises.
    """
    with open(filename, "rb") as file:
        source = _opened(filename, file.read(), passphrase)
    names: dict[str, Any] = {"__file__": filename}
    exec(compile(source, filename, "exec", dont_inherit=True), names)
    return names[variable]


def guessType(filename: str) -> str:
    """What a file has, by its name: ``"python"``, or the name of a style.

    Raises:
        KeyError: its name does not say.
    """
    extension = os.path.splitext(filename)[1]
    bare = extension.removeprefix(".")
    bare = bare.removeprefix(_ENCRYPTED) if len(bare) > len("tap") else bare
    if bare in _PYTHON_EXTENSIONS:
        return "python"
    for name, style in _STYLES.items():
        if bare == style.extension:
            return name
    raise KeyError(extension)


def _styleOf(name: str) -> _Style:
    try:
        return _STYLES[name]
    except KeyError:
        raise ValueError(f"there is no style {name!r}, but {', '.join(_STYLES)}")


def _trusted(filename: str) -> bytes:
    """The content of a file that nobody else can have written."""
    with open(filename, "rb") as file:
        status = os.fstat(file.fileno())
        if os.name == "posix":
            _checkOwner(filename, status)
            _checkFolder(os.path.dirname(os.path.abspath(filename)))
        return file.read()


def _checkOwner(filename: str, status: os.stat_result) -> None:
    own = os.geteuid()
    # Root can do anything anyway.
    if status.st_uid not in (own, 0):
        raise LoadError(
            f"{filename} belongs to user {status.st_uid}, and to load it is to run what that user "
            f"says as user {own}: if it is yours, chown it"
        )
    if status.st_mode & stat.S_IWOTH:
        raise LoadError(
            f"{filename} can be written by anybody, and to load it is to run what they say: if it "
            "is as you left it, chmod o-w"
        )


def _checkFolder(folder: str) -> None:
    mode = os.stat(folder).st_mode
    # Where it is sticky, as /tmp is, nobody can rename what is somebody else's.
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise LoadError(
            f"anybody can replace the files in {folder}, and to load one is to run what they say: "
            "chmod o-w"
        )


def _opened(filename: str, content: bytes, passphrase: str | bytes | None) -> bytes:
    if passphrase is None:
        if isSealed(content):
            raise LoadError(f"{filename} is encrypted: the passphrase is needed")
        return content
    try:
        return unseal(content, passphrase)
    except EnvelopeError as e:
        raise LoadError(f"{filename} cannot be decrypted: {e}")
