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
from typing import NamedTuple

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


def _lookAtPython(content: bytes) -> None:
    compile(content, "application", "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)


def _lookAtPickle(content: bytes) -> None:
    # Only reads the words of the pickle, and does nothing of what they say.
    reading = io.BytesIO(content)
    for _ in pickletools.genops(reading):
        pass
    if reading.read(1):
        raise ValueError("something follows its end")


def _lookAtXML(content: bytes) -> None:
    parser = xml.parsers.expat.ParserCreate()
    parser.Parse(content, True)


TAP = "tap"
FORMS = {
    form.name: form
    for form in (
        Form(TAP, "--file", "tap", _lookAtPickle),
        Form("source", "--source", "tas", _lookAtPython),
        Form("xml", "--xml", "tax", _lookAtXML),
        Form("python", "--python", "tac", _lookAtPython),
    )
}
