"""A window of wx in a program that the reactor runs, whichever that is.

Run it as: python wx_support.py PORT
"""

import sys

import wx
from board import serve

from twisted.internet import reactor, wxsupport

application = wx.App()
wxsupport.install(application)
frame = wx.Frame(None, title="Notices", size=(320, 80))
label = wx.StaticText(frame, label="nothing yet")
frame.Show()


def closed(event):
    reactor.stop()
    event.Skip()


def show(text):
    label.SetLabel(text)
    return label.GetLabel()


frame.Bind(wx.EVT_CLOSE, closed)
serve(reactor, show, frame.Close, sys.argv[1])
reactor.run()
