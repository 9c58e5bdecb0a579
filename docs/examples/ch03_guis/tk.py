"""A window of Tk.

Run it as: python tk.py PORT
"""

import sys
import tkinter

from board import serve

from twisted.internet import reactor, tksupport

root = tkinter.Tk()
root.title("Notices")
label = tkinter.Label(root, text="nothing yet", width=40, height=4)
label.pack()

tksupport.install(root)
# The reactor goes on without the window, unless it is told.
label.bind("<Destroy>", lambda event: reactor.stop())


def show(text):
    label["text"] = text
    return label["text"]


serve(reactor, show, root.destroy, sys.argv[1])
reactor.run()
