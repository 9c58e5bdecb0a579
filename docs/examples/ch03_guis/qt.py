"""A window of Qt.

Run it as: python qt.py PORT
"""

import sys

from board import serve
from PySide6.QtWidgets import QApplication, QLabel

from twisted.internet import qtreactor

application = QApplication(sys.argv)
qtreactor.install()

from twisted.internet import reactor

label = QLabel("nothing yet")
label.setWindowTitle("Notices")
label.resize(320, 80)
label.show()


def show(text):
    label.setText(text)
    return label.text()


# Qt ends with its last window, and the reactor with Qt.
serve(reactor, show, label.close, sys.argv[1])
reactor.run()
