"""A folder with CGI scripts, and scripts that are given to an interpreter.

python scripts.py [port [folder]]       port 8000, and the folder here, by default
"""

import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.web import resource, server, twcgi


class PythonScript(twcgi.FilteredScript):
    """Need not be executable: Python runs it."""

    filter = sys.executable


arguments = dict(enumerate(sys.argv))
folder = arguments.get(2, str(Path(__file__).with_name("cgi-bin")))

root = resource.Resource()
root.putChild(b"cgi-bin", twcgi.CGIDirectory(folder))
root.putChild(b"guests", PythonScript(f"{folder}/guests.txt"))

port = reactor.listenTCP(int(arguments.get(1, 8000)), server.Site(root))
print(f"Listening on port {port.getHost().port}", flush=True)
reactor.run()
