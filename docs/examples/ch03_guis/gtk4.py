"""An application of GTK 4: its windows are made when it is activated.

Run it as: python gtk4.py PORT
"""

import sys

import gi

gi.require_version("Gtk", "4.0")

from twisted.internet import gireactor

gireactor.install(useGtk=True)

from board import serve
from gi.repository import Gio, Gtk

from twisted.internet import reactor


def activate(application):
    label = Gtk.Label(label="nothing yet")
    window = Gtk.ApplicationWindow(application=application, title="Notices", child=label)
    window.connect("close-request", lambda window: reactor.stop())
    window.present()

    def show(text):
        label.set_text(text)
        return label.get_text()

    serve(reactor, show, window.close, sys.argv[1])


application = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
application.connect("activate", activate)
reactor.registerGApplication(application)
reactor.run()
