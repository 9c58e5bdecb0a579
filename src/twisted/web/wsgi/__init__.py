"""WSGI: applications of PEP 3333 as resources.

The application is called in a thread of a pool. What it reads and writes goes through the reactor's
thread, a piece at a time: neither a slow client nor a fast one fills the memory.
"""

from twisted.web.wsgi._resource import WSGIResource as WSGIResource

__all__ = ["WSGIResource"]
