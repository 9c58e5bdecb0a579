"""Objects as XML."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.persisted.marmalade import jellyToXML, unjellyFromXML
from twisted.persisted.test import test_aot
from twisted.persisted.test._things import Plain
from twisted.trial.unittest import SynchronousTestCase

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def document(body: str) -> str:
    return f'<marmalade version="1">{body}</marmalade>'


class RoundTripTests(test_aot.TreeTests):
    """All that goes out as source goes out as XML."""

    def again(self, thing: Any) -> Any:
        return unjellyFromXML(str(jellyToXML(thing)))

    @given(test_aot.literals)
    @UNHURRIED
    def test_literals(self, thing: Any) -> None:
        """Whatever literals there are."""
        self.checkLiteral(thing)


class FormTests(SynchronousTestCase):
    def test_form(self) -> None:
        """Elements say what they are, and are indented."""
        root = ElementTree.fromstring(str(jellyToXML(Plain(a=[1, b"x"]))))
        self.assertEqual(
            [element.tag for element in root.iter()][:4], ["marmalade", "instance", "dict", "item"]
        )
        self.assertEqual(root.findtext(".//int"), "1")
        self.assertEqual(root.findtext(".//bytes"), "eA==")

    def test_files(self) -> None:
        """Documents are written to files, and read from them."""
        file = io.StringIO()
        self.assertIsNone(jellyToXML([1], file))
        self.assertEqual(unjellyFromXML(io.StringIO(file.getvalue())), [1])
        self.assertEqual(unjellyFromXML(io.BytesIO(file.getvalue().encode())), [1])

    def test_comments(self) -> None:
        """A document may be edited."""
        self.assertEqual(
            unjellyFromXML(document("<!-- mine --><list>\n <int>0x10</int></list>")), [16]
        )

    def test_malformed(self) -> None:
        """What is no such document is a ValueError."""
        for bad in (
            "",
            "x",
            "<a>",
            b"\xff\xfe\xff",
            '<?xml version="1.0" encoding="never"?><a/>',
            "<marmalade/>",
            '<marmalade version="2"><none/></marmalade>',
            document(""),
            document("<none/><none/>"),
            document("text"),
            document("<never/>"),
            document("<list><never/></list>"),
            document("<int/>"),
            document("<int>x</int>"),
            document("<int>1<none/></int>"),
            document("<int>" + "9" * 5000 + "</int>"),
            document("<float>x</float>"),
            document("<complex>1</complex>"),
            document("<complex>1 2 3</complex>"),
            document("<bool>true</bool>"),
            document("<bytes>*</bytes>"),
            document("<string form='python'>1</string>"),
            document("<string form='python'>print()</string>"),
            document("<string form='python'>'</string>"),
            document("<dict><none/></dict>"),
            document("<dict><item><none/></item></dict>"),
            document("<dict><item><list/><none/></item></dict>"),
            document("<instance/>"),
            document("<instance class='builtins.object'><none/><none/></instance>"),
            document("<class/>"),
            document("<class name='os'/>"),
            document("<module name='never'/>"),
            document("<method name='x' class='builtins.int'/>"),
            document("<copyreg function='builtins.int'/>"),
            document("<ref id='1'/>"),
            document("<ref id='x'><none/></ref>"),
            document("<deref/>"),
            document("<deref id='1'/>"),
            document("<list>" * 100_000 + "</list>" * 100_000),
        ):
            self.assertRaises(ValueError, unjellyFromXML, bad)

    def test_entities(self) -> None:
        """There are none: a short document does not become a long one, nor read files."""
        for declared in ('<!ENTITY x "y">', '<!ENTITY x SYSTEM "file:///etc/passwd">', ""):
            text = f"<!DOCTYPE marmalade [{declared}]>" + document("<string>&x;</string>")
            error = self.assertRaises(ValueError, unjellyFromXML, text)
            self.assertIn("document type", str(error))

    @given(st.binary() | st.text().map(lambda text: document(text).encode("utf-8", "replace")))
    @UNHURRIED
    def test_anything(self, text: bytes) -> None:
        """Any bytes are an object, or a ValueError."""
        try:
            unjellyFromXML(text)
        except ValueError:
            pass
