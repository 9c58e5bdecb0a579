"""Ask the calculator, or another server of XML-RPC.

python calculate.py [url]       http://127.0.0.1:7080/ by default
"""

import sys

from twisted.internet import defer, task
from twisted.web import xmlrpc


async def main(reactor, url="http://127.0.0.1:7080/"):
    proxy = xmlrpc.Proxy(url, allowNone=True)
    print("methods:", *await proxy.callRemote("system.listMethods"))
    print("3 + 4 =", await proxy.callRemote("add", 3, 4))
    try:
        await proxy.callRemote("divide", 1, 0)
    except xmlrpc.Fault as fault:
        print("1 / 0:", fault.faultString)
    # Three calls at a time.
    print(*await defer.gatherResults([proxy.callRemote("later", n, 0.01) for n in range(3)]))


if __name__ == "__main__":
    task.react(lambda *args: defer.ensureDeferred(main(*args)), sys.argv[1:])
