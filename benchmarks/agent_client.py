"""What a client of HTTP can do: requests on kept connections, so many at a time.

Runs unchanged under each `twisted`, or with aiohttp's client on uvloop:

    python benchmarks/agent_client.py PORT SECONDS IN_FLIGHT [aiohttp]

Prints the requests per second, and the processor time that a second took, as JSON.
"""

import json
import sys
from time import perf_counter, process_time

EXPECTED = b"Hello, world!"
# Before it counts: connections are made, and what is compiled late is compiled.
SETTLE_SECONDS = 0.3


class Meter:
    """Counts what was answered after a while."""

    def __init__(self, seconds):
        self.counting = perf_counter() + SETTLE_SECONDS
        self.end = self.counting + seconds
        self.count = 0
        self.began = None

    def answered(self, body):
        """Count an answer; whether there is time for more."""
        if body != EXPECTED:
            raise SystemExit(f"not the response that was expected: {body!r}")
        now = perf_counter()
        if self.began is None:
            if now >= self.counting:
                self.began, self.busy = now, process_time()
        else:
            self.count += 1
        return now < self.end

    def tell(self):
        took = perf_counter() - self.began
        busy = (process_time() - self.busy) / took
        print(json.dumps({"rate": self.count / took, "server_cpu": busy}))


def with_agent(port, seconds, in_flight):
    from twisted.internet import defer, reactor
    from twisted.web.client import Agent, HTTPConnectionPool, readBody

    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = in_flight
    agent = Agent(reactor, pool=pool)
    uri = b"http://127.0.0.1:%d/hello" % port
    meter = Meter(seconds)

    @defer.inlineCallbacks
    def ask():
        while True:
            response = yield agent.request(b"GET", uri)
            body = yield readBody(response)
            if not meter.answered(body):
                return

    def stop(_):
        meter.tell()
        reactor.stop()

    def begin():
        defer.gatherResults([ask() for _ in range(in_flight)]).addBoth(stop)

    reactor.callWhenRunning(begin)
    reactor.run()


def with_aiohttp(port, seconds, in_flight):
    import aiohttp
    import uvloop

    url = f"http://127.0.0.1:{port}/hello"
    meter = Meter(seconds)

    async def ask(session):
        while True:
            async with session.get(url) as response:
                body = await response.read()
            if not meter.answered(body):
                return

    async def run():
        import asyncio

        connector = aiohttp.TCPConnector(limit=in_flight)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*[ask(session) for _ in range(in_flight)])
        meter.tell()

    uvloop.run(run())


if __name__ == "__main__":
    run = with_aiohttp if sys.argv[4:] == ["aiohttp"] else with_agent
    run(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
