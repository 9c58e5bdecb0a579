"""Serial ports, over every reactor: a terminal of which the test has the other side."""

from __future__ import annotations

import fcntl
import os
import sys
import termios
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet import serialport
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IAddress, IConsumer, IPushProducer, ITransport
from twisted.internet.protocol import Protocol
from twisted.internet.serialport import SerialPort
from twisted.internet.task import Clock
from twisted.internet.test.conformance import ReactorSuite, casesFor, shippedReactors
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance.recorders import Echo, Fault, Recorder
from twisted.python.failure import Failure
from twisted.trial import unittest

# More than a terminal holds.
MUCH = bytes(range(256)) * 256

pyserial: Any = vars(serialport)["serial"]
WITHOUT_PYSERIAL = "pyserial is not installed: pip install torsion[serial]"


class SerialSuite(ReactorSuite):
    """The transport: bytes in, bytes out, and the end."""

    capability = Capability.SERIAL_PORTS

    def setUp(self) -> None:
        if pyserial is None:
            raise unittest.SkipTest(WITHOUT_PYSERIAL)
        super().setUp()
        self.line, self.device = os.openpty()
        os.set_blocking(self.line, False)
        for number in (self.line, self.device):
            self.ownsDescriptor(number)
        self.addCleanup(self.hangUp)

    def hangUp(self) -> None:
        """The other side is gone."""
        for number in (self.line, self.device):
            if number != -1:
                os.close(number)
        self.line = self.device = -1

    def open(self, protocol: Protocol, **options: Any) -> SerialPort:
        return SerialPort(protocol, os.ttyname(self.device), self.reactor, **options)

    def waiting(self) -> int:
        """How many bytes have come to the device."""
        return int.from_bytes(fcntl.ioctl(self.device, termios.FIONREAD, bytes(4)), sys.byteorder)

    async def read(self, count: int) -> bytes:
        """So many bytes of what was sent."""
        found = b""
        while len(found) < count:
            try:
                found += os.read(self.line, count - len(found))
            except BlockingIOError:
                await self.turns()
        return found

    def test_interfaces(self) -> None:
        async def scenario() -> None:
            port = self.open(Recorder())
            for interface in (ITransport, IConsumer, IPushProducer):
                self.assertTrue(verifyObject(interface, port))
            for address in (port.getHost(), port.getPeer()):
                self.assertTrue(verifyObject(IAddress, address))
            self.assertEqual(port.logPrefix(), "Recorder")
            port.loseConnection()
            await self.until(lambda: port.disconnected)

        self.play(scenario())

    def test_echo(self) -> None:
        """Every byte passes as it is, those that mean something to a terminal as well."""

        async def scenario() -> None:
            echo = Echo()
            port = self.open(echo)
            everything = bytes(range(256))
            os.write(self.line, everything)
            self.assertEqual(await self.read(256), everything)
            port.loseConnection()
            self.assertEqual((await echo.lost()).type, ConnectionDone)
            self.assertEqual(port.fileno(), -1)
            self.assertEqual(echo.events.count("lost"), 1)

        self.play(scenario())

    def test_much(self) -> None:
        """What the line does not take at once is sent when it does, before the end."""

        async def scenario() -> None:
            recorder = Recorder()
            port = self.open(recorder)
            port.write(MUCH)
            port.loseConnection()
            self.assertEqual(await self.read(len(MUCH)), MUCH)
            self.assertEqual((await recorder.lost()).type, ConnectionDone)

        self.play(scenario())

    def test_pause(self) -> None:
        async def scenario() -> None:
            recorder = Recorder()
            port = self.open(recorder)
            port.pauseProducing()
            os.write(self.line, b"x")
            await self.until(lambda: port.inWaiting() == 1)
            await self.turns(3)
            self.assertEqual(recorder.data, b"")
            port.resumeProducing()
            self.assertEqual(await recorder.received(1), b"x")
            port.loseConnection()
            await recorder.lost()

        self.play(scenario())

    def test_flushed(self) -> None:
        """What came before the port was opened is not for its protocol."""

        async def scenario() -> None:
            os.write(self.line, b"old\n")
            await self.until(lambda: self.waiting() == 4)
            recorder = Recorder()
            port = self.open(recorder)
            os.write(self.line, b"new")
            self.assertEqual(await recorder.received(3), b"new")
            port.loseConnection()
            await recorder.lost()

        self.play(scenario())

    def test_hangUp(self) -> None:
        """An adapter is pulled out."""

        async def scenario() -> None:
            recorder = Recorder()
            self.open(recorder)
            self.hangUp()
            self.assertEqual((await recorder.lost()).type, ConnectionLost)

        self.play(scenario())

    def test_loseWriteConnection(self) -> None:
        """A line has no halves."""

        async def scenario() -> None:
            recorder = Recorder()
            port = self.open(recorder)
            port.write(b"x")
            port.loseWriteConnection()
            await recorder.lost()
            self.assertEqual(await self.read(1), b"x")

        self.play(scenario())

    def test_settings(self) -> None:
        async def scenario() -> None:
            recorder = Recorder()
            port = self.open(
                recorder,
                baudrate=4800,
                bytesize=serialport.SEVENBITS,
                parity=serialport.PARITY_EVEN,
                stopbits=serialport.STOPBITS_TWO,
                xonxoff=True,
            )
            self.assertEqual(port.getBaudRate(), 4800)
            port.setBaudRate(19200)
            self.assertEqual(port.getBaudRate(), 19200)
            port.loseConnection()
            await recorder.lost()

        self.play(scenario())

    def test_bugInConnectionMade(self) -> None:
        class Broken(Recorder):
            def connectionMade(self) -> None:
                raise Fault("not today")

        async def scenario() -> None:
            broken = Broken()
            self.assertRaises(Fault, self.open, broken)
            self.assertEqual(broken.events, ["lost"])

        self.play(scenario())

    def test_noPort(self) -> None:
        async def scenario() -> None:
            error = self.assertRaises(
                OSError, SerialPort, Recorder(), "/dev/no-such-port", self.reactor
            )
            self.assertIn("/dev/no-such-port", str(error))
            with self.assertRaises(ValueError):
                self.open(Recorder(), parity="X")

        self.play(scenario())


REACTORS = {name: make for name, make in shippedReactors().items() if name != "Fake"}
globals().update(casesFor([SerialSuite], REACTORS, __name__))
# The suite itself has no reactor.
del SerialSuite


class Watcher(Clock):
    """A reactor that watches nothing."""

    def addReader(self, reader: object) -> None: ...

    removeReader = addWriter = removeWriter = addReader


class FakeSerial:
    """What a port with real lines shows, and keeps what they were set to."""

    def __init__(self, name: str, **options: Any) -> None:
        self.number = os.open(os.devnull, os.O_RDWR)
        self.options = options
        self.is_open = True
        self.break_condition = False
        self.dsr, self.cd, self.ri, self.cts = True, False, True, False
        self.dtr = self.rts = False
        self.forgotten: list[str] = []

    def fileno(self) -> int:
        return self.number

    def close(self) -> None:
        os.close(self.number)
        self.is_open = False

    def reset_input_buffer(self) -> None:
        self.forgotten.append("input")

    def reset_output_buffer(self) -> None:
        self.forgotten.append("output")


class LineTests(unittest.SynchronousTestCase):
    """The lines of a port, which a terminal does not have, and the system without pyserial."""

    def open(self, **options: Any) -> tuple[SerialPort, FakeSerial, Watcher]:
        self.patch(serialport, "serial", type("pyserial", (), {"Serial": FakeSerial}))
        reactor = Watcher()
        port = SerialPort(Recorder(), "fake", reactor, **options)
        fake = port._serial
        self.addCleanup(lambda: fake.is_open and fake.close())
        return port, fake, reactor

    def test_lines(self) -> None:
        port, fake, _ = self.open()
        self.assertEqual(
            (port.getDSR(), port.getCD(), port.getRI(), port.getCTS()), (True, False, True, False)
        )
        port.setDTR()
        port.setRTS(True)
        self.assertEqual((fake.dtr, fake.rts), (True, True))
        port.setDTR(False)
        port.setRTS(False)
        self.assertEqual((fake.dtr, fake.rts), (False, False))

    def test_options(self) -> None:
        """What is given is what pyserial gets."""
        _, fake, _ = self.open(baudrate=300, rtscts=1)
        self.assertEqual(
            fake.options,
            {
                "baudrate": 300,
                "bytesize": 8,
                "parity": "N",
                "stopbits": 1,
                "timeout": 0,
                "xonxoff": False,
                "rtscts": True,
            },
        )
        self.assertEqual(fake.forgotten, ["input", "output"])

    def test_break(self) -> None:
        """A break lasts for a while in which nobody waits; a second one does not prolong it."""
        port, fake, reactor = self.open()
        port.sendBreak()
        self.assertTrue(fake.break_condition)
        reactor.advance(0.2)
        port.sendBreak()
        self.assertTrue(fake.break_condition)
        reactor.advance(0.1)
        self.assertFalse(fake.break_condition)
        port.sendBreak()
        port.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(reactor.getDelayedCalls(), [])

    def test_numbers(self) -> None:
        """Our names are those of pyserial."""
        if pyserial is None:
            raise unittest.SkipTest(WITHOUT_PYSERIAL)
        for name in serialport.__all__:
            if name != "SerialPort":
                self.assertEqual(getattr(serialport, name), getattr(pyserial, name), name)

    def test_without(self) -> None:
        """The module is there without pyserial; using it says what to install."""
        self.patch(serialport, "serial", None)
        error = self.assertRaises(ImportError, SerialPort, Recorder(), "/dev/ttyS0", Watcher())
        self.assertIn("torsion[serial]", str(error))
