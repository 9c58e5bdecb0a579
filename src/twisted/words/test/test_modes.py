"""Tests of the modes of groups."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.trial.unittest import SynchronousTestCase
from twisted.words.ewords import BadText, NotAllowed, Refusal
from twisted.words.service._limits import WordsLimits
from twisted.words.service._modes import Modes, matches, normal_mask, parse_changes

WHO = "mallory!mallory@chat.example"


def changed(modes: Modes, *words: str) -> list[tuple[bool, str, str | None]]:
    """Change modes as a command would; gives what has changed."""
    changes, asked, unknown, nobody = parse_changes(list(words), 10, lambda name: name.lower())
    assert not unknown and not nobody and not asked
    return modes.apply(changes, "op", "g")


class MaskTests(SynchronousTestCase):
    """Who is meant by a mask."""

    def test_normal(self) -> None:
        for short, full in (
            ("bad", "bad!*@*"),
            ("*@host", "*!*@host"),
            ("n!u", "n!u@*"),
            ("n!u@h", "n!u@h"),
        ):
            self.assertEqual(normal_mask(short), full)

    def test_matches(self) -> None:
        for mask in (WHO, "MALLORY!*@*", "*!*@*", "mallor?!*@chat.*", "*l*l*@*", "**"):
            self.assertTrue(matches(mask, WHO), mask)
        for mask in ("alice!*@*", "mallory", "mallory!?@*", "*z*", "", "[a-z]*", ".*"):
            self.assertFalse(matches(mask, WHO), mask)

    def test_quick(self) -> None:
        """No mask takes long, however it is made."""
        began = time.process_time()
        for _ in range(50):
            self.assertFalse(matches("*a" * 40 + "b", "a" * 200))
        self.assertLess(time.process_time() - began, 1)

    @given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
    @settings(max_examples=200, deadline=None)
    def test_meaning(self, mask: str, who: str) -> None:
        """It means what it says, as told by another way to ask."""

        def means(mask: str, who: str) -> bool:
            if not mask:
                return not who
            if mask[0] == "*":
                return means(mask[1:], who) or (bool(who) and means(mask, who[1:]))
            return bool(who) and mask[0] in ("?", who[0]) and means(mask[1:], who[1:])

        self.assertEqual(matches(mask, who), means(mask, who))


class ParseTests(SynchronousTestCase):
    """What commands ask for."""

    def test_parse(self) -> None:
        members = {"bob": "Bob"}
        self.assertEqual(
            parse_changes(["+im-t+ovlkX", "bob", "nobody", "5", "key", "rest"], 10, members.get),
            (
                [
                    (True, "i", None),
                    (True, "m", None),
                    (False, "t", None),
                    (True, "o", "Bob"),
                    (True, "l", "5"),
                    (True, "k", "key"),
                ],
                [],
                ["X"],
                ["nobody"],
            ),
        )

    def test_lists(self) -> None:
        """A list without a mask is asked for."""
        self.assertEqual(parse_changes(["beI"], 10, str)[1], ["b", "e", "I"])
        self.assertEqual(parse_changes([], 10, str), ([], [], [], []))

    def test_missing(self) -> None:
        """What lacks its value is left out; a key and a limit go without one."""
        self.assertEqual(parse_changes(["+okl"], 10, str)[0], [])
        self.assertEqual(
            parse_changes(["-kl"], 10, str)[0], [(False, "k", None), (False, "l", None)]
        )

    def test_many(self) -> None:
        """No more are taken than servers take."""
        words = ["+" + "b" * 10, *map(str, range(10))]
        self.assertEqual(len(parse_changes(words, 6, str)[0]), 6)

    @given(st.lists(st.text(max_size=6), max_size=5))
    @settings(max_examples=300, deadline=None)
    def test_anything(self, words: list[str]) -> None:
        """Whatever is asked for, there is an answer, or one of the two errors."""
        modes = Modes()
        changes = parse_changes(words, 6, lambda name: name)[0]
        try:
            modes.apply(changes, "op", "g")
        except (BadText, NotAllowed):
            pass
        self.assertEqual(modes.quiet, "m" not in modes.flags and not modes.lists["b"])
        other = Modes()
        other.apply(other.changes_to(modes.state()), "op", "g")
        self.assertEqual(other.changes_to(modes.state()), [])


class ModesTests(SynchronousTestCase):
    """What modes do."""

    def refused(self, modes: Modes, key: str | None = None, members: int = 0) -> Refusal | None:
        """Why somebody may not join."""
        try:
            modes.check_join("g", "mallory", WHO, key, members)
        except NotAllowed as e:
            return e.refusal
        return None

    def test_changes(self) -> None:
        """What is so already does not change."""
        modes = Modes()
        self.assertEqual(changed(modes, "+n"), [])
        self.assertEqual(changed(modes, "+m-n"), [(True, "m", None), (False, "n", None)])
        self.assertEqual(changed(modes, "+k", "key"), [(True, "k", "key")])
        self.assertEqual(changed(modes, "+k", "key"), [])
        self.assertEqual(modes.text(show_key=True), "+mk key")
        self.assertEqual(modes.text(show_key=False), "+mk *")
        self.assertEqual(changed(modes, "-k"), [(False, "k", "key")])
        self.assertEqual(changed(modes, "-k"), [])
        self.assertEqual(changed(modes, "+l", "12"), [(True, "l", "12")])
        self.assertEqual(changed(modes, "+l", "12"), [])
        self.assertEqual(changed(modes, "-l"), [(False, "l", None)])
        self.assertEqual(changed(modes, "-l"), [])
        self.assertEqual(changed(modes, "+b", "bad"), [(True, "b", "bad!*@*")])
        self.assertEqual(changed(modes, "+b", "BAD!*@*"), [])
        self.assertEqual(changed(modes, "-b", "BAD!*@*"), [(False, "b", "bad!*@*")])
        self.assertEqual(changed(modes, "-b", "other"), [])

    def test_badValues(self) -> None:
        modes = Modes()
        for words in (
            ("+k", "a b"), ("+k", "a,b"), ("+k", ":a"), ("+k", "x" * 33), ("+l", "0"),
            ("+l", "x"), ("+l", "9" * 5000), ("+l", "-1"), ("+l", "٣"), ("+b", "a b"),
            ("+b", "x" * 101),
        ):  # fmt: skip
            self.assertRaises(BadText, changed, modes, *words)
        self.assertEqual(modes.text(show_key=True), "+n")

    def test_fullList(self) -> None:
        modes = Modes(limits=WordsLimits(masksPerGroup=2))
        changed(modes, "+bb", "a", "b")
        self.assertRaises(NotAllowed, changed, modes, "+e", "c")
        self.assertEqual(len(modes.lists["b"]), 2)

    def test_join(self) -> None:
        modes = Modes()
        self.assertIsNone(self.refused(modes))
        changed(modes, "+b", "mallory")
        self.assertEqual(self.refused(modes), Refusal.BANNED)
        changed(modes, "+e", "mallory")
        self.assertIsNone(self.refused(modes))
        changed(modes, "+i")
        self.assertEqual(self.refused(modes), Refusal.INVITE_ONLY)
        changed(modes, "+I", "mall*")
        self.assertIsNone(self.refused(modes))
        changed(modes, "+k", "key")
        self.assertEqual(self.refused(modes), Refusal.BAD_KEY)
        self.assertEqual(self.refused(modes, "KEY"), Refusal.BAD_KEY)
        self.assertIsNone(self.refused(modes, "key"))
        changed(modes, "+l", "2")
        self.assertIsNone(self.refused(modes, "key", 1))
        self.assertEqual(self.refused(modes, "key", 2), Refusal.FULL)
        modes.invite("Mallory")
        self.assertIsNone(self.refused(modes, None, 2))
        modes.joined("mallory")
        self.assertEqual(self.refused(modes, None, 2), Refusal.BAD_KEY)

    def test_speak(self) -> None:
        modes = Modes()
        self.assertTrue(modes.may_speak("mallory", WHO, True))
        self.assertFalse(modes.may_speak("mallory", WHO, False))
        changed(modes, "-n")
        self.assertTrue(modes.may_speak("mallory", WHO, False))
        changed(modes, "+b", "mallory")
        self.assertFalse(modes.may_speak("mallory", WHO, False))
        self.assertFalse(modes.may_speak("mallory", WHO, True))
        changed(modes, "+v", "mallory")
        self.assertTrue(modes.may_speak("mallory", WHO, True))
        changed(modes, "-b+m-v", "mallory", "mallory")
        self.assertFalse(modes.may_speak("mallory", WHO, True))
        changed(modes, "+o", "mallory")
        self.assertTrue(modes.may_speak("mallory", WHO, True))
        self.assertEqual(modes.rank("MALLORY"), "@")
        changed(modes, "+v", "mallory")
        self.assertEqual(modes.rank("mallory"), "@+")

    def test_invitations(self) -> None:
        """The oldest lapse."""
        modes = Modes(limits=WordsLimits(invitationsPerGroup=2))
        for name in ("a", "b", "a", "c"):
            modes.invite(name)
        self.assertEqual(list(modes.invited), ["a", "c"])

    def test_state(self) -> None:
        """What another process says comes down to changes; what is none is refused."""
        modes = Modes()
        changed(modes, "+imklbo", "key", "5", "bad", "bob")
        other = Modes()
        changed(other, "+sbkv", "worse", "KEY", "carol")
        changes = other.changes_to(modes.state())
        other.apply(changes, "op", "g")
        self.assertEqual(other.changes_to(modes.state()), [])
        self.assertEqual(other.text(show_key=True), modes.text(show_key=True))
        good = modes.state()
        for bad in ({}, {"flags": 1}, {**good, "lists": 5}, {**good, "ranks": {}}):
            self.assertRaises((KeyError, TypeError, ValueError), other.changes_to, bad)
