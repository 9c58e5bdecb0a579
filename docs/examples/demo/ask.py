"""Ask the demonstration server how someone is, or tell it.

python ask.py xmlrpc|pb PORT NAME [TEXT]
"""

import sys

from twisted.internet import endpoints, task
from twisted.spread import pb
from twisted.web import xmlrpc


async def byXMLRPC(reactor, port, method, *args):
    proxy = xmlrpc.Proxy(b"http://127.0.0.1:%d/RPC2" % port)
    return await proxy.callRemote(method, *args)


async def byPB(reactor, port, method, *args):
    factory = pb.PBClientFactory()
    endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port).connect(factory)
    try:
        known = await factory.getRootObject()
        return await known.callRemote(method, *args)
    finally:
        factory.disconnect()


async def main(reactor, how, port, name, text=None):
    ask = {"xmlrpc": byXMLRPC, "pb": byPB}[how]
    if text is not None:
        await ask(reactor, int(port), "setUser", name, text)
    print(await ask(reactor, int(port), "getUser", name))


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    task.react(lambda reactor: main(reactor, *sys.argv[1:]))
