"""PAM: against a library that is played, and against the system's own."""

from __future__ import annotations

import ctypes
import os
import secrets
from typing import Any

from twisted.cred import pamauth
from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.pamauth import (
    PAM_PROMPT_ECHO_OFF,
    PAM_PROMPT_ECHO_ON,
    PAM_TEXT_INFO,
    IPluggableAuthenticationModules,
    PAMError,
    PluggableAuthenticationModules,
    PluggableAuthenticationModulesChecker,
    callIntoPAM,
    pamAuthenticate,
)
from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SkipTest, SynchronousTestCase, TestCase

AUTH_ERR, ACCOUNT_EXPIRED = 7, 13
SERVICES = "/etc/pam.d"


class PlayedLibrary:
    """libpam with one module, which asks for a name and a password."""

    def __init__(self, *messages: tuple[int, bytes], accepted: list[bytes] | None = None) -> None:
        self.messages = messages
        self.accepted = accepted
        self.said: list[Any] = []
        self.startCode = self.accountCode = 0

    def pam_start(self, service: bytes, user: bytes, conversation: Any, handle: Any) -> int:
        self.said.append((service, user))
        self._callback = conversation._obj.callback
        return self.startCode

    def pam_authenticate(self, handle: object, flags: int) -> int:
        structures = [pamauth._Message(style, text) for style, text in self.messages]
        array = (ctypes.POINTER(pamauth._Message) * len(structures))(
            *map(ctypes.pointer, structures)
        )
        place = ctypes.c_void_p()
        code: int = self._callback(len(structures), array, ctypes.pointer(place), None)
        if code:
            return code
        got = (pamauth._Response * len(structures)).from_address(place.value or 0)
        answers = [ctypes.string_at(response.text) for response in got]
        for response in got:
            ctypes.CDLL(None).free(ctypes.c_void_p(response.text))
        ctypes.CDLL(None).free(place)
        self.said.append(answers)
        return 0 if self.accepted in (None, answers) else AUTH_ERR

    def pam_acct_mgmt(self, handle: object, flags: int) -> int:
        return self.accountCode

    def pam_strerror(self, handle: object, code: int) -> bytes:
        return b"reason %d" % code

    def pam_end(self, handle: object, code: int) -> int:
        self.said.append(code)
        return 0


class PlayedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.library = PlayedLibrary(
            (PAM_TEXT_INFO, b"hello"),
            (PAM_PROMPT_ECHO_ON, b"login: "),
            (PAM_PROMPT_ECHO_OFF, b"\xff"),
        )
        self.library.accepted = [b"", b"bob", b"secret"]
        self.patch(pamauth, "_library", lambda: self.library)
        self.asked: list[Any] = []

    def converse(self, password: str) -> pamauth.Conversation:
        def answer(messages: list[tuple[str, int]]) -> Any:
            self.asked.append(messages)
            return [("", 0), ("bob", 0), (password, 0)]

        return answer

    def assertFails(self, conv: pamauth.Conversation) -> PAMError:
        return self.assertRaises(PAMError, callIntoPAM, "web", "bob", conv)

    def test_right(self) -> None:
        """The messages come as text, the answers go as bytes."""
        callIntoPAM("web", "bob", self.converse("secret"))
        self.assertEqual(
            self.asked,
            [[("hello", PAM_TEXT_INFO), ("login: ", PAM_PROMPT_ECHO_ON), ("\ufffd", 1)]],
        )
        self.assertEqual(self.library.said, [(b"web", b"bob"), [b"", b"bob", b"secret"], 0])

    def test_wrong(self) -> None:
        """What PAM says is the reason."""
        error = self.assertFails(self.converse("wrong"))
        self.assertEqual(error.code, AUTH_ERR)
        self.assertEqual(str(error), "reason 7 (PAM error 7)")
        self.assertEqual(self.library.said[-1], AUTH_ERR)

    def test_account(self) -> None:
        """Who is who they say may be shut out nevertheless."""
        self.library.accountCode = ACCOUNT_EXPIRED
        self.assertEqual(self.assertFails(self.converse("secret")).code, ACCOUNT_EXPIRED)

    def test_start(self) -> None:
        """PAM may not even start."""
        self.library.startCode = 26
        self.assertEqual(self.assertFails(self.converse("secret")).code, 26)
        self.assertEqual(self.library.said, [(b"web", b"bob")])

    def test_answers(self) -> None:
        """Answers that C would read otherwise are not passed on, nor too few or too many."""
        for password in ("secret\0", "\0", "x" * 512, "x" * 1_000_000):
            self.assertFails(self.converse(password))
        for answers in ([], [("", 0)], [("", 0)] * 4):
            self.assertFails(lambda messages, answers=answers: answers)  # type: ignore[misc]  # bound here
        self.assertNotIn(b"secret", str(self.library.said).encode())
        self.assertFails(self.converse("x" * 511))
        self.assertEqual(self.library.said[-2][2], b"x" * 511)

    def test_raises(self) -> None:
        """What the program raises comes out, and ends the conversation."""
        self.assertRaises(ZeroDivisionError, callIntoPAM, "web", "bob", lambda messages: 1 // 0)
        self.assertEqual(len(self.library.said), 2)

    def test_name(self) -> None:
        """No name has a NUL."""
        self.assertRaises(PAMError, callIntoPAM, "web", b"bob\0x", self.converse("secret"))
        self.assertEqual(self.library.said, [])

    def test_noLibrary(self) -> None:
        """Where there is no PAM, it lets nobody in."""
        self.patch(pamauth, "_library", lambda: None)
        self.assertIn("libpam", str(self.assertFails(self.converse("secret"))))


class CheckerTests(TestCase):
    """In threads, with the conversation in this one."""

    def setUp(self) -> None:
        self.library = PlayedLibrary((PAM_PROMPT_ECHO_OFF, b"?"), accepted=[b"secret"])
        self.patch(pamauth, "_library", lambda: self.library)
        self.checker = PluggableAuthenticationModulesChecker("web")

    async def test_password(self) -> None:
        """A password answers what it can."""
        for name in (b"bob", "bob"):
            credentials = UsernamePassword(name, b"secret")
            self.assertEqual(await self.checker.requestAvatarId(credentials), name)
        wrong = self.checker.requestAvatarId(UsernamePassword(b"bob", b"wrong"))
        await self.assertFailure(wrong, UnauthorizedLogin)

    async def test_conversation(self) -> None:
        """Answers may come later."""
        asked: list[Any] = []

        def answer(messages: list[tuple[str, int]]) -> Deferred[Any]:
            asked.append(messages)
            return succeed([("secret", 0)])

        credentials = PluggableAuthenticationModules(b"bob", answer)
        self.assertTrue(IPluggableAuthenticationModules.providedBy(credentials))
        self.assertEqual(await self.checker.requestAvatarId(credentials), b"bob")
        await pamAuthenticate("web", "bob", answer)
        self.assertEqual(asked, [[("?", PAM_PROMPT_ECHO_OFF)]] * 2)


class RealTests(SynchronousTestCase):
    """The system's PAM, with a service that is there for the test alone."""

    def service(self, *lines: str) -> str:
        if os.geteuid() or not os.path.isdir(SERVICES) or pamauth._library() is None:
            raise SkipTest("only root can add services to PAM, where there is one")
        name = f"torsion-test-{secrets.token_hex(4)}"
        path = os.path.join(SERVICES, name)
        self.addCleanup(os.unlink, path)
        with open(path, "w") as file:
            file.writelines(f"{line}\n" for line in lines)
        return name

    def answers(self, password: str) -> pamauth.Conversation:
        return pamauth._passwordOnly("root", password)

    def test_permit(self) -> None:
        """A service that lets everybody in."""
        name = self.service("auth required pam_permit.so", "account required pam_permit.so")
        callIntoPAM(name, "root", self.answers(""))

    def test_deny(self) -> None:
        """A service that lets nobody in, at either step."""
        for auth, account in (("deny", "permit"), ("permit", "deny")):
            name = self.service(
                f"auth required pam_{auth}.so", f"account required pam_{account}.so"
            )
            self.assertRaises(PAMError, callIntoPAM, name, "root", self.answers(""))

    def test_password(self) -> None:
        """A module that asks for a password gets it."""
        script = os.path.abspath(self.mktemp())
        with open(script, "w") as file:
            file.write("#!/bin/sh\nread -r given\ntest \"$given\" = 'gr\xfcn tea'\n")
        os.chmod(script, 0o700)
        name = self.service(
            f"auth required pam_exec.so expose_authtok quiet {script}",
            "account required pam_permit.so",
        )
        callIntoPAM(name, "root", self.answers("gr\xfcn tea"))
        for wrong in ("tea", "", "gr\xfcn tea\0", "x" * 600):
            self.assertRaises(PAMError, callIntoPAM, name, "root", self.answers(wrong))
