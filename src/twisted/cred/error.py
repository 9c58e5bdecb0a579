"""Why somebody was not let in."""

from __future__ import annotations

__all__ = [
    "LoginDenied",
    "LoginFailed",
    "Unauthorized",
    "UnauthorizedLogin",
    "UnhandledCredentials",
]


class Unauthorized(Exception):
    """Something is not allowed to the one who asked for it."""


class LoginFailed(Exception):
    """Somebody could not log in, for whatever reason; the base of the reasons below."""


class UnauthorizedLogin(LoginFailed, Unauthorized):
    """The user does not exist, or the password is wrong: which of them is not said."""


class UnhandledCredentials(LoginFailed):
    """There is no checker for credentials of this kind."""


class LoginDenied(LoginFailed):
    """The realm has no avatar for somebody who is known."""
