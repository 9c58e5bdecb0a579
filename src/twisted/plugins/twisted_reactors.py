"""The reactors that there are, for ``--reactor`` of the commands."""

from __future__ import annotations

from twisted.application.reactors import Reactor

__all__ = [
    "asyncio",
    "cf",
    "default",
    "epoll",
    "gi",
    "glib2",
    "gtk2",
    "gtk3",
    "iocp",
    "kqueue",
    "poll",
    "qt",
    "select",
    "win32er",
    "wx",
]

default = Reactor("default", "twisted.internet.default", "The best one of this platform.")
epoll = Reactor("epoll", "twisted.internet.epollreactor", "epoll(4), Linux.")
kqueue = Reactor("kqueue", "twisted.internet.kqreactor", "kqueue(2), BSD and macOS.")
poll = Reactor("poll", "twisted.internet.pollreactor", "poll(2).")
select = Reactor("select", "twisted.internet.selectreactor", "select(2).")
asyncio = Reactor("asyncio", "twisted.internet.asyncioreactor", "The event loop of asyncio.")
glib2 = Reactor("glib2", "twisted.internet.glib2reactor", "The event loop of GLib.")
gi = Reactor("gi", "twisted.internet.gireactor", "GLib, by GObject Introspection.")
gtk3 = Reactor("gtk3", "twisted.internet.gtk3reactor", "The event loop of GTK 3.")
gtk2 = Reactor("gtk2", "twisted.internet.gtk2reactor", "The event loop of GTK 3, as gtk3.")
qt = Reactor("qt", "twisted.internet.qtreactor", "The event loop of Qt.")
wx = Reactor("wx", "twisted.internet.wxreactor", "The event loop of wxPython.")
cf = Reactor("cf", "twisted.internet.cfreactor", "The run loop of CoreFoundation, macOS.")
win32er = Reactor("win32", "twisted.internet.win32eventreactor", "Event objects, Windows.")
iocp = Reactor("iocp", "twisted.internet.iocpreactor", "I/O completion ports, Windows.")
