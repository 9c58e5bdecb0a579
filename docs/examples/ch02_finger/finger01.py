"""2.6.2 Refuse connections: the reactor runs, and nothing else happens. Ctrl-C ends it.

python finger01.py
"""

from twisted.internet import reactor

reactor.callWhenRunning(print, "Running", flush=True)
reactor.run()
