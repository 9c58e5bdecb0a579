"""Tests for the completion of command lines in zsh."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

from twisted.python import usage
from twisted.trial import unittest


class SubOptions(usage.Options):
    """A command."""

    optFlags = [["deep", "d", "Dig [deep]"]]
    compData = usage.Completions(extraActions=[usage.CompleteDirs(descr="where")])


class BaseOptions(usage.Options):
    """Brings data of its own."""

    optParameters = [["user", "u", None, "Whose"]]
    compData = usage.Completions(optActions={"user": usage.CompleteUsernames()})


class MainOptions(BaseOptions):
    """Has commands."""

    optFlags = [["fast", "f", "Don't wait"], ["slow", "s", None]]
    optParameters = [["log", None, None, "Where: to"]]
    subCommands = [["dig", "d", SubOptions, "Dig it"], ["fill", None, usage.Options]]
    compData = usage.Completions(
        descriptions={"slow": "Wait"},
        multiUse=["log"],
        mutuallyExclusive=[["fast", "slow"]],
        optActions={"log": usage.CompleteFiles("*.log", descr="log file")},
    )


class CompletionTests(unittest.SynchronousTestCase):
    """What a shell is told."""

    def ask(self, cls: Any, line: str, position: int) -> list[str]:
        """The lines for a command line, with the user at a word of it."""
        self.patch(sys, "argv", ["/usr/bin/prog"])
        words = [*line.split(), "--_shell-completion", f"zsh:{position}"]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exiting = self.assertRaises(SystemExit, cls().parseOptions, words)
        self.assertEqual(exiting.code, 0)
        return [line.strip(" \\") for line in out.getvalue().splitlines()]

    def test_options(self) -> None:
        """Each spelling of each option, with what excludes it and what its value is."""
        lines = self.ask(MainOptions, "", 2)
        self.assertEqual(lines[0], "#compdef prog")
        for expected in (
            "'(--fast -f --slow)--fast[Don'\\''t wait]'",
            "'(--slow -s --fast)-s[Wait]'",
            "'(--user -u)--user=[Whose]:user:_users'",
            "'(--user -u)-u+[Whose]:user:_users'",
            "'*--log=[Where\\: to]:log file:_files -g \"*.log\"'",
            "'*::command:->commands'",
        ):
            self.assertIn(expected, lines)

    def test_commands(self) -> None:
        """The commands, with their descriptions."""
        lines = self.ask(MainOptions, "-f", 3)
        self.assertIn("commands=('dig:Dig it' 'fill:')", lines)
        self.assertEqual(lines[-1], "_describe command commands")

    def test_inCommand(self) -> None:
        """After a command, its options; the words before it are taken away."""
        for word in ("dig", "d"):
            lines = self.ask(MainOptions, f"-f --user joe {word} --de", 6)
            self.assertEqual(lines[1:3], ["shift 4 words", "(( CURRENT -= 4 ))"])
            self.assertIn("'(--deep -d)--deep[Dig \\[deep\\]]'", lines)
            self.assertIn("'1:where:_directories'", lines)
            self.assertFalse(any("--fast" in line for line in lines))

    def test_beforeTheEnd(self) -> None:
        """Only what stands before the word that is typed counts."""
        lines = self.ask(MainOptions, "-f dig", 3)
        self.assertTrue(any("--fast" in line for line in lines))

    def test_mistake(self) -> None:
        """A mistake in the line does no harm."""
        lines = self.ask(MainOptions, "--wrong dig", 4)
        self.assertTrue(any("--fast" in line for line in lines))

    def test_unknownShell(self) -> None:
        """Another shell is told nothing."""
        self.patch(sys, "argv", ["prog"])
        for question in ("fish:3", "zsh:x", "zsh"):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                words = ["--_shell-completion", question]
                self.assertRaises(SystemExit, MainOptions().parseOptions, words)
            self.assertEqual(out.getvalue(), "")

    def test_actions(self) -> None:
        """Each kind of value, in the words of zsh."""
        table = [
            (usage.Completer(), " "),
            (usage.CompleteFiles(), '_files -g "*"'),
            (usage.CompleteDirs(), "_directories"),
            (usage.CompleteList(["a", "b"]), "(a b)"),
            (usage.CompleteMultiList(["a", "b"], descr="x"), "_values -s , 'x' 'a' 'b'"),
            (usage.CompleteUsernames(), "_users"),
            (usage.CompleteGroups(), "_groups"),
            (usage.CompleteHostnames(), "_hosts"),
            (usage.CompleteNetInterfaces(), "_net_interfaces"),
        ]
        for completer, expected in table:
            self.assertEqual(completer.zshAction(), expected)
        self.assertIn("_hosts", usage.CompleteUserAtHost().zshAction())
        self.assertEqual(usage.CompleteFiles("*.py").descr, "file (*.py)")

    def test_arguments(self) -> None:
        """Words after the options, the last kind any number of times."""

        class Copy(usage.Options):
            completionData = usage.Completions(
                extraActions=[usage.CompleteFiles(), usage.CompleteHostnames(repeat=True)]
            )

        lines = self.ask(Copy, "", 2)
        self.assertIn("'1:argument:_files -g \"*\"'", lines)
        self.assertIn("'*:argument:_hosts'", lines)
