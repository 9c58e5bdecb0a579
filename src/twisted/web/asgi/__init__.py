"""ASGI: applications of ASGI 3 as resources, and what they do before and after they serve.

The coroutines of the application run in the reactor's thread; see the chapter about asyncio.
An application that awaits `receive` and `send` is no faster than its client: nothing piles up.
"""

from twisted.web.asgi._http import ClientDisconnected as ClientDisconnected
from twisted.web.asgi._lifespan import LifespanError as LifespanError
from twisted.web.asgi._lifespan import LifespanService as LifespanService
from twisted.web.asgi._messages import MessageError as MessageError
from twisted.web.asgi._resource import ASGIResource as ASGIResource

__all__ = [
    "ASGIResource",
    "ClientDisconnected",
    "LifespanError",
    "LifespanService",
    "MessageError",
]
