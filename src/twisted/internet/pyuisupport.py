"""A window of PyUI's successor in a program that the reactor runs; chapter 3.9.6.

PyUI, which the chapter names, is for Python 2 and has long been gone.  What it stood on is here
in its place: pygame.  The call is the same, and so is the window::

    from twisted.internet import pyuisupport, reactor
    pyuisupport.install(args=(640, 480), kw={"renderer": "gl"})
    reactor.run()

Draw on `pygame.display.get_surface()`, and take events from `pygame.event.get()`, in calls of
the reactor (`task.LoopingCall`).  What is drawn is shown every `ms` milliseconds.  Closing the
window stops the reactor, unless the program has taken that event (`pygame.QUIT`) itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twisted.internet._guipump import Pump
from twisted.internet._reactor import installedReactor
from twisted.internet.error import ReactorNotRunning

try:
    import pygame
except ImportError:
    pygame = None

__all__ = ["install"]


class _Pygame:
    """A `Toolkit` of one window.

    Args:
        toolkit: the module `pygame`.
        onClose: called when the user closes the window.
    """

    def __init__(self, toolkit: Any, onClose: Callable[[], object]) -> None:
        self._pygame = toolkit
        self._onClose = onClose

    def open(
        self,
        width: int = 640,
        height: int = 480,
        renderer: str = "2d",
        fullscreen: bool = False,
        title: str = "",
    ) -> None:
        """Open the window; the arguments are those of PyUI's `init`."""
        module = self._pygame
        flags = module.OPENGL | module.DOUBLEBUF if renderer == "gl" else 0
        if fullscreen:
            flags |= module.FULLSCREEN
        module.display.init()
        module.display.set_mode((width, height), flags)
        module.display.set_caption(title)

    def close(self) -> None:
        """Close the window."""
        self._pygame.display.quit()

    def serve(self) -> None:
        if self._pygame.event.get(self._pygame.QUIT):
            self._onClose()
        self._pygame.display.flip()

    def set_timer(self, milliseconds: int, callback: Callable[[], object]) -> None:
        """Not needed: pygame runs no loop, so that it never holds the reactor up."""

    def forget_timer(self) -> None:
        """There is none."""

    def __repr__(self) -> str:
        return "<pygame in the reactor>"


def install(
    ms: float = 10,
    reactor: Any = None,
    args: Sequence[Any] = (),
    kw: Mapping[str, Any] = {},
) -> None:
    """Open a window, and let the reactor serve it until the reactor stops.

    Args:
        ms: milliseconds between two looks at the events.
        reactor: the reactor, an `IReactorCore` and `IReactorTime`; the installed one by default.
        args: width, height and further arguments by position.
        kw: arguments by name: ``width``, ``height``, ``renderer`` ("gl" for OpenGL),
            ``fullscreen``, ``title``.

    Raises:
        ImportError: pygame is not there.
        TypeError: there is no such argument.
        ValueError: `ms` is negative.
    """
    if pygame is None:
        raise ImportError("pyuisupport needs PyUI's successor: pip install pygame")
    if reactor is None:
        reactor = installedReactor()
    toolkit = _Pygame(pygame, lambda: _stop(reactor))
    pump = Pump(toolkit, ms, reactor)
    toolkit.open(*args, **kw)
    pump.start()
    reactor.addSystemEventTrigger("after", "shutdown", toolkit.close)


def _stop(reactor: Any) -> None:
    try:
        reactor.stop()
    except ReactorNotRunning:
        # Whoever presses twice has been heard the first time.
        pass
