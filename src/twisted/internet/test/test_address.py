"""`twisted.internet.address`: values that compare, hash and show themselves."""

from __future__ import annotations

import os
import pickle
import socket
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.trial import unittest

# Ways to write values that all differ, each as a class and its arguments.
DIFFERENT: list[tuple[Any, tuple[Any, ...]]] = [
    (IPv4Address, ("TCP", "127.0.0.1", 80)),
    (IPv4Address, ("UDP", "127.0.0.1", 80)),
    (IPv4Address, ("TCP", "127.0.0.2", 80)),
    (IPv4Address, ("TCP", "127.0.0.1", 81)),
    (IPv6Address, ("TCP", "127.0.0.1", 80)),
    (IPv6Address, ("TCP", "::1", 80)),
    (IPv6Address, ("UDP", "::1", 80)),
    (IPv6Address, ("TCP", "::1", 80, 1)),
    (IPv6Address, ("TCP", "::1", 80, 0, 1)),
    (IPv6Address, ("TCP", "::1", 80, 0, "eth0")),
    (HostnameAddress, (b"localhost", 80)),
    (HostnameAddress, (b"localhost", 81)),
    (HostnameAddress, (b"example.com", 80)),
    (UNIXAddress, ("/no/such/socket",)),
    (UNIXAddress, ("/no/such/other",)),
    (UNIXAddress, ("\0abstract",)),
    (UNIXAddress, ("",)),
    (UNIXAddress, (None,)),
]


class AddressTests(unittest.SynchronousTestCase):
    """What all kinds of address have in common."""

    def test_interface(self) -> None:
        for kind, arguments in DIFFERENT:
            verifyObject(IAddress, kind(*arguments))

    def test_equalByValue(self) -> None:
        for kind, arguments in DIFFERENT:
            self.assertEqual(kind(*arguments), kind(*arguments))
            self.assertEqual(hash(kind(*arguments)), hash(kind(*arguments)))
            self.assertFalse(kind(*arguments) != kind(*arguments))

    def test_unequal(self) -> None:
        values = [kind(*arguments) for kind, arguments in DIFFERENT]
        self.assertEqual(len(set(values)), len(values))
        for one in values:
            self.assertEqual([one], [other for other in values if other == one])

    def test_unlikeAnythingElse(self) -> None:
        for kind, arguments in DIFFERENT:
            self.assertNotEqual(kind(*arguments), arguments)
            self.assertNotEqual(kind(*arguments), None)

    def test_pickle(self) -> None:
        for kind, arguments in DIFFERENT:
            value = kind(*arguments)
            self.assertEqual(pickle.loads(pickle.dumps(value)), value)


class RepresentationTests(unittest.SynchronousTestCase):
    """What addresses look like in logs."""

    def test_repr(self) -> None:
        for value, expected in [
            (IPv4Address("TCP", "1.2.3.4", 5), "IPv4Address(type='TCP', host='1.2.3.4', port=5)"),
            (
                IPv6Address("UDP", "::1", 5),
                "IPv6Address(type='UDP', host='::1', port=5, flowInfo=0, scopeID=0)",
            ),
            (HostnameAddress(b"host", 5), "HostnameAddress(hostname=b'host', port=5)"),
            (UNIXAddress("/tmp/socket"), "UNIXAddress('/tmp/socket')"),
            (UNIXAddress(None), "UNIXAddress(None)"),
        ]:
            self.assertEqual(repr(value), expected)

    def test_badType(self) -> None:
        kinds: list[Any] = [IPv4Address, IPv6Address]
        for kind in kinds:
            with self.assertRaises(ValueError) as caught:
                kind("SCTP", "1.2.3.4", 5)
            self.assertIn("'SCTP'", str(caught.exception))


class UNIXAddressTests(unittest.SynchronousTestCase):
    """Addresses in the file system."""

    def makeSocket(self) -> tuple[str, str]:
        """The names of a bound socket and of a link to it."""
        directory = self.mktemp()
        os.mkdir(directory)
        # The path of a socket is short: bind it from inside its directory.
        path, link = os.path.join(directory, "s"), os.path.join(directory, "link")
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(os.path.relpath(path))
        os.symlink("s", link)
        return path, link

    def test_bytesAndText(self) -> None:
        self.assertEqual(UNIXAddress("/tmp/s").name, b"/tmp/s")
        self.assertEqual(UNIXAddress(b"/tmp/s"), UNIXAddress("/tmp/s"))

    def test_sameFile(self) -> None:
        path, link = self.makeSocket()
        self.assertEqual(UNIXAddress(path), UNIXAddress(link))
        self.assertEqual(hash(UNIXAddress(path)), hash(UNIXAddress(link)))
        self.assertEqual(UNIXAddress(path), UNIXAddress(os.path.abspath(path)))

    def test_otherFile(self) -> None:
        path, _ = self.makeSocket()
        other, _ = self.makeSocket()
        self.assertNotEqual(UNIXAddress(path), UNIXAddress(other))
        self.assertNotEqual(UNIXAddress(path), UNIXAddress("/no/such/socket"))

    def test_undecodableName(self) -> None:
        address = UNIXAddress(b"/tmp/\xff")
        self.assertEqual(address.name, b"/tmp/\xff")
        self.assertIn("/tmp/", repr(address))
