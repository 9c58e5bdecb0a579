"""Users by PAM, the system's own way to find out who they are (``pam(3)``).

Theory of operation.  A PAM module asks what it wants to know: a password, a code, perhaps nothing.
The library calls back with its questions, its *conversation*, in the thread that waits for it, and
takes the answers in memory of its own kind.  So a login takes a thread from beginning to end; the
answers come from the loop's thread, as Deferreds.

The library is that of the system, ``libpam``, which is called as it is.  PAM itself has helpers for
what only root may see; but for most of its modules, a process that is not root can check its own
user only.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes.util import find_library
from functools import lru_cache
from typing import Any, TypeAlias

from zope.interface import Attribute, implementer

from twisted.cred._secrets import asBytes
from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import ICredentials, IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread, deferToThread
from twisted.logger import Logger

__all__ = [
    "PAM_ERROR_MSG",
    "PAM_PROMPT_ECHO_OFF",
    "PAM_PROMPT_ECHO_ON",
    "PAM_TEXT_INFO",
    "IPluggableAuthenticationModules",
    "PAMError",
    "PluggableAuthenticationModules",
    "PluggableAuthenticationModulesChecker",
    "callIntoPAM",
    "pamAuthenticate",
]

_log = Logger()

#: What a message wants: an answer that must not be shown as it is typed, one that may, or none.
PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON, PAM_ERROR_MSG, PAM_TEXT_INFO = 1, 2, 3, 4

#: Bytes of the longest answer (``PAM_MAX_RESP_SIZE``), its NUL included.
MAX_RESPONSE = 512
#: Messages in one turn (``PAM_MAX_NUM_MSG``).
MAX_MESSAGES = 32

_SUCCESS, _CONVERSATION_FAILED = 0, 19
#: The modules say nothing themselves; who has no password does not get in without one.
_SILENT, _DISALLOW_NULL_PASSWORD = 0x8000, 1

#: Given messages, each a text and what it wants, gives as many answers, each with a zero.
Conversation: TypeAlias = Callable[[list[tuple[str, int]]], Any]


class PAMError(Exception):
    """PAM does not let somebody in.

    Attributes:
        code: its number for the reason, such as 7 for a wrong password (Linux).
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} (PAM error {code})")
        self.code = code


class IPluggableAuthenticationModules(ICredentials):
    """A name, and somebody to be asked whatever PAM wants to know."""

    username: str | bytes = Attribute("The user's name.")

    def pamConversion(messages: list[tuple[str, int]]) -> Any:
        """Answer some messages.

        Args:
            messages: each a text, and what it wants: `PAM_PROMPT_ECHO_OFF` and so on.

        Returns:
            An answer for each, as ``(text, 0)``, or a Deferred of that; "" where none is wanted.
        """


@implementer(IPluggableAuthenticationModules)
class PluggableAuthenticationModules:
    """A name, and a function to be asked."""

    def __init__(self, username: str | bytes, pamConversion: Conversation) -> None:
        """
        Args:
            username: the user's name.
            pamConversion: see `IPluggableAuthenticationModules.pamConversion`.
        """
        self.username = username
        self.pamConversion = pamConversion


@implementer(ICredentialsChecker)
class PluggableAuthenticationModulesChecker:
    """Lets in whom PAM lets in: with a password, or by a conversation.

    Attributes:
        service: by which name PAM finds out what to do, as in ``/etc/pam.d``.
    """

    credentialInterfaces = (IPluggableAuthenticationModules, IUsernamePassword)

    def __init__(self, service: str = "twisted") -> None:
        self.service = service

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Fires with the name, as the credentials have it; or fails with `UnauthorizedLogin`."""
        username = credentials.username
        if IPluggableAuthenticationModules.providedBy(credentials):
            asked = pamAuthenticate(self.service, username, credentials.pamConversion)
        else:
            answer = _passwordOnly(username, credentials.password)
            asked = deferToThread(callIntoPAM, self.service, username, answer)
        return asked.addCallbacks(lambda _: username, _refuse)


def _refuse(reason: Any) -> None:
    reason.trap(PAMError)
    _log.info("PAM refuses a login: {reason}", reason=reason.value)
    raise UnauthorizedLogin("The name or the password is wrong.")


def _passwordOnly(username: str | bytes, password: str | bytes) -> Conversation:
    answers = {PAM_PROMPT_ECHO_OFF: password, PAM_PROMPT_ECHO_ON: username}
    return lambda messages: [(answers.get(wanted, ""), 0) for _, wanted in messages]


def pamAuthenticate(service: str, user: str | bytes, conv: Conversation) -> Deferred[None]:
    """Ask PAM about somebody, in a thread.

    Args:
        service: by which name PAM finds out what to do.
        user: whom it is about.
        conv: called in the reactor's thread; see `IPluggableAuthenticationModules.pamConversion`.

    Returns:
        A Deferred that fires with None if they are who they say, and may come in; and fails with
        `PAMError` if not, or if there is no PAM.
    """
    reactor = installedReactor()

    def ask(messages: list[tuple[str, int]]) -> Any:
        return blockingCallFromThread(reactor, conv, messages)

    return deferToThread(callIntoPAM, service, user, ask)


def callIntoPAM(service: str, user: str | bytes, conv: Conversation) -> None:
    """`pamAuthenticate`, blocking: ``conv`` is called in this thread, and gives the answers."""
    name = asBytes(user)
    library = _library()
    if library is None:
        raise PAMError(-1, "this system has no libpam")
    if b"\0" in name:
        raise PAMError(-1, "no user has a NUL in the name")
    speaking = _Speaking(conv)
    conversation = _Conversation(_Callback(speaking), None)
    handle = ctypes.c_void_p()
    code = library.pam_start(
        service.encode(), name, ctypes.byref(conversation), ctypes.byref(handle)
    )
    if code == _SUCCESS:
        flags = _SILENT | _DISALLOW_NULL_PASSWORD
        # Who they are, and then whether they may come in now.
        for step in (library.pam_authenticate, library.pam_acct_mgmt):
            code = step(handle, flags)
            if code != _SUCCESS:
                break
        text = library.pam_strerror(handle, code)
        library.pam_end(handle, code)
    else:
        text = b"PAM does not start"
    if speaking.error is not None:
        raise speaking.error
    if code != _SUCCESS:
        raise PAMError(code, text.decode("utf-8", "replace"))


# --- The library ---


class _Message(ctypes.Structure):
    """``struct pam_message``."""

    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class _Response(ctypes.Structure):
    """``struct pam_response``."""

    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(_Message)),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)


class _Conversation(ctypes.Structure):
    """``struct pam_conv``."""

    _fields_ = [("callback", _Callback), ("data", ctypes.c_void_p)]


class _Speaking:
    """What PAM calls with its messages.

    Attributes:
        error: what the program's function raised; PAM cannot pass it on.
    """

    def __init__(self, conv: Conversation) -> None:
        self._conv = conv
        self.error: BaseException | None = None

    def __call__(self, count: int, messages: Any, responses: Any, data: object) -> int:
        given = [messages[index].contents for index in range(min(count, MAX_MESSAGES))]
        asked = [((each.text or b"").decode("utf-8", "replace"), each.style) for each in given]
        try:
            answers = self._answers(asked)
        except BaseException as e:  # C calls this: it is raised when libpam has returned
            self.error = e
            return _CONVERSATION_FAILED
        if answers is None or len(answers) != count:
            return _CONVERSATION_FAILED
        _give(answers, responses)
        return _SUCCESS

    def _answers(self, asked: list[tuple[str, int]]) -> list[bytes] | None:
        """The answers; None if there is one that C cannot be given, and that no module takes."""
        answers = [asBytes(text) for text, _ in self._conv(asked)]
        if any(b"\0" in answer or len(answer) >= MAX_RESPONSE for answer in answers):
            return None
        return answers


def _give(answers: Sequence[bytes], responses: Any) -> None:
    """Put answers where PAM finds them, in memory that it gives back."""
    libc = _libc()
    size = ctypes.sizeof(_Response)
    place = libc.calloc(len(answers), size)
    array = (_Response * len(answers)).from_address(place)
    for response, answer in zip(array, answers, strict=True):
        response.text = libc.strdup(answer)
    responses[0] = place


@lru_cache
def _libc() -> Any:
    libc = ctypes.CDLL(None)
    libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p
    libc.calloc.argtypes = (ctypes.c_size_t, ctypes.c_size_t)
    libc.strdup.argtypes = (ctypes.c_char_p,)
    return libc


@lru_cache
def _library() -> Any:
    """libpam; None where there is none."""
    for name in ("libpam.so.0", find_library("pam")):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None:
            library.pam_strerror.restype = ctypes.c_char_p
            for function in (library.pam_authenticate, library.pam_acct_mgmt, library.pam_end):
                function.argtypes = (ctypes.c_void_p, ctypes.c_int)
            library.pam_strerror.argtypes = (ctypes.c_void_p, ctypes.c_int)
            return library
    return None
