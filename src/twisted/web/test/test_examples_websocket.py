"""The examples of WebSocket, with real browsers and with other programs as their peers."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from twisted.protocols.test._programs import PATIENCE, ServerCase
from twisted.trial.unittest import SkipTest
from twisted.web.test.browser import BrowserCase, Page

#: Waits until an expression is true; the browser tells, nobody asks it again and again.
UNTIL = """new Promise(done => {
    const look = () => (%s) && (watch.disconnect(), done(true));
    const watch = new MutationObserver(look);
    watch.observe(document, {subtree: true, childList: true, characterData: true});
    look();
})"""

#: Connects, says how that ended, and closes.
CONNECT = """new Promise(done => {
    const socket = new WebSocket(%s, "chat");
    socket.onopen = () => { done("open"); socket.close(); };
    socket.onclose = event => done(event.code);
})"""

#: A client of another kind: it says its name and some words, and writes what it hears.
NODE = """
const room = new WebSocket(process.argv[1], ["other", "chat"]);
room.onopen = () => { room.send("node"); room.send("x".repeat(100000)); };
room.onmessage = event => {
    const {line} = JSON.parse(event.data);
    if (line.length > 1000) room.close(3001, "enough");
};
room.onclose = event => console.log(JSON.stringify(
    [room.protocol, room.extensions.split(";")[0], event.code, event.wasClean]));
"""


class ChatTests(BrowserCase, ServerCase):
    """The room."""

    chapter = "websocket"

    def say(self, page: Page, words: str, expected: str) -> None:
        """Say something in a page, and wait until all have heard it."""
        page.fill("#words", words)
        page.run("document.querySelector('button').click()")
        self.hear(page, expected)

    def hear(self, page: Page, expected: str) -> None:
        """Wait until a page shows a line."""
        last = "document.querySelector('#lines').lastElementChild?.textContent"
        self.assertTrue(page.run(UNTIL % f"{last} === {json.dumps(expected)}"))

    def enter(self, page: Page, port: int, host: str = "127.0.0.1") -> None:
        """Open the room in a page."""
        page.open(f"http://{host}:{port}/")
        status = "document.querySelector('#status').textContent"
        self.assertTrue(page.run(UNTIL % f"{status} === 'Connected'"))

    def test_room(self) -> None:
        """Two browsers talk; what they say is text, whatever it looks like; one leaves."""
        with self.server("chat.py") as port:
            alice, bob = self.page(), self.page()
            self.enter(alice, port)
            self.enter(bob, port, "localhost")
            self.say(alice, "Alice", "Alice comes in")
            self.say(bob, "Bob", "Bob comes in")
            words = "<b>Grüße</b> \U0001f30d & <script>document.title = 'hacked'</script>"
            self.say(alice, words, f"Alice: {words}")
            self.hear(bob, f"Alice: {words}")
            self.assertEqual(bob.title, "The room")
            self.assertEqual(bob.all("#here"), ["Alice, Bob"])
            bob.picture("websocket-chat")
            alice.run("room.close()")
            self.hear(bob, "Alice leaves")
            self.assertEqual(bob.all("#here"), ["Bob"])

    def test_twice(self) -> None:
        """A name that is there already is refused, and the page is told why."""
        with self.server("chat.py") as port:
            first, second = self.page(), self.page()
            self.enter(first, port)
            self.enter(second, port)
            self.say(first, "Alice", "Alice comes in")
            second.fill("#words", "Alice")
            second.run("document.querySelector('button').click()")
            status = "document.querySelector('#status').textContent"
            expected = "Closed: 3000 Alice is here already"
            self.assertTrue(second.run(UNTIL % f"{status} === {json.dumps(expected)}"))

    def test_otherSite(self) -> None:
        """A page of another site cannot connect."""
        with self.server("chat.py") as port:
            page = self.page()
            self.enter(page, port, "localhost")
            for host, expected in (("localhost", "open"), ("127.0.0.1", 1006)):
                address = json.dumps(f"ws://{host}:{port}/room")
                self.assertEqual(page.run(CONNECT % address), expected)

    def test_say(self) -> None:
        """A program of ours is a visitor too."""
        with self.server("chat.py") as port:
            url = f"ws://127.0.0.1:{port}/room"
            said = self.finish(self.start("say.py", url, "carol", "Hello, all"))
            self.assertEqual(said.splitlines(), ["carol comes in", "carol: Hello, all"])

    def test_node(self) -> None:
        """And so is one on Node."""
        node = shutil.which("node")
        if node is None:
            raise SkipTest("node is not installed")
        flag = "--experimental-websocket"  # until version 22
        with self.server("chat.py") as port:
            command = [node, flag, "--no-warnings", "-e", NODE, f"ws://127.0.0.1:{port}/room"]
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
            if b"bad option" in done.stderr or b"not defined" in done.stderr:
                raise SkipTest("this version of node has no WebSocket")
            self.assertEqual(done.stderr, b"")
            seen: list[Any] = json.loads(done.stdout)
            self.assertEqual(seen, ["chat", "permessage-deflate", 3001, True])
