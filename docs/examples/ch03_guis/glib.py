"""GLib's main loop without a window: its timers and the reactor's, side by side.

Run it as: python glib.py
"""

from twisted.internet import glib2reactor

glib2reactor.install()

from gi.repository import GLib

from twisted.internet import reactor


def planned():
    print("called by GLib")
    reactor.callLater(0.01, stop)
    return GLib.SOURCE_REMOVE


def stop():
    print("called by the reactor")
    reactor.stop()


GLib.timeout_add(10, planned)
reactor.run()
