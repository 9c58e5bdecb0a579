"""The demo under load on all of its protocols at once: every answer is looked at.

    .venv/bin/python -m benchmarks.demo_load [--seconds 60] [--clients 8]

Starts the demo on ports that the system chooses, and as many clients of each kind as is said. Each
kind that can change something has a user of its own, tells something new of him, and asks for it
by another protocol; the others ask for users who stay as they are. Prints how much was asked, and
the memory of the demo from the first second on and at the end; ends with status 1 if an answer was
wrong or missing.
"""

import argparse
import asyncio
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.parse
import xmlrpc.client
from collections import Counter
from pathlib import Path

from benchmarks.environment import ROOT
from benchmarks.processes import anonymous_bytes

HAPPY = "Happy and well"
# What a client waits for an answer.
PATIENCE_SECONDS = 30
# What the memory may grow by once every client has had answers: allocators keep some.
GROWTH_BYTES = 16 * 1024 * 1024
SETTLED_SHARE = 0.2
PORTS = ("finger", "web", "https", "pb", "irc")


class Wrong(Exception):
    """An answer that is not the right one."""


def check(found, wanted):
    if found != wanted:
        raise Wrong(f"{found!r} instead of {wanted!r}")


class Load:
    """The clients, and what they have done."""

    def __init__(self, port):
        self.port = port
        self.asked = Counter()
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    async def open(self, what):
        tls = self.tls if what == "https" else None
        return await asyncio.open_connection("127.0.0.1", self.port[what], ssl=tls)

    async def ask_finger(self, name):
        reader, writer = await self.open("finger")
        writer.write(f"{name}\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.decode().removesuffix("\r\n")

    async def finger(self, number):
        check(await self.ask_finger("moshez"), HAPPY)

    async def web(self, number):
        await self.page("web")

    async def https(self, number):
        await self.page("https")

    async def page(self, what):
        reader, writer = await self.open(what)
        for _ in range(10):
            status, _, body = await fetch(reader, writer, "GET", "/users/moshez")
            check((status, HAPPY in body), (200, True))
        writer.close()

    async def form(self, number):
        """Tell by the form, ask by Perspective Broker's neighbour, XML-RPC."""
        text = f"form {time.monotonic()}"
        reader, writer = await self.open("web")
        _, headers, body = await fetch(reader, writer, "GET", "/")
        token = re.search('name="token" value="([0-9a-f]+)"', body)[1]
        cookie = headers["set-cookie"].partition(";")[0]
        fields = urllib.parse.urlencode({"name": "zo\u00eb", "text": text, "token": token})
        extra = f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        status, _, _ = await fetch(reader, writer, "POST", "/", extra, fields)
        check(status, 303)
        check(await self.call(reader, writer, "getUser", "zo\u00eb"), text)
        writer.close()

    async def calls(self, number):
        """Tell by XML-RPC, ask by finger."""
        text = f"calls {time.monotonic()} <&>"
        reader, writer = await self.open("web")
        check(await self.call(reader, writer, "setUser", "shawn", text), True)
        check(await self.ask_finger("shawn"), text)
        writer.close()

    async def call(self, reader, writer, method, *arguments):
        body = xmlrpc.client.dumps(arguments, method)
        kind = "Content-Type: text/xml\r\n"
        status, _, answer = await fetch(reader, writer, "POST", "/RPC2", kind, body)
        check(status, 200)
        return xmlrpc.client.loads(answer)[0][0]

    async def chat(self, number):
        """Tell by IRC, wait for what the bot says of it, ask by finger."""
        reader, writer = await self.open("irc")
        nick = f"load{number}"
        writer.write(f"PASS x\r\nNICK {nick}\r\nUSER {nick} 0 * :x\r\nJOIN #town\r\n".encode())
        await until(reader, " 366 ")
        text = f"chat {time.monotonic()}"
        writer.write(f"PRIVMSG townsman :Ada Lovelace = {text}\r\n".encode())
        await until(reader, f" PRIVMSG #town :Ada Lovelace: {text}")
        check(await self.ask_finger("Ada Lovelace"), text)
        writer.write(b"QUIT\r\n")
        await reader.read()
        writer.close()

    async def broker(self, number):
        """Perspective Broker, by the client of the demo: a process each time."""
        program = ROOT / "docs" / "examples" / "demo" / "ask.py"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(program), "pb", str(self.port["pb"]), "moshez"),
            stdout=subprocess.PIPE,
        )
        answer, _ = await process.communicate()
        check(answer.decode().strip(), HAPPY)

    async def repeat(self, kind, number, end):
        while time.monotonic() < end:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await getattr(self, kind)(number)
            self.asked[kind] += 1

    async def run(self, seconds, clients, pid):
        end = time.monotonic() + seconds
        # Those that tell something have a user to themselves, so there is one of each.
        kinds = {"finger": clients, "web": clients, "https": clients}
        kinds |= dict.fromkeys(("form", "calls", "chat", "broker"), 1)
        async with asyncio.TaskGroup() as group:
            for kind, count in kinds.items():
                for number in range(count):
                    group.create_task(self.repeat(kind, number, end))
            await asyncio.sleep(seconds * SETTLED_SHARE)
            before = anonymous_bytes(pid)
        return before, anonymous_bytes(pid)


async def fetch(reader, writer, method, path, headers="", body=""):
    """A request of HTTP/1.1: the status, the headers and the body of the response."""
    data = body.encode()
    length = f"Content-Length: {len(data)}\r\n" if data else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n"
    writer.write(head.encode() + data)
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    found = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if found.get("transfer-encoding") == "chunked":
        pieces = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        content = b"".join(pieces)
    else:
        content = await reader.readexactly(int(found.get("content-length", 0)))
    return int(status.split()[1]), found, content.decode()


async def until(reader, part):
    """Read lines until one has something in it."""
    while part not in (line := (await reader.readline()).decode()):
        if not line:
            raise Wrong(f"the connection ends before {part!r}")


def start():
    """Run the demo; the process, and its ports."""
    options = [word for name in PORTS for word in (f"--{name}", "0")]
    words = [Path(sys.executable).with_name("twistd"), "--nodaemon", "--pidfile=", "finger"]
    log = ["--logfile", "/dev/null"]
    demo = subprocess.Popen(
        [*words[:3], *log, *words[3:], *options],
        env={"PYTHONPATH": str(ROOT / "docs" / "examples" / "demo"), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    said = ""
    while "Ctrl-C" not in said:
        line = demo.stdout.readline()
        if not line:
            raise SystemExit("the demo does not start")
        said += line
    patterns = {
        "finger": r"Finger .* (\d+)$",
        "web": r"Web .*:(\d+)/$",
        "https": r"HTTPS .*:(\d+)/",
        "pb": r"PB .* pb (\d+) ",
        "irc": r"IRC .* (\d+)$",
    }
    port = {name: int(re.search(of, said, re.MULTILINE)[1]) for name, of in patterns.items()}
    return demo, port


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8, help="of finger, pages, and pages by TLS")
    options = parser.parse_args()
    demo, port = start()
    load = Load(port)
    try:
        before, after = asyncio.run(load.run(options.seconds, options.clients, demo.pid))
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate()
    for kind, count in load.asked.items():
        print(f"{kind:10}{count:8,}")
    settled = f"after {SETTLED_SHARE:.0%}"
    print(f"memory    {before / 1e6:8.1f} MB {settled}, {after / 1e6:.1f} MB in the end")
    if demo.returncode or after - before > GROWTH_BYTES:
        raise SystemExit(f"status {demo.returncode}, grown by {(after - before) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
