"""The address of a name, for those who accept no names.

Start it with a name; example.com if there is none.
"""

import sys

from twisted.internet import reactor

name = sys.argv[1] if len(sys.argv) > 1 else "example.com"


def gotIP(ip):
    print(f"IP of {name!r} is", ip)


def noIP(failure):
    print(failure.getErrorMessage())


reactor.resolve(name).addCallbacks(gotIP, noIP).addBoth(lambda _: reactor.stop())
reactor.run()
