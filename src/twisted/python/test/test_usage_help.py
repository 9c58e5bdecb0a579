"""Tests for the help of twisted.python.usage."""

from __future__ import annotations

import os
import sys

import twisted
from twisted.python import usage
from twisted.python.test.test_usage import QuietCase, SubCommandOptions, WellBehaved


class HelpTests(QuietCase):
    """What explains the program."""

    def test_version(self) -> None:
        """``--version`` tells the version and ends."""
        shown = self.printed(WellBehaved, "--version")
        self.assertEqual(shown, f"Twisted version: {twisted.__version__}\n")

    def test_help(self) -> None:
        """``--help`` shows the whole help and ends."""
        self.assertEqual(self.printed(WellBehaved, "--help"), str(WellBehaved()))

    def test_whole(self) -> None:
        """The help, letter by letter."""

        class Program(usage.Options):
            longdesc = "What it is for.\n\nMore of it."
            optFlags = [["fast", "f", "Act quickly"], ["slow", None, None]]
            optParameters = [
                ["user", "u", None, "The user name"],
                ["port", "p", 80, "The port.", usage.portCoerce],
                ["max_differences", "d", 1],
            ]

            def opt_x(self) -> None:
                """Only a letter."""

        self.assertEqual(
            str(Program()),
            """\
Usage: prog [options]
Options:
  -f, --fast              Act quickly
      --slow
  -u, --user=             The user name
  -p, --port=             The port. [default: 80]. Must be an int between 0 and
                          65535.
  -d, --max_differences=  [default: 1]
  -x                      Only a letter.
      --version           Display Twisted version and exit.
      --help              Display this help and exit.

What it is for.

More of it.
""",
        )

    def test_width(self) -> None:
        """Lines are as wide as asked, or as the terminal."""
        options = WellBehaved()
        for width in (30, 50, 80, 120):
            shown = options.getUsage(width)
            self.assertTrue(all(len(line) <= width for line in shown.splitlines()), shown)
        os.environ["COLUMNS"] = "50"
        self.assertEqual(options.getUsage(), options.getUsage(width=50))
        self.assertNotEqual(options.getUsage(80), options.getUsage(50))

    def test_noTrailingSpace(self) -> None:
        """No line ends in white space."""
        lines = str(WellBehaved()).splitlines()
        self.assertEqual(lines, [line.rstrip() for line in lines])

    def test_longName(self) -> None:
        """A name that is too long for its column has a line of its own."""

        class Long(usage.Options):
            optFlags = [["a-name-that-does-not-want-to-come-to-its-end", None, "Described."]]

        lines = Long().getUsage(80).splitlines()
        self.assertEqual(lines[1].split(), ["--a-name-that-does-not-want-to-come-to-its-end"])
        self.assertEqual(lines[2].split(), ["Described."])

    def test_synopsis(self) -> None:
        """The first line may be given."""

        class Given(usage.Options):
            synopsis = "Usage: prog [options] <file>..."

        self.assertEqual(Given().getSynopsis(), "Usage: prog [options] <file>...")
        self.assertTrue(str(Given()).startswith("Usage: prog [options] <file>...\nOptions:"))

    def test_subSynopsis(self) -> None:
        """That of a subcommand goes on where the program's ends."""

        class Sub(usage.Options):
            synopsis = "<goal>"

        class Main(usage.Options):
            synopsis = "Usage: prog"
            subCommands = [("go", None, Sub, "Go.")]

        options = self.parse(Main, "go")
        self.assertEqual(options.subOptions.getSynopsis(), "Usage: prog go <goal>")

    def test_programDocstring(self) -> None:
        """Without a description, that of the program is shown."""
        self.patch(sys.modules["__main__"], "__doc__", "All about\nthe program.")
        self.assertIn("\nAll about the program.\n", str(WellBehaved()))

    def test_commands(self) -> None:
        """Subcommands are listed; once one is chosen, the help is about it."""
        options = SubCommandOptions()
        shown = options.getUsage(80)
        self.assertIn("Commands:\n", shown)
        self.assertIn("  inquisition, inquest  Perform an inquisition\n", shown)
        self.assertIn("  holyquest, quest      Embark upon a holy quest\n", shown)
        options.parseOptions(["quest"])
        for text in (str(options), options.getUsage()):
            self.assertIn("use a horse", text)
            self.assertNotIn("swallow", text)
        self.assertTrue(str(options).startswith("Usage: prog [options] holyquest [options]\n"))

    def test_helpOfSubCommand(self) -> None:
        """``--help`` after a subcommand is about it."""
        shown = self.printed(SubCommandOptions, "quest --help")
        self.assertIn("use a horse", shown)

    def test_afterError(self) -> None:
        """After a mistake, the help is about the subcommand in which it was made."""
        options = SubCommandOptions()
        self.assertRaises(usage.UsageError, options.parseOptions, ["quest", "--wrong"])
        self.assertIn("use a horse", str(options))

    def test_coerceDoc(self) -> None:
        """What a function says of values is added once."""

        def coerce(value: str) -> str:
            return value

        coerce.coerceDoc = "Must be odd."  # type: ignore[attr-defined]  # as documented

        class Coerced(usage.Options):
            optParameters = [
                ["a", None, None, "One.", coerce],
                ["b", None, None, None, coerce],
                ["c", None, 1, None, coerce],
            ]

        lines = " ".join(Coerced().getUsage(80).split())
        self.assertIn("--a= One. Must be odd. --b= Must be odd.", lines)
        self.assertIn("--c= [default: 1]. Must be odd.", lines)

    def test_docMakeChunks(self) -> None:
        """Rows of another origin can be laid out too."""
        chunks = usage.docMakeChunks(
            [{"long": "one", "short": "o", "doc": "A b c d e f g h i j k l"}, {"long": "two"}], 24
        )
        self.assertEqual(len(chunks), 2)
        self.assertEqual(
            " ".join("".join(chunks).split()), "-o, --one A b c d e f g h i j k l --two"
        )
        self.assertTrue(all(len(line) <= 24 for line in "".join(chunks).splitlines()))
        self.assertEqual(usage.docMakeChunks([]), [])
