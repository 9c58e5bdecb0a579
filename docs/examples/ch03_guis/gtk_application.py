"""A `Gtk.Application`: its windows are made when it is activated, by its own main loop.

Run it as: python gtk_application.py PORT
"""

import sys

from twisted.internet import gtk3reactor

gtk3reactor.install()

from board import serve
from gi.repository import Gio, Gtk

from twisted.internet import reactor


def activate(application):
    window = Gtk.ApplicationWindow(application=application, title="Notices")
    label = Gtk.Label(label="nothing yet")
    window.add(label)
    window.connect("destroy", lambda window: reactor.stop())
    window.show_all()

    def show(text):
        label.set_text(text)
        return label.get_text()

    serve(reactor, show, window.destroy, sys.argv[1])


application = Gtk.Application(
    application_id="net.torsion.Notices", flags=Gio.ApplicationFlags.NON_UNIQUE
)
application.connect("activate", activate)
reactor.registerGApplication(application)
reactor.run()
