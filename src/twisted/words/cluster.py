"""Chat servers that are one: users of several processes, or machines, see one chat, by Redis.

    twistd words --irc-port tcp:6667 --auth file:/etc/chatters --cluster redis://127.0.0.1

Each server publishes what its users do to a channel of Redis, and follows what it hears there from
the others. While Redis is away, each server goes on by itself, and says so, in the log and to its
users; when it is back, they find each other again.

It takes the library ``redis`` (``pip install torsion[redis]``), whose asyncio client runs in the
reactor, and the default reactor, or `twisted.internet.asyncioreactor`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from redis import asyncio as redis
from redis.exceptions import RedisError

from twisted.application.service import Service
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words._link import Link
from twisted.words._news import BadNews

__all__ = ["ClusterService"]

#: Seconds between two signs of life; three that are missing mean that a server, or Redis, is gone.
BEAT = 5.0
_MISSING = 3

#: Seconds until a connection is tried again, or is given up.
RETRY = 2.0
_CONNECTING = 5.0

#: Seconds that a server that stops has to say so.
_LEAVING = 2.0

#: Messages that wait for Redis. With more, it is as good as away; the servers settle afterwards.
MAX_WAITING = 10_000

#: What a URL of Redis begins with.
_SCHEMES = ("redis", "rediss", "unix")

_LOST = "The other servers cannot be reached: you see those on {name} only, until they are back."
_BACK = "The other servers can be reached again."


class ClusterService(Service):
    """Keeps a realm in step with those of other servers.

    Args:
        realm: an `twisted.words.iwords.IChatService`, of which others have the same users.
        url: where Redis is: ``redis://host:port/database``, with ``rediss:`` for TLS, or
            ``unix:///path``.
        channel: the channel of Redis; servers with the same one are one chat. Whoever may publish
            there may speak as anybody.
        beat: seconds between two signs of life.
        retry: seconds until a connection is tried again.
        clock: what time is told by; the reactor by default.

    Attributes:
        link: what is known of the other servers.

    Raises:
        ValueError: that is no URL of Redis.
    """

    def __init__(
        self,
        realm: Any,
        url: str,
        channel: str = "words",
        beat: float = BEAT,
        retry: float = RETRY,
        clock: Any = None,
    ) -> None:
        if urlsplit(url).scheme not in _SCHEMES:
            raise ValueError(f"{url!r} is not where Redis is: write redis://HOST[:PORT][/DB]")
        self.realm = realm
        self.url = url
        self.channel = channel
        self.beat = beat
        self.retry = retry
        self.clock = clock or installedReactor()
        self.link = Link(realm, secrets.token_hex(8), self._send, self.clock.seconds)
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._told = False
        self._work: Deferred[None] | None = None

    def startService(self) -> None:
        """Connect, and stay connected."""
        super().startService()
        self._work = Deferred.fromCoroutine(self._stay())
        self._work.addErrback(self._ended)

    def _ended(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            _log.failure("The link to the other servers has broken", failure)

    def stopService(self) -> Deferred[None]:
        """Say so to the other servers, and disconnect."""
        super().stopService()
        return Deferred.fromCoroutine(self._leave())

    async def _leave(self) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        work.cancel()
        await work

    # The connection.

    async def _stay(self) -> None:
        await self.link.attach()
        while True:
            try:
                await self._talk()
            except* (RedisError, OSError, TimeoutError, BufferError) as errors:
                self._lost(str(errors.exceptions[0]))
            await deferLater(self.clock, self.retry)

    async def _talk(self) -> None:
        """One connection, from its beginning to its end."""
        options: dict[str, Any] = {"socket_connect_timeout": _CONNECTING}
        client = redis.Redis.from_url(self.url, **options)
        self._waiting.clear()
        try:
            pubsub = client.pubsub()
            await pubsub.subscribe(self.channel)
            # What is published before Redis has confirmed would be missed.
            if await pubsub.get_message(timeout=_CONNECTING) is None:
                raise TimeoutError("Redis does not answer")
            await self.link.connected()
            self._found()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(pubsub))
                tasks.create_task(self._beat())
                tasks.create_task(self._write(client))
        except asyncio.CancelledError:
            # The service stops, or the reactor does, which cancels what is left.
            self.link.leave()
            async with asyncio.timeout(_LEAVING):
                await self._publish(client)
            raise
        finally:
            await client.aclose()

    async def _read(self, pubsub: Any) -> None:
        while True:
            # One's own signs of life come back: silence means that Redis is gone.
            message = await pubsub.get_message(timeout=self.beat * _MISSING)
            if message is None:
                raise TimeoutError("Redis is silent")
            if message["type"] != "message":
                continue
            try:
                await self.link.take(message["data"])
            except BadNews as e:
                _log.warn("What came by {channel} is not followed: {error}",
                          channel=self.channel, error=e)  # fmt: skip

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.beat)
            self.link.beat(self.beat * _MISSING)

    async def _write(self, client: Any) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                if len(self._waiting) > MAX_WAITING:
                    raise BufferError(f"{len(self._waiting)} messages wait for Redis")
                await self._publish(client)

    async def _publish(self, client: Any) -> None:
        """Publish what waits."""
        batch = client.pipeline(transaction=False)
        count = len(self._waiting)
        for data in self._waiting:
            batch.publish(self.channel, data)
        await batch.execute()
        for _ in range(count):
            self._waiting.popleft()

    def _send(self, data: bytes) -> None:
        self._waiting.append(data)
        self._wake.set()

    # What users and the log are told.

    def _lost(self, reason: str) -> None:
        was, self._waiting = self.link.up, deque()
        self.link.disconnected("cannot be reached")
        if self._told and not was:
            return  # nothing new
        self._told = True
        _log.warn("Redis cannot be reached, and so no other server: {reason}", reason=reason)
        self.realm.announce(_LOST.format(name=self.realm.name))

    def _found(self) -> None:
        _log.info("Chatting with other servers by {url}", url=_withoutPassword(self.url))
        if self._told:
            self._told = False
            self.realm.announce(_BACK)


def _withoutPassword(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


_log = Logger(namespace=__name__)
