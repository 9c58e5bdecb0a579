"""A window of wx, whose main loop runs the program.

Run it as: python wx_window.py PORT
"""

import sys

from twisted.internet import wxreactor

wxreactor.install()

import wx
from board import serve

from twisted.internet import reactor

application = wx.App()
reactor.registerWxApp(application)
frame = wx.Frame(None, title="Notices", size=(320, 80))
label = wx.StaticText(frame, label="nothing yet")
frame.Show()


def show(text):
    label.SetLabel(text)
    return label.GetLabel()


# wx ends with its last window, and the reactor with wx.
serve(reactor, show, frame.Close, sys.argv[1])
reactor.run()
