"""ASGI: what applications do before they serve, and afterwards."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import globalLogPublisher
from twisted.web import asgi
from twisted.web.asgi import _lifespan
from twisted.web.test.test_asgi import BODY, START, Message, Receive, Send
from twisted.web.test.test_server import SiteTestCase


class LifespanTests(SiteTestCase):
    """`LifespanService`."""

    def setUp(self) -> None:
        super().setUp()
        self.time = Clock()
        self.heard: list[str] = []
        self.go: Deferred[None] = Deferred()
        self.logged = EventLoggingObserver.createWithCleanup(self, globalLogPublisher)

    def serve(self, application: Any) -> asgi.LifespanService:
        """A service for an application, which is served."""
        made = self.site.resource = asgi.ASGIResource(application)
        return asgi.LifespanService(made, self.time)

    async def living(self, scope: Message, receive: Receive, send: Send) -> None:
        """An application that takes its time."""
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                self.heard.append(message["type"])
                await self.go
                scope["state"]["made"] = 1
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        self.heard.append(repr(scope["state"]))
        await send(START)
        await send(BODY)

    def test_table(self) -> None:
        """Every state is there for a reason: it can be reached, and left."""
        for state in _lifespan.State:
            self.assertIn(state, [now for now, _ in _lifespan.TRANSITIONS])
            self.assertIn(state, _lifespan.TRANSITIONS.values())

    def test_life(self) -> None:
        """Requests wait until the application is ready; it is heard out in the end."""
        service = self.serve(self.living)
        service.startService()
        self.assertEqual(self.get(b"/"), b"")
        ready = service.whenReady()
        self.assertNoResult(ready)
        self.go.callback(None)
        self.successResultOf(ready)
        self.assertTrue(self.written().endswith(b"body"))
        self.assertTrue(self.get(b"/").endswith(b"body"))
        self.go = Deferred()
        stopped = service.stopService()
        self.assertNoResult(stopped)
        self.go.callback(None)
        self.successResultOf(stopped)
        state = "{'made': 1}"
        self.assertEqual(self.heard, ["lifespan.startup", state, state, "lifespan.shutdown"])
        self.assertEqual(self.time.getDelayedCalls(), [])
        # Once more.
        service.startService()
        self.successResultOf(service.whenReady())
        self.successResultOf(service.stopService())

    def test_without(self) -> None:
        """An application that knows no lifespan is served without."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            assert scope["type"] == "http", scope["type"]
            await send(START)
            await send(BODY)

        service = self.serve(application)
        service.startService()
        self.assertTrue(self.get(b"/").endswith(b"body"))
        self.successResultOf(service.stopService())

    def test_refuses(self) -> None:
        """One that cannot start answers 503, and the log says why."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            raise RuntimeError("no database")

        service = self.serve(application)
        service.startService()
        ready = service.whenReady()
        error = self.failureResultOf(ready, asgi.LifespanError)
        self.assertEqual(str(error.value), "no database")
        self.assertTrue(self.get(b"/").startswith(b"HTTP/1.1 503 "))
        critical = [event for event in self.logged if event["log_level"].name == "critical"]
        self.assertEqual([event["why"] for event in critical], ["no database"])
        self.successResultOf(service.stopService())

    def test_stoppedEarly(self) -> None:
        """It may be stopped before it is ready; a request that waits for it is let go."""
        service = self.serve(self.living)
        service.startService()
        self.get(b"/")
        self.lose()
        stopped = service.stopService()
        self.go.callback(None)
        self.successResultOf(stopped)
        self.assertEqual(self.heard, ["lifespan.startup", "lifespan.shutdown"])

    def test_hangs(self) -> None:
        """One that does not clean up in time is cancelled."""
        service = self.serve(self.living)
        self.go.callback(None)
        service.startService()
        self.go = Deferred()
        stopped = service.stopService()
        self.time.advance(_lifespan.SHUTDOWN_SECONDS + 1)
        self.successResultOf(stopped)
        self.assertTrue(any("cleaned up" in event["log_format"] for event in self.logged))

    def test_fails(self) -> None:
        """What is raised while it serves, or as it stops, is logged; it is served on."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await self.looking(send)
                return
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await self.go
            raise ZeroDivisionError

        service = self.serve(application)
        service.startService()
        self.go.callback(None)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertTrue(self.get(b"/").endswith(b"body"))
        self.successResultOf(service.stopService())

    async def looking(self, send: Send) -> None:
        """Answer."""
        await send(START)
        await send(BODY)

    def test_wrong(self) -> None:
        """Messages that are none."""

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            for kind in ("x", "lifespan.shutdown.complete"):
                try:
                    await send({"type": kind})
                except asgi.MessageError as error:
                    self.heard.append(str(error))
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.failed", "message": "stuck"})

        service = self.serve(application)
        service.startService()
        self.assertEqual(len(self.heard), 2)
        self.successResultOf(service.stopService())
        self.assertIn("stuck", [event.get("why") for event in self.logged])
