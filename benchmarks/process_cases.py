"""What it costs to run a short program, for whichever `twisted` the interpreter has, or asyncio.

As a program, prints programs per second and the share of a processor that we had, as JSON:

    .venv/bin/python benchmarks/process_cases.py SECONDS twisted|asyncio
"""

import asyncio
import json
import signal
import sys
from time import perf_counter, process_time

# Beyond which a run that does not end is given up.
LIFETIME_SECONDS = 300

PROGRAM = "/bin/true"


def onTwisted(seconds, report):
    """`getProcessOutput`, one after the other."""
    from twisted.internet import reactor
    from twisted.internet.utils import getProcessOutput

    count = 0
    began = busy = 0.0

    def again(result):
        nonlocal count
        count += 1
        if perf_counter() - began < seconds:
            getProcessOutput(PROGRAM).addCallback(again)
        else:
            report(count, perf_counter() - began, process_time() - busy)
            reactor.stop()

    def begin(result):
        nonlocal began, busy
        began, busy = perf_counter(), process_time()
        getProcessOutput(PROGRAM).addCallback(again)

    # The first one loads what is loaded late.
    reactor.callWhenRunning(lambda: getProcessOutput(PROGRAM).addCallback(begin))
    reactor.run()


def onAsyncio(seconds, report):
    """The same with asyncio's subprocesses, which have the same three pipes."""
    pipe = asyncio.subprocess.PIPE

    async def one():
        child = await asyncio.create_subprocess_exec(PROGRAM, stdin=pipe, stdout=pipe, stderr=pipe)
        await child.communicate()

    async def run():
        await one()
        began, busy, count = perf_counter(), process_time(), 0
        while perf_counter() - began < seconds:
            await one()
            count += 1
        report(count, perf_counter() - began, process_time() - busy)

    asyncio.run(run())


CASES = {"twisted": onTwisted, "asyncio": onAsyncio}


def _report(count, seconds, busy):
    print(json.dumps({"rate": count / seconds, "server_cpu": busy / seconds}), flush=True)


if __name__ == "__main__":
    signal.alarm(LIFETIME_SECONDS)
    CASES[sys.argv[2]](float(sys.argv[1]), _report)
