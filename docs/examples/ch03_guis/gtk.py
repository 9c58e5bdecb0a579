"""A window of GTK 3.

Run it as: python gtk.py PORT
"""

import sys

from twisted.internet import gtk3reactor

gtk3reactor.install()

from board import serve
from gi.repository import Gtk

from twisted.internet import reactor

window = Gtk.Window(title="Notices", default_width=320, default_height=80)
label = Gtk.Label(label="nothing yet")
window.add(label)
window.connect("destroy", lambda window: reactor.stop())
window.show_all()


def show(text):
    label.set_text(text)
    return label.get_text()


serve(reactor, show, window.destroy, sys.argv[1])
reactor.run()
