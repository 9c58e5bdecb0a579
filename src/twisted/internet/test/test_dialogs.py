"""Real dialogs, on a display without a screen: while one is open, the reactor turns."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import tempfile
from pathlib import Path

from twisted.internet.test.test_examples_engine import LOOPBACK, PATIENCE
from twisted.internet.test.test_examples_guis import WindowCase, has
from twisted.trial import unittest

TK = """
import tkinter
from twisted.internet import reactor, tksupport

root = tkinter.Tk()
tksupport.install(root)
dialogs = []

def ask():
    dialogs.append(tkinter.Toplevel(root))
    root.wait_window(dialogs[-1])

def answer():
    dialogs.pop().destroy()

def byHandler(f):
    root.after(1, f)
"""

WX = """
import wx

frame = wx.Frame(None)
frame.Show()
dialogs = []

def ask():
    dialogs.append(wx.Dialog(frame))
    dialogs[-1].ShowModal()

def answer():
    dialogs.pop().EndModal(wx.ID_OK)

byHandler = wx.CallAfter
"""

WX_REACTOR = (
    """
from twisted.internet import wxreactor
wxreactor.install()
import wx
from twisted.internet import reactor
application = wx.App()
reactor.registerWxApp(application)
"""
    + WX
)

WX_SUPPORT = (
    """
import wx
from twisted.internet import reactor, wxsupport
application = wx.App()
wxsupport.install(application)
"""
    + WX
)

#: Each byte that comes is an order.
ORDERS = """
from twisted.internet import protocol

class Orders(protocol.Protocol):
    def dataReceived(self, data):
        getattr(self, data.decode())()

    def say(self, text):
        self.transport.write(text + b"\\n")

    def h(self):
        byHandler(self.d)

    def d(self):
        self.say(b"asked")
        ask()
        self.say(b"answered")

    def l(self):
        reactor.callLater(0.01, self.say, b"later")

    def t(self):
        reactor.callInThread(reactor.callFromThread, self.say, b"from a thread")

    def a(self):
        byHandler(answer)

    def s(self):
        reactor.addSystemEventTrigger("after", "shutdown", byHandler, answer)
        reactor.stop()

port = reactor.listenTCP(0, protocol.Factory.forProtocol(Orders), interface="127.0.0.1")
reactor.callWhenRunning(print, "Listening on port", port.getHost().port, flush=True)
reactor.addSystemEventTrigger("during", "shutdown", print, "shutdown", flush=True)
reactor.run()
print("the end")
"""


class DialogCase(WindowCase):
    """What happens while a dialog is open."""

    script = ""

    def begin(self) -> tuple[subprocess.Popen[str], socket.socket]:
        """Start the program, and connect to it."""
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
            file.write(self.script + ORDERS)
        self.addCleanup(Path(file.name).unlink)
        program = self.start(file.name)
        plain = socket.create_connection((LOOPBACK, self.portOf(program)), PATIENCE)
        self.addCleanup(plain.close)
        return program, plain

    def order(self, plain: socket.socket, order: bytes, *answers: str) -> None:
        """Give an order; these lines must come."""
        plain.send(order)
        expected = "".join(f"{answer}\n" for answer in answers)
        got = b""
        while len(got) < len(expected):
            data = plain.recv(1000)
            if not data:
                break
            got += data
        self.assertEqual(got.decode(), expected)

    def throughADialog(self, opening: bytes) -> None:
        """Calls, threads and connections go on while a dialog is open."""
        program, plain = self.begin()
        self.order(plain, opening, "asked")
        self.order(plain, b"l", "later")
        self.order(plain, b"t", "from a thread")
        with socket.create_connection(plain.getpeername(), PATIENCE) as other:
            self.order(other, b"l", "later")
        self.order(plain, b"a", "answered")
        self.order(plain, b"l", "later")
        # None is open: nothing is left to answer.
        self.order(plain, opening, "asked")
        self.order(plain, b"s")
        self.assertEqual(self.finish(program), "shutdown\nthe end\n")


class TkDialogTests(DialogCase):
    """Dialogs of Tk."""

    script = TK

    def setUp(self) -> None:
        if importlib.util.find_spec("_tkinter") is None:
            raise unittest.SkipTest("Tk is not installed, on Debian: python3-tk")
        super().setUp()

    def test_byHandler(self) -> None:
        """A handler of the toolkit opens it, as a rule."""
        self.throughADialog(b"h")

    def test_byReactor(self) -> None:
        """A callback of the reactor opens it."""
        self.throughADialog(b"d")


class WxDialogTests(DialogCase):
    """Dialogs of wx, where wx runs the reactor."""

    script = WX_REACTOR

    def setUp(self) -> None:
        if not has("wx"):
            raise unittest.SkipTest("wxPython is not installed, on Debian: python3-wxgtk4.0")
        super().setUp()

    def test_byHandler(self) -> None:
        self.throughADialog(b"h")

    def test_byReactor(self) -> None:
        self.throughADialog(b"d")


class WxSupportDialogTests(WxDialogTests):
    """Dialogs of wx, where the reactor serves wx."""

    script = WX_SUPPORT
