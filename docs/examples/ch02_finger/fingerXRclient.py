"""2.7.7 Testing the finger service by XML-RPC, with the standard library.

python fingerXRclient.py [url]   http://127.0.0.1:8000/RPC2 by default
"""

import sys
from xmlrpc.client import ServerProxy


def main(url="http://127.0.0.1:8000/RPC2"):
    with ServerProxy(url) as server:
        print(server.getUser("moshez"))


if __name__ == "__main__":
    main(*sys.argv[1:])
