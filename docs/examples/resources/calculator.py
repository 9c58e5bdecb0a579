"""A calculator that any client of XML-RPC can use.

python calculator.py [port]     port 7080 by default; 0 lets the system choose
"""

import sys

from twisted.internet import reactor, task
from twisted.web import server, xmlrpc


class Calculator(xmlrpc.XMLRPC):
    def xmlrpc_add(self, *numbers):
        """Add numbers."""
        return sum(numbers)

    def xmlrpc_divide(self, a, b):
        """Divide a number by another."""
        if not b:
            raise xmlrpc.Fault(17, "division by zero")
        return a / b

    async def xmlrpc_later(self, value, seconds):
        """Give something back, later."""
        await task.deferLater(reactor, seconds)
        return value


def main(port=7080):
    root = Calculator(allowNone=True)
    xmlrpc.addIntrospection(root)
    listening = reactor.listenTCP(port, server.Site(root))
    if port == 0:
        print("Listening on port", listening.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
