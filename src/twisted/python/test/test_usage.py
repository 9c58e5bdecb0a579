"""Tests for twisted.python.usage."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any

from twisted.python import usage
from twisted.trial import unittest


class WellBehaved(usage.Options):
    """Has options of each kind."""

    optFlags = [
        ["aflag", "f", "A flag of which much can be said, more than fits in one line of help."],
        ["flout", "o"],
    ]
    optParameters = [
        ["long", "w", "default\u1234", "Long doc string."],
        ["another", "n", "no docs"],
        ["longonly", None, "noshort"],
        ["shortless", None],
        ["port", "p", 80, "A port.", usage.portCoerce],
        ["max_size", None, 5, None, int],
    ]

    def opt_myflag(self) -> None:
        """A flag that does something."""
        self.opts["myflag"] = "PONY!"

    def opt_myparam(self, value: str) -> None:
        """A parameter that does something."""
        self.opts["myparam"] = f"{value} WITH A PONY!"

    def opt_two_words(self) -> None:
        """Two words in the name."""
        self["twoWords"] = True

    opt_t = opt_two_words


class QuietCase(unittest.SynchronousTestCase):
    """Knows the name of the program and the width of the terminal."""

    def setUp(self) -> None:
        self.patch(sys, "argv", ["/usr/bin/prog", "--argv"])
        self.patch(sys.modules["__main__"], "__doc__", None)
        self.patch(os, "environ", {"COLUMNS": "80"})

    def parse(self, cls: Any, line: str) -> Any:
        options = cls()
        options.parseOptions(line.split())
        return options

    def error(self, cls: Any, line: str) -> str:
        return str(self.assertRaises(usage.UsageError, cls().parseOptions, line.split()))

    def printed(self, cls: Any, line: str) -> str:
        """What is written before the program exits with success."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exiting = self.assertRaises(SystemExit, cls().parseOptions, line.split())
        self.assertEqual(exiting.code, 0)
        return out.getvalue()


class ParseTests(QuietCase):
    """Flags, parameters and methods."""

    def test_defaults(self) -> None:
        """Flags are 0, parameters have their defaults, uncoerced."""
        options = self.parse(WellBehaved, "")
        self.assertEqual(
            options,
            {
                "aflag": 0,
                "flout": 0,
                "long": "default\u1234",
                "another": "no docs",
                "longonly": "noshort",
                "shortless": None,
                "port": 80,
                "max_size": 5,
            },
        )
        self.assertIs(options.opts, options)

    def test_allForms(self) -> None:
        """Long and short, joined and apart."""
        options = self.parse(WellBehaved, "--aflag -o --long=x=y --another z -p 0 --longonly=")
        self.assertEqual((options["aflag"], options["flout"]), (1, 1))
        self.assertEqual((options["long"], options["another"]), ("x=y", "z"))
        self.assertEqual((options["port"], options["longonly"]), (0, ""))
        options = self.parse(WellBehaved, "-fow- -np")
        self.assertEqual((options["aflag"], options["flout"]), (1, 1))
        self.assertEqual((options["long"], options["another"]), ("-", "p"))

    def test_valueLooksLikeOption(self) -> None:
        """The word after a parameter is its value, whatever it looks like."""
        self.assertEqual(self.parse(WellBehaved, "--long --aflag")["long"], "--aflag")
        self.assertEqual(self.parse(WellBehaved, "-w -f")["long"], "-f")

    def test_methods(self) -> None:
        """Methods are called, with the value if they take one."""
        options = self.parse(WellBehaved, "--myflag --myparam Tofu -t")
        self.assertEqual((options["myflag"], options["myparam"]), ("PONY!", "Tofu WITH A PONY!"))
        self.assertTrue(options["twoWords"])
        self.assertNotIn("myflag", self.parse(WellBehaved, ""))

    def test_hyphens(self) -> None:
        """A hyphen and an underscore in a name are the same."""
        for word in ("--two-words", "--two_words", "--two-w"):
            self.assertTrue(self.parse(WellBehaved, word)["twoWords"])
        for word in ("--max_size=3", "--max-size=3", "--max=3"):
            self.assertEqual(self.parse(WellBehaved, word)["max_size"], 3)

    def test_prefix(self) -> None:
        """A name may be shortened while it is unique; a whole name is always."""
        self.assertEqual(self.parse(WellBehaved, "--afl")["aflag"], 1)
        self.assertEqual(self.parse(WellBehaved, "--long=x")["long"], "x")
        self.assertIn("--myflag, --myparam", self.error(WellBehaved, "--my"))

    def test_argv(self) -> None:
        """Without words, those of the program are read; the given list is left alone."""
        error = self.assertRaises(usage.UsageError, WellBehaved().parseOptions)
        self.assertIn("--argv", str(error))
        words = ["--aflag"]
        WellBehaved().parseOptions(words)
        self.assertEqual(words, ["--aflag"])

    def test_order(self) -> None:
        """Options act in the order in which they are given."""

        class Ordered(usage.Options):
            def __init__(self) -> None:
                usage.Options.__init__(self)
                self["seen"] = []

            def opt_add(self, value: str) -> None:
                self["seen"].append(value)

            opt_a = opt_add

            def opt_clear(self) -> None:
                self["seen"] = []

        self.assertEqual(self.parse(Ordered, "-a1 --clear -a 2 --add=3")["seen"], ["2", "3"])

    def test_mapping(self) -> None:
        """The object is a dict, and can be a key, as the one object that it is."""
        options = self.parse(WellBehaved, "-f")
        self.assertIsInstance(options, dict)
        self.assertEqual(sorted(options)[0], "aflag")
        self.assertEqual({options: 1}[options], 1)
        self.assertNotEqual(hash(options), hash(self.parse(WellBehaved, "-f")))


class WrongTests(QuietCase):
    """Every mistake is a `UsageError` that says what is wrong."""

    def test_table(self) -> None:
        """Mistakes in options."""
        table = {
            "--nonexistent": "--nonexistent not recognized",
            "--flot": "did you mean --flout?",
            "-x": "-x not recognized",
            "-fx": "-x not recognized",
            "--aflag=1": "--aflag must not have an argument, but got '1'",
            "--long": "--long requires argument",
            "-w": "-w requires argument",
            "-fw": "-w requires argument",
            "--=x": "not recognized",
        }
        for line, expected in table.items():
            self.assertIn(expected, self.error(WellBehaved, line))

    def test_coerce(self) -> None:
        """Values of the wrong kind."""
        for line in ("--port=x", "-p 65536", "-p -1", "-p 80.0"):
            message = self.error(WellBehaved, line)
            self.assertIn("--port", message)
            self.assertIn(line.split()[-1].removeprefix("--port="), message)
        self.assertIn("Port number not in range: 65536", self.error(WellBehaved, "-p 65536"))

    def test_coerceBug(self) -> None:
        """Another error in the function is one of the program, and is not hidden."""

        def broken(value: str) -> None:
            raise TypeError("bug")

        class Broken(usage.Options):
            optParameters = [["x", None, None, None, broken]]

        self.assertRaises(TypeError, Broken().parseOptions, ["--x=1"])

    def test_noValue(self) -> None:
        """A parameter that is told without a value says so."""
        coerce = usage.CoerceParameter(WellBehaved(), int)
        self.assertRaises(usage.UsageError, coerce.dispatch, "max_size", None)
        coerce.dispatch("max_size", "7")
        self.assertEqual(coerce.options.opts["max_size"], 7)

    def test_portCoerce(self) -> None:
        """Ports are from 0 to 65535."""
        self.assertEqual([usage.portCoerce(s) for s in ("0", "3210", "65535")], [0, 3210, 65535])
        for wrong in ("-1", "65536", "x", ""):
            self.assertRaises(ValueError, usage.portCoerce, wrong)

    def test_declarations(self) -> None:
        """A row that is too long is an error of the program, named."""

        class TooLong(usage.Options):
            optFlags = [["a", "b", "c", "d"]]

        error = self.assertRaises(ValueError, TooLong)
        self.assertIn("optFlags of TooLong", str(error))

    def test_badMethod(self) -> None:
        """A method with two values cannot be an option."""

        class Two(usage.Options):
            def opt_two(self, a: str, b: str) -> None: ...

        self.assertIn("two", str(self.assertRaises(usage.UsageError, Two)))

    def test_flagFunction(self) -> None:
        """Functions of no argument are flags."""
        self.assertTrue(usage.flagFunction(lambda: None))
        self.assertFalse(usage.flagFunction(lambda a: None))
        self.assertRaises(usage.UsageError, usage.flagFunction, lambda a, b: None)

    def test_alias(self) -> None:
        """`error` is the same exception."""
        self.assertIs(usage.error, usage.UsageError)


class InheritanceTests(QuietCase):
    """Declarations of bases."""

    def test_inherited(self) -> None:
        """Flags, parameters and methods of all classes hold."""

        class Base(usage.Options):
            optFlags = [["quiet", "q", None]]
            optParameters = [["user", "u", "base"]]

            def opt_base(self) -> None:
                self["seen"] = "base"

            opt_b = opt_base

        class Middle(Base): ...

        class Derived(Middle):
            optFlags = [["fast", "f", None]]
            optParameters = [["user", "U", "derived"]]

            def opt_base(self) -> None:
                self["seen"] = "derived"

        options = self.parse(Derived, "-q --fast")
        self.assertEqual((options["quiet"], options["fast"]), (1, 1))
        self.assertEqual(options["user"], "derived")
        self.assertEqual(self.parse(Derived, "--base")["seen"], "derived")
        self.assertEqual(self.parse(Derived, "-b")["seen"], "base")
        self.assertNotIn("fast", self.parse(Base, ""))

    def test_mixin(self) -> None:
        """A mixin that is no `Options` may bring options."""

        class Mixin:
            optFlags = [["mixed", "m", None]]

            def opt_in(self: Any) -> None:
                self["in"] = True

        class Both(usage.Options, Mixin): ...

        self.assertEqual(dict(self.parse(Both, "-m --in")), {"mixed": 1, "in": True})

    def test_methodReplacesFlag(self) -> None:
        """A method takes over the name of a flag, whose letter stays."""

        class Both(usage.Options):
            optFlags = [["fast", "f", "the flag"]]

            def opt_fast(self) -> None:
                """The method."""
                self["fast"] = "method"

        self.assertEqual(self.parse(Both, "--fast")["fast"], "method")
        self.assertEqual(self.parse(Both, "-f")["fast"], 1)
        self.assertEqual(str(Both()).count("--fast"), 1)


class ArgumentTests(QuietCase):
    """The words after the options."""

    def test_default(self) -> None:
        """None may be there unless the program says so."""
        self.assertIn("expected none, got 2", self.error(usage.Options, "a b"))

    def test_fixed(self) -> None:
        """Each has a name."""

        class Fixed(usage.Options):
            def parseArgs(self, origin: str, changed: str, depth: str = "1") -> None:
                self["all"] = (origin, changed, depth)

        self.assertEqual(self.parse(Fixed, "a b")["all"], ("a", "b", "1"))
        self.assertEqual(self.parse(Fixed, "a b c")["all"], ("a", "b", "c"))
        for line, count in (("", 0), ("a", 1), ("a b c d", 4)):
            message = self.error(Fixed, line)
            self.assertTrue(message.startswith("Wrong number of arguments"))
            self.assertIn(f"expected origin changed [depth], got {count}", message)

    def test_any(self) -> None:
        """Any number, after the last option; what looks like one is none any more."""

        class Any_(usage.Options):
            optFlags = [["flag", "f"]]

            def parseArgs(self, *args: str) -> None:
                self["args"] = args

        table = {
            "": (0, ()),
            "-f a b": (1, ("a", "b")),
            "a -f": (0, ("a", "-f")),
            "-f -- -f": (1, ("-f",)),
            "-- -- x": (0, ("--", "x")),
            "- -f": (0, ("-", "-f")),
        }
        for line, (flag, args) in table.items():
            options = self.parse(Any_, line)
            self.assertEqual((options["flag"], options["args"]), (flag, args))

    def test_bug(self) -> None:
        """A `TypeError` from within is an error of the program."""

        class Broken(usage.Options):
            def parseArgs(self, *args: str) -> None:
                raise TypeError("bug")

        error = self.assertRaises(TypeError, Broken().parseOptions, ["a"])
        self.assertEqual(str(error), "bug")

    def test_postOptions(self) -> None:
        """At last, the whole can be checked."""

        class Post(usage.Options):
            optFlags = [["bad", "b"]]

            def parseArgs(self, *args: str) -> None:
                self["args"] = args

            def postOptions(self) -> None:
                self["args"] += ("post",)
                if self["bad"]:
                    raise usage.UsageError("bad indeed")

        self.assertEqual(self.parse(Post, "a")["args"], ("a", "post"))
        self.assertEqual(self.error(Post, "-b"), "bad indeed")


class InquisitionOptions(usage.Options):
    """A subcommand."""

    optFlags = [["expect", "e"]]
    optParameters = [["torture-device", "t", "comfy-chair", "preferred torture device"]]


class HolyQuestOptions(usage.Options):
    """Another one."""

    optFlags = [["horseback", "h", "use a horse"], ["for-grail", "g"]]

    def postOptions(self) -> None:
        assert self.parent is not None
        self.parent.opts.setdefault("order", []).append("quest")


class SubCommandOptions(usage.Options):
    """Has subcommands."""

    optFlags = [["europian-swallow", None, "set default swallow type to Europian"]]
    subCommands = [
        ["inquisition", "inquest", InquisitionOptions, "Perform an inquisition"],
        ["holyquest", "quest", HolyQuestOptions, "Embark upon a holy quest"],
    ]

    def postOptions(self) -> None:
        self.opts.setdefault("order", []).append("main")


class SubCommandTests(QuietCase):
    """Options that come in groups."""

    def test_chosen(self) -> None:
        """The word chooses, by its name or its short one; what follows is for the chosen."""
        for word in ("inquisition", "inquest"):
            line = f"--europian-swallow {word} --expect -t feather"
            options = self.parse(SubCommandOptions, line)
            self.assertEqual(options["europian-swallow"], 1)
            self.assertEqual(options.subCommand, "inquisition")
            self.assertIsInstance(options.subOptions, InquisitionOptions)
            self.assertEqual(options.subOptions["expect"], 1)
            self.assertEqual(options.subOptions["torture-device"], "feather")
            self.assertIs(options.subOptions.parent, options)

    def test_none(self) -> None:
        """Without a word there is none."""
        options = self.parse(SubCommandOptions, "--europian-swallow")
        self.assertIsNone(options.subCommand)
        self.assertFalse(hasattr(options, "subOptions"))

    def test_order(self) -> None:
        """The subcommand is done before the whole is."""
        self.assertEqual(self.parse(SubCommandOptions, "quest")["order"], ["quest", "main"])

    def test_default(self) -> None:
        """Without a word, a default may be chosen."""

        class WithDefault(SubCommandOptions):
            defaultSubCommand = "holyquest"

        options = self.parse(WithDefault, "")
        self.assertEqual(options.subCommand, "holyquest")
        self.assertEqual(options.subOptions["horseback"], 0)
        self.assertEqual(self.parse(WithDefault, "inquest").subCommand, "inquisition")

    def test_unknown(self) -> None:
        """Another word is an error that names those there are."""
        message = self.error(SubCommandOptions, "frog")
        self.assertIn("Unknown command: frog", message)
        self.assertIn("inquisition, holyquest", message)

    def test_wrong(self) -> None:
        """Options of one are not those of another, nor of the whole."""
        for line in ("inquest --horseback", "inquest --europian-swallow", "--expect inquest"):
            self.assertIn("not recognized", self.error(SubCommandOptions, line))
        self.assertIn("Wrong number", self.error(SubCommandOptions, "inquest quest"))

    def test_nested(self) -> None:
        """A subcommand may have its own."""

        class Inner(usage.Options):
            optFlags = [["deep", "d"]]

        class Middle(usage.Options):
            subCommands = [("inner", None, Inner)]

        class Outer(usage.Options):
            subCommands = [("middle", None, Middle, "The middle.")]

        options = self.parse(Outer, "middle inner -d")
        self.assertEqual(options.subOptions.subOptions["deep"], 1)
        self.assertEqual(
            options.subOptions.subOptions.getSynopsis(),
            "Usage: prog [options] middle [options] inner [options]",
        )

    def test_property(self) -> None:
        """What subcommands there are may be found out late."""

        class Late(usage.Options):
            @property
            def subCommands(self) -> Any:  # type: ignore[override]  # read only
                yield "quest", None, HolyQuestOptions, "doc"

        self.assertEqual(self.parse(Late, "quest -h").subOptions["horseback"], 1)
        self.assertIn("quest", str(Late()))
