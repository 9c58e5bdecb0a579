"""What an application may be written in, as `tap2deb` and `tap2rpm` name it.

A file is looked at without loading it, for to load it is to run it, and the machine on which a
package is built need not have what it imports.
"""

from __future__ import annotations

import _ast
import io
import pickletools
import xml.parsers.expat
from collections.abc import Callable
from typing import Any, NamedTuple

from twisted.persisted._envelope import isSealed


class Form(NamedTuple):
    """What an application is written in.

    Attributes:
        name: what it is called.
        option: what tells twistd that it gets such a file.
        extension: of such files.
        look: raises an exception if some bytes are no such file.
    """

    name: str
    option: str
    extension: str
    look: Callable[[bytes], object]

    def check(self, content: bytes) -> None:
        """Make sure that a service can begin with such a file.

        Raises:
            ValueError: it cannot; the text says why.
        """
        if isSealed(content):
            raise ValueError(
                "it is encrypted, and nobody can be asked for its passphrase when a machine "
                "starts: decrypt it by tapconvert"
            )
        try:
            self.look(content)
        except SyntaxError as problem:
            raise ValueError(f"line {problem.lineno}: {problem.msg}")
        except xml.parsers.expat.ExpatError as problem:
            raise ValueError(str(problem))


def _lookAtPython(content: bytes) -> Any:
    return compile(content, "application", "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)


def _lookAtSource(content: bytes) -> None:
    # As `twisted.persisted.aot` writes it: one statement, whose parts are then its affair.
    (*others, last) = _lookAtPython(content).body or [None]
    targets = [getattr(target, "id", None) for target in getattr(last, "targets", ())]
    if others or targets != ["app"]:
        raise ValueError("it is not one statement, app=...")


def _lookAtPickle(content: bytes) -> None:
    # Only reads the words of the pickle, and does nothing of what they say.
    reading = io.BytesIO(content)
    for _ in pickletools.genops(reading):
        pass
    if reading.read(1):
        raise ValueError("something follows its end")


def _lookAtXML(content: bytes) -> None:
    names: list[str] = []
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: names.append(name)
    parser.Parse(content, True)
    # As `twisted.persisted.marmalade` writes it.
    if names[0] != "marmalade":
        raise ValueError(f"it is a document of <{names[0]}>, not of <marmalade>")


TAP = "tap"
FORMS = {
    form.name: form
    for form in (
        Form(TAP, "--file", "tap", _lookAtPickle),
        Form("source", "--source", "tas", _lookAtSource),
        Form("xml", "--xml", "tax", _lookAtXML),
        Form("python", "--python", "tac", _lookAtPython),
    )
}
