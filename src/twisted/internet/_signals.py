"""The reactor and the signals of its process.

Theory of operation
-------------------
Python runs a signal's handler in the main thread between two of its instructions,
and restarts the system call in which the loop waits.  A handler that only asks the
reactor to stop would therefore go unheard until the next event.  So the C half of the
handler is given a descriptor to write to (`signal.set_wakeup_fd`), which is the
waker's: the wait ends, and the loop sees what was asked.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

Handler = Callable[[int, "FrameType | None"], object]


class SignalHandlers:
    """Installs handlers, and puts back those that were there.

    Args:
        handlers: by signal number.
        wakeupFD: gives the descriptor that ends the loop's wait, or -1.
    """

    def __init__(self, handlers: dict[int, Handler], wakeupFD: Callable[[], int]) -> None:
        self._handlers = handlers
        self._wakeupFD = wakeupFD
        self._previous: dict[int, object] = {}
        self._previousWakeup: int | None = None

    def install(self) -> None:
        """Take the signals over.

        A SIGINT handler that the program set itself is left in place.

        Raises:
            ValueError: this is not the main thread.
        """
        if threading.current_thread() is not threading.main_thread():
            raise ValueError(
                "signals can only be handled in the main thread: "
                "in another one, call reactor.run(installSignalHandlers=False)"
            )
        for number, handler in self._handlers.items():
            current = signal.getsignal(number)
            if number == signal.SIGINT and current is not signal.default_int_handler:
                continue
            self._previous[number] = current
            signal.signal(number, handler)
        fd = self._wakeupFD()
        if fd >= 0:
            self._previousWakeup = signal.set_wakeup_fd(fd, warn_on_full_buffer=False)

    def uninstall(self) -> None:
        """Give the signals back to whom they belonged; harmless without `install`."""
        for number, handler in self._previous.items():
            # None: the handler was not set from Python, and cannot be set again.
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)  # type: ignore[arg-type]
        self._previous.clear()
        if self._previousWakeup is not None:
            signal.set_wakeup_fd(self._previousWakeup)
            self._previousWakeup = None
