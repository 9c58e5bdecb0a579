"""Tests for toolkits that the reactor serves: Tk, wx by its support, PyUI's successor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import _wx, pyuisupport, tksupport, wxreactor, wxsupport
from twisted.internet._guipump import Pump
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.task import Clock
from twisted.internet.test.conformance import ReactorSuite
from twisted.internet.test.conformance.recorders import Fault
from twisted.trial.unittest import SynchronousTestCase


class FakeToolkit:
    """A toolkit that turns its timer when its events are served, as all do."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.handlers: list[Callable[[], object]] = []
        self.served = 0
        self.timer: tuple[float, Callable[[], object]] | None = None

    def serve(self) -> None:
        self.served += 1
        self.turn()
        while self.handlers:
            self.handlers.pop()()

    def set_timer(self, milliseconds: int, callback: Callable[[], object]) -> None:
        self.timer = (self._now() + milliseconds / 1000, callback)

    def forget_timer(self) -> None:
        self.timer = None

    def turn(self) -> None:
        if self.timer is not None and self.timer[0] <= self._now():
            callback, self.timer = self.timer[1], None
            callback()

    def dialog(self, isAnswered: Callable[[], object]) -> None:
        """A loop within the loop."""
        while not isAnswered():
            self.turn()


class PumpTests(SynchronousTestCase):
    """By a clock."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.toolkit = FakeToolkit(self.clock.seconds)

    def test_served(self) -> None:
        pump = Pump(self.toolkit, 10, self.clock)
        pump.start()
        self.assertEqual(self.toolkit.served, 0)
        self.clock.pump([0.01] * 5)
        self.assertEqual(self.toolkit.served, 5)
        pump.stop()
        pump.stop()
        self.clock.advance(1)
        self.assertEqual(self.toolkit.served, 5)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stoppedByAHandler(self) -> None:
        pump = Pump(self.toolkit, 10, self.clock)
        pump.start()
        self.toolkit.handlers.append(pump.stop)
        self.clock.advance(0.01)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_handlerRaises(self) -> None:
        """What a toolkit lets through is logged, and it is served on."""
        Pump(self.toolkit, 10, self.clock).start()

        def fail() -> None:
            raise Fault("in a handler")

        self.toolkit.handlers.append(fail)
        self.clock.advance(0.01)
        self.assertEqual(len(self.flushLoggedErrors(Fault)), 1)
        self.clock.advance(0.01)
        self.assertEqual(self.toolkit.served, 2)

    def test_badTime(self) -> None:
        for bad in (-1, float("nan"), float("inf")):
            refused = self.assertRaises(ValueError, Pump, self.toolkit, bad, self.clock)
            self.assertIn("milliseconds", str(refused))


class DialogTests(ReactorSuite):
    """While a toolkit turns a loop of its own, the reactor goes on."""

    reactorFactory = EPollReactor

    def start(self) -> FakeToolkit:
        """A toolkit that is served by the reactor."""
        toolkit = FakeToolkit(self.reactor.seconds)
        Pump(toolkit, 1, self.reactor).start()
        return toolkit

    def test_byAHandler(self) -> None:
        toolkit = self.start()

        async def scenario() -> None:
            seen: list[str] = []
            self.reactor.callLater(0.02, seen.append, "called")
            toolkit.handlers.append(lambda: toolkit.dialog(lambda: seen))
            await self.until(lambda: seen)

        self.play(scenario())

    def test_byTheReactor(self) -> None:
        """A dialog within a dialog, both opened by callbacks of the reactor."""
        toolkit = self.start()

        async def scenario() -> None:
            seen: list[str] = []

            def second() -> None:
                self.reactor.callLater(0.02, seen.append, "in the second")
                toolkit.dialog(lambda: seen)
                seen.append("second")

            def first() -> None:
                self.reactor.callLater(0.02, second)
                toolkit.dialog(lambda: "second" in seen)
                seen.append("first")

            self.reactor.callLater(0, first)
            await self.until(lambda: "first" in seen)
            self.assertEqual(seen, ["in the second", "second", "first"])

        self.play(scenario())

    def test_stoppedInADialog(self) -> None:
        """The reactor may be stopped while one is open; that is waited for."""
        toolkit = self.start()
        seen: list[str] = []
        self.reactor.addSystemEventTrigger("after", "shutdown", seen.append, "shutdown")

        def open() -> None:
            self.reactor.callLater(0.01, self.reactor.stop)
            toolkit.dialog(lambda: seen)
            seen.append("answered")

        toolkit.handlers.append(open)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["shutdown", "answered"])
        self.assertIsNone(toolkit.timer)


class FakeWidget:
    """As much of a widget of Tk as is used."""

    def __init__(self) -> None:
        self.updates = 0
        self.timers: dict[str, Callable[[], object]] = {}
        self.bound: dict[str, Callable[[Any], object]] = {}

    def update(self) -> None:
        self.updates += 1

    def after(self, ms: int, func: Callable[[], object]) -> str:
        name = f"after#{len(self.timers)}"
        self.timers[name] = func
        return name

    def after_cancel(self, id: str) -> None:
        del self.timers[id]

    def bind(self, sequence: str, func: Callable[[Any], object], add: str) -> str:
        assert add == "+", "the program's own must stay"
        self.bound[sequence] = func
        return sequence

    def destroy(self, what: object) -> None:
        """Tell of the end of the widget, or of one in it."""

        class Event:
            widget = what

        self.bound["<Destroy>"](Event)


class TkTests(SynchronousTestCase):
    """`tksupport`, without Tk."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.widget = FakeWidget()
        tksupport.install(self.widget, 20, self.clock)
        self.addCleanup(tksupport.uninstall)

    def test_installed(self) -> None:
        self.clock.pump([0.02] * 3)
        self.assertEqual(self.widget.updates, 3)

    def test_uninstalled(self) -> None:
        tksupport.uninstall()
        tksupport.uninstall()
        self.clock.advance(1)
        self.assertEqual(self.widget.updates, 0)

    def test_installedAgain(self) -> None:
        other = FakeWidget()
        tksupport.install(other, 20, self.clock)
        self.clock.advance(0.02)
        self.assertEqual((self.widget.updates, other.updates), (0, 1))

    def test_badTimeKeepsTheOld(self) -> None:
        self.assertRaises(ValueError, tksupport.install, FakeWidget(), -1, self.clock)
        self.clock.advance(0.02)
        self.assertEqual(self.widget.updates, 1)

    def test_destroyed(self) -> None:
        self.widget.destroy("a button in it")
        self.clock.advance(0.02)
        self.assertEqual(self.widget.updates, 1)
        self.widget.destroy(self.widget)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class FakePygame:
    """As much of pygame as is used, and what was asked of it."""

    OPENGL = 1
    DOUBLEBUF = 2
    FULLSCREEN = 4
    QUIT = 256

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.events: list[int] = []
        self.display = self
        self.event = self

    def init(self) -> None:
        self.asked.append("init")

    def set_mode(self, size: tuple[int, int], flags: int) -> None:
        self.asked.append((size, flags))

    def set_caption(self, title: str) -> None:
        self.asked.append(title)

    def flip(self) -> None:
        self.asked.append("flip")

    def quit(self) -> None:
        self.asked.append("quit")

    def get(self, kind: int) -> list[int]:
        found = [event for event in self.events if event == kind]
        self.events = [event for event in self.events if event != kind]
        return found


class PygameTests(ReactorSuite):
    """`pyuisupport`, without pygame."""

    reactorFactory = EPollReactor

    def setUp(self) -> None:
        super().setUp()
        self.pygame = FakePygame()
        self.patch(pyuisupport, "pygame", self.pygame)

    def test_asDocumented(self) -> None:
        pyuisupport.install(reactor=self.reactor, args=(640, 480), kw={"renderer": "gl"})
        self.assertEqual(self.pygame.asked, ["init", ((640, 480), 3), ""])

    def test_untilTheWindowIsClosed(self) -> None:
        pyuisupport.install(1, self.reactor, kw={"title": "a window", "fullscreen": True})
        # Those of the program's stay in the queue.
        self.pygame.events += [1, 256, 256]
        self.runReactor(self.reactor)
        asked = self.pygame.asked
        self.assertEqual(asked[:4], ["init", ((640, 480), 4), "a window", "flip"])
        self.assertEqual(asked[-1], "quit")
        self.assertEqual(self.pygame.events, [1])

    def test_noSuchArgument(self) -> None:
        self.assertRaises(TypeError, pyuisupport.install, 1, self.reactor, (), {"colour": "red"})
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_notInstalled(self) -> None:
        self.patch(pyuisupport, "pygame", None)
        refused = self.assertRaises(ImportError, pyuisupport.install, 10, self.reactor)
        self.assertIn("pip install pygame", str(refused))


class WxTests(SynchronousTestCase):
    """wx, where there is none."""

    def test_notInstalled(self) -> None:
        self.patch(_wx, "wx", None)
        for call in (wxreactor.install, lambda: wxsupport.install(object())):
            refused = self.assertRaises(ImportError, call)
            self.assertIn("python3-wxgtk4.0", str(refused))
