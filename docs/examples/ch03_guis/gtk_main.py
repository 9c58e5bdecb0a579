"""A program that runs GTK's main loop itself, as it did before it had a network.

Run it as: python gtk_main.py PORT
"""

import sys

from twisted.internet import gtk3reactor

gtk3reactor.install()

from board import serve
from gi.repository import Gtk

from twisted.internet import reactor

window = Gtk.Window(title="Notices")
label = Gtk.Label(label="nothing yet")
window.add(label)
window.connect("destroy", lambda window: reactor.stop())
window.show_all()


def show(text):
    label.set_text(text)
    return label.get_text()


reactor.addSystemEventTrigger("after", "shutdown", Gtk.main_quit)
reactor.startRunning()
serve(reactor, show, window.destroy, sys.argv[1])
Gtk.main()
