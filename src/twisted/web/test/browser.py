"""A real browser for tests: Chromium without a window, told what to do over two pipes.

It speaks the DevTools protocol, messages of JSON that end with NUL, on its descriptors 3 and 4.
Everything here waits for the browser; tests whose server runs in the same process call it from
another thread: `await threads.deferToThread(page.open, url)`.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, ClassVar

from twisted.trial.unittest import SkipTest, SynchronousTestCase

#: The names under which systems have the browser.
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: Seconds after which a browser that says nothing is given up; nothing here waits for time.
PATIENCE = 30
#: Descriptors are moved there first, so that none lies where another one is to be.
HIGH = 10
#: Where pictures are kept: a folder in that of the test run, or the one that this variable names.
FOLDER = "TORSION_SCREENSHOTS"
#: The size of a window in pixels.
SIZE = (900, 600)

OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    # It asks nobody but the server of the test.
    "--disable-background-networking",
    "--disable-component-update",
    "--proxy-server=direct://",
    # The pages are our own; root has no sandbox, and many a container has not what one needs.
    "--no-sandbox",
    # In containers the shared memory is small.
    "--disable-dev-shm-usage",
)


class BrowserError(Exception):
    """The browser cannot do what it was asked for; says why."""


class Browser:
    """A browser that runs.

    Args:
        program: its path.
    """

    def __init__(self, program: str) -> None:
        # In the folder of the test run: what the browser writes while it ends may stay there.
        self._profile = tempfile.mkdtemp(prefix="browser-", dir=Path.cwd())
        words = [program, *OPTIONS, f"--user-data-dir={self._profile}", "about:blank"]
        self._commands, self._said, self._pid = _spawn(words)
        self._buffer = b""
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def page(self) -> Page:
        """Open a window that knows nothing of others: no cookies, nothing cached."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        made = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        words = {"targetId": made["targetId"], "flatten": True}
        return Page(self, self.call("Target.attachToTarget", **words)["sessionId"], context)

    def call(self, method: str, session: str | None = None, **parameters: object) -> Any:
        """Call a method of the DevTools protocol; returns its result, raises `BrowserError`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                break
            self._events.append(answer)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def forget(self) -> None:
        """Let go of the events that nobody has waited for."""
        self._events.clear()

    def wait(self, method: str, session: str) -> dict[str, Any]:
        """Wait for an event of a window; returns it."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if event.get("method") == method and event.get("sessionId") == session:
                    return event
            self._events.append(self._read())

    def close(self) -> None:
        """End the browser, and forget what it has kept."""
        try:
            self.call("Browser.close")
        finally:
            os.close(self._commands)
            os.close(self._said)
            os.waitpid(self._pid, 0)
            shutil.rmtree(self._profile, ignore_errors=True)

    def _read(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._said], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._said, 65536) if ready else b""
            if not data:
                raise BrowserError("the browser has ended" if ready else "the browser is silent")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        event: dict[str, Any] = json.loads(message)
        return event


class Page:
    """One window of a browser."""

    def __init__(self, browser: Browser, session: str, context: str) -> None:
        self._browser = browser
        self._session = session
        self._context = context
        width, height = SIZE
        self.call("Page.enable")
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **screen)

    def call(self, method: str, **parameters: object) -> Any:
        """Call a method of the DevTools protocol on this window."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, url: str) -> str:
        """Go to an address; returns the text that is shown once it is there."""
        self._browser.forget()
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure is not None:
            raise BrowserError(f"{url}: {failure}")
        return self._loaded()

    def follow(self, selector: str) -> str:
        """Click on what leads to another page; returns the text of that page."""
        self._browser.forget()
        self.run(f"{_one(selector)}.click()")
        return self._loaded()

    def fill(self, selector: str, text: str) -> None:
        """Write into a field."""
        self.run(f"{_one(selector)}.value = {json.dumps(text)}")

    def run(self, expression: str) -> Any:
        """Evaluate an expression of JavaScript; a promise is waited for."""
        words = {"returnByValue": True, "awaitPromise": True}
        answer = self.call("Runtime.evaluate", expression=expression, **words)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    @property
    def text(self) -> str:
        """The text as a person sees it."""
        return str(self.run("document.body.innerText"))

    @property
    def title(self) -> str:
        """The title of the document."""
        return str(self.run("document.title"))

    @property
    def url(self) -> str:
        """The address."""
        return str(self.run("location.href"))

    def all(self, selector: str) -> list[str]:
        """The texts of every element that a selector of CSS finds."""
        found = f"document.querySelectorAll({json.dumps(selector)})"
        texts: list[str] = self.run(f"Array.from({found}, one => one.innerText)")
        return texts

    def trustAll(self) -> None:
        """Take any certificate from now on."""
        self.call("Security.setIgnoreCertificateErrors", ignore=True)

    def picture(self, name: str) -> Path:
        """Keep what the window shows as `name`.png; returns the path of that file."""
        folder = Path(os.environ.get(FOLDER, "screenshots"))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
        return path

    def close(self) -> None:
        """Close the window, and forget its cookies."""
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def _loaded(self) -> str:
        self._browser.wait("Page.loadEventFired", self._session)
        return self.text


class BrowserCase(SynchronousTestCase):
    """Tests that look at pages: one browser for all of a class, a window for each test."""

    _browser: ClassVar[Browser | None] = None

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        if cls._browser is not None:
            cls._browser.close()
            cls._browser = None

    def page(self) -> Page:
        """A window of a browser, until the test ends; without a browser the test is skipped."""
        cls = type(self)
        if cls._browser is None:
            program = next(filter(None, map(shutil.which, NAMES)), None)
            if program is None:
                raise SkipTest("there is no Chromium")
            cls._browser = Browser(program)
        page = cls._browser.page()
        self.addCleanup(page.close)
        return page


def _one(selector: str) -> str:
    """The expression of the element that a selector of CSS finds."""
    return f"document.querySelector({json.dumps(selector)})"


def _spawn(words: list[str]) -> tuple[int, int, int]:
    """Start a program that reads from 3 and writes to 4; our ends of these, and its process id."""
    theirInput, ourOutput = os.pipe()
    ourInput, theirOutput = os.pipe()
    moved = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, HIGH) for one in (theirInput, theirOutput)]
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, moved[0], 3),
        (os.POSIX_SPAWN_DUP2, moved[1], 4),
    ]
    try:
        pid = os.posix_spawn(words[0], words, os.environ, file_actions=actions)
    finally:
        for one in (theirInput, theirOutput, *moved):
            os.close(one)
    return ourOutput, ourInput, pid
