"""What Windows does for the loop: a contract, and the calls that keep it.

The contract is all that the rest knows of Windows: the tests give something else that keeps it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

#: What `Kernel.select_events` can be told to record; <winsock2.h>.
FD_READ = 0x01
FD_WRITE = 0x02
FD_ACCEPT = 0x08
FD_CONNECT = 0x10
FD_CLOSE = 0x20

#: How many handles `Kernel.wait` takes: MAXIMUM_WAIT_OBJECTS, less the one for messages.
MAX_HANDLES = 63


class Kernel(Protocol):
    """What the loop wants of Windows.  Handles are plain numbers."""

    def create_event(self) -> int:
        """A new event, which stays set until it is reset."""

    def reset_event(self, handle: int) -> None:
        """Let an event be set no more."""

    def close_event(self, handle: int) -> None:
        """Give an event back."""

    def select_events(self, fd: int, handle: int, mask: int) -> None:
        """Set an event when one of `mask` happens to a socket; with 0, no more.

        What happens is recorded once, and again only after the call (to receive, to send) that
        it is about; it is recorded at once if it has happened already.

        Raises:
            OSError: `fd` is not a socket.
        """

    def wait(self, handles: Sequence[int], timeout: float | None) -> int | None:
        """Wait until a handle is set or a message has come, at most `timeout` seconds.

        Returns: which of `handles` is the first that is set; their number, if there is a message
            instead; None if there is nothing.

        Raises:
            OSError: one of them is not the handle of something that can be waited for.
        """

    def pump_messages(self) -> bool:
        """Dispatch the messages that wait; the answer is no if one of them says to quit."""


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes
    from math import ceil

    _INFINITE = 0xFFFFFFFF
    _WAIT_ABANDONED = 0x80
    _WAIT_TIMEOUT = 0x102
    _WAIT_FAILED = 0xFFFFFFFF
    _QS_ALLINPUT = 0x04FF
    _MWMO_INPUTAVAILABLE = 0x0004
    _PM_REMOVE = 0x0001
    _WM_QUIT = 0x0012

    _winsock = ctypes.WinDLL("ws2_32", use_last_error=True)
    _winsock.WSACreateEvent.restype = wintypes.HANDLE
    _winsock.WSAResetEvent.argtypes = [wintypes.HANDLE]
    _winsock.WSACloseEvent.argtypes = [wintypes.HANDLE]
    _winsock.WSAEventSelect.argtypes = [ctypes.c_size_t, wintypes.HANDLE, ctypes.c_long]
    _user = ctypes.WinDLL("user32", use_last_error=True)
    _user.MsgWaitForMultipleObjectsEx.restype = wintypes.DWORD
    _user.MsgWaitForMultipleObjectsEx.argtypes = [
        wintypes.DWORD,
        ctypes.POINTER(wintypes.HANDLE),
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.DWORD,
    ]
    _message = ctypes.POINTER(wintypes.MSG)
    _user.PeekMessageW.argtypes = [
        _message,
        wintypes.HWND,
        wintypes.UINT,
        wintypes.UINT,
        wintypes.UINT,
    ]
    _user.TranslateMessage.argtypes = [_message]
    _user.DispatchMessageW.argtypes = [_message]
    _user.DispatchMessageW.restype = ctypes.c_ssize_t

    class WindowsKernel:
        """Windows itself."""

        def create_event(self) -> int:
            handle = _winsock.WSACreateEvent()
            if not handle:
                raise ctypes.WinError(ctypes.get_last_error())
            return int(handle)

        def reset_event(self, handle: int) -> None:
            _winsock.WSAResetEvent(handle)

        def close_event(self, handle: int) -> None:
            _winsock.WSACloseEvent(handle)

        def select_events(self, fd: int, handle: int, mask: int) -> None:
            if _winsock.WSAEventSelect(fd, handle if mask else None, mask):
                raise ctypes.WinError(ctypes.get_last_error())

        def wait(self, handles: Sequence[int], timeout: float | None) -> int | None:
            # Rounded up: a timer that is woken early would be waited for in a circle.
            milliseconds = _INFINITE if timeout is None else ceil(timeout * 1000)
            found: int = _user.MsgWaitForMultipleObjectsEx(
                len(handles),
                (wintypes.HANDLE * len(handles))(*handles),
                milliseconds,
                _QS_ALLINPUT,
                _MWMO_INPUTAVAILABLE,
            )
            if found == _WAIT_FAILED:
                raise ctypes.WinError(ctypes.get_last_error())
            if found == _WAIT_TIMEOUT:
                return None
            # A mutex whose owner has died is as good as free.
            return found - _WAIT_ABANDONED if found >= _WAIT_ABANDONED else found

        def pump_messages(self) -> bool:
            message = wintypes.MSG()
            goes_on = True
            while _user.PeekMessageW(ctypes.byref(message), None, 0, 0, _PM_REMOVE):
                if message.message == _WM_QUIT:
                    goes_on = False
                else:
                    _user.TranslateMessage(ctypes.byref(message))
                    _user.DispatchMessageW(ctypes.byref(message))
            return goes_on


def platform_kernel() -> Kernel:
    """Windows itself.

    Raises:
        ImportError: this is not Windows.
    """
    if sys.platform == "win32":
        return WindowsKernel()
    raise ImportError(
        f"these events are of Windows, and this is {sys.platform}: "
        "install the epoll, kqueue or select reactor instead"
    )
