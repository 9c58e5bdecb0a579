"""Serial ports, by pyserial: ``pip install torsion[serial]``."""

from __future__ import annotations

from typing import Any

from twisted.internet import fdesc, main
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import FileDescriptor, Reason
from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocol
from twisted.internet.stdio import PipeAddress
from twisted.python.failure import Failure

try:
    import serial
except ImportError:
    serial = None

__all__ = [
    "EIGHTBITS",
    "FIVEBITS",
    "PARITY_EVEN",
    "PARITY_NONE",
    "PARITY_ODD",
    "SEVENBITS",
    "SIXBITS",
    "STOPBITS_ONE",
    "STOPBITS_TWO",
    "SerialPort",
]

# As pyserial has them.
FIVEBITS, SIXBITS, SEVENBITS, EIGHTBITS = 5, 6, 7, 8
PARITY_NONE, PARITY_EVEN, PARITY_ODD = "N", "E", "O"
STOPBITS_ONE, STOPBITS_TWO = 1, 2

# What pyserial takes for one, in seconds.
_BREAK = 0.25


class SerialPort(FileDescriptor):
    """A serial port as the transport of a protocol.

    The line has no other end that could close it: `loseConnection` does, once all that was written
    has been given to the system, and an adapter that is pulled out ends it with `ConnectionLost`.

    Args:
        protocol: the protocol; its ``makeConnection`` has been called when this returns.
        deviceNameOrPortNumber: such as ``"/dev/ttyUSB0"``.
        reactor: who watches; the installed one by default.
        baudrate, bytesize, parity, stopbits: what the other side speaks.
        timeout: for pyserial, and of no effect: nothing here waits.
        xonxoff, rtscts: whether the flow is controlled by characters, or by lines.

    Attributes:
        protocol: the protocol; None when the connection is lost.

    Raises:
        ImportError: pyserial is not installed.
        serial.SerialException: there is no such port, or it may not be used.
        ValueError: it cannot be set up like that.
    """

    def __init__(
        self,
        protocol: IProtocol,
        deviceNameOrPortNumber: str,
        reactor: TransportReactor | None = None,
        baudrate: int = 9600,
        bytesize: int = EIGHTBITS,
        parity: str = PARITY_NONE,
        stopbits: float = STOPBITS_ONE,
        timeout: float | None = 0,
        xonxoff: bool = False,
        rtscts: bool = False,
    ) -> None:
        if serial is None:
            raise ImportError("a serial port needs pyserial: pip install torsion[serial]")
        super().__init__(reactor)
        self._serial: Any = serial.Serial(
            deviceNameOrPortNumber,
            baudrate=baudrate,
            bytesize=bytesize,
            parity=parity,
            stopbits=stopbits,
            timeout=timeout,
            xonxoff=bool(xonxoff),
            rtscts=bool(rtscts),
        )
        self._breaking: IDelayedCall | None = None
        # What came before there was anybody to hear it, and what was not yet sent.
        self.flushInput()
        self.flushOutput()
        fdesc.setNonBlocking(self._serial.fileno())
        self.connected = True
        self.protocol: Any = protocol
        self.startReading()
        try:
            protocol.makeConnection(self)
        except BaseException:
            self.connectionLost(Failure())
            raise

    def fileno(self) -> int:
        """The descriptor, or -1 once it is closed."""
        return int(self._serial.fileno()) if self._serial.is_open else -1

    def doRead(self) -> Reason | None:
        """Give the protocol what has arrived."""
        why = fdesc.readFromFD(self.fileno(), self.protocol.dataReceived)
        # A line that is not there any more is always readable and never has anything.
        return main.CONNECTION_LOST if why is main.CONNECTION_DONE else why

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Send what the system takes; see `FileDescriptor.writeSomeData`."""
        return fdesc.writeToFD(self.fileno(), data)

    def connectionLost(self, reason: Failure) -> None:
        """Close the port, and tell the protocol."""
        if self.disconnected:
            return
        super().connectionLost(reason)
        if self._breaking is not None:
            self._breaking.cancel()
        self._serial.close()
        protocol = self.protocol
        try:
            protocol.connectionLost(reason)
        finally:
            # The protocol knows the transport: one of the two must forget the other.
            self.protocol = None

    def getHost(self) -> IAddress:
        """A `PipeAddress`: a line has no address."""
        return PipeAddress()

    def getPeer(self) -> IAddress:
        """A `PipeAddress`: a line has no address."""
        return PipeAddress()

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return type(self.protocol).__name__

    # The line

    def getBaudRate(self) -> int:
        """Bits each second."""
        return int(self._serial.baudrate)

    def setBaudRate(self, baudrate: int) -> None:
        """Set how many bits there are each second."""
        self._serial.baudrate = baudrate

    def inWaiting(self) -> int:
        """How many bytes have come and were not read."""
        return int(self._serial.in_waiting)

    def flushInput(self) -> None:
        """Forget what has come and was not read."""
        self._serial.reset_input_buffer()

    def flushOutput(self) -> None:
        """Forget what the system was given to send and has not sent."""
        self._serial.reset_output_buffer()

    def sendBreak(self) -> None:
        """Send a break, which lasts a quarter of a second; it may be longer if the loop is busy."""
        if self._breaking is None:
            self._serial.break_condition = True
            self._breaking = self.reactor.callLater(_BREAK, self._endBreak)

    def _endBreak(self) -> None:
        self._breaking = None
        self._serial.break_condition = False

    def getDSR(self) -> bool:
        """Whether the other side is there: data set ready."""
        return bool(self._serial.dsr)

    def getCD(self) -> bool:
        """Whether the other side has a connection: carrier detect."""
        return bool(self._serial.cd)

    def getRI(self) -> bool:
        """Whether it rings: ring indicator."""
        return bool(self._serial.ri)

    def getCTS(self) -> bool:
        """Whether the other side can take more: clear to send."""
        return bool(self._serial.cts)

    def setDTR(self, on: bool = True) -> None:
        """Say whether we are there: data terminal ready."""
        self._serial.dtr = bool(on)

    def setRTS(self, on: bool = True) -> None:
        """Say whether we can take more: request to send."""
        self._serial.rts = bool(on)
