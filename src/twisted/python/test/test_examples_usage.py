"""The examples of the chapter on options do what it says."""

from __future__ import annotations

from twisted.python.test._examples import ExampleCase

# (program, arguments) and what it writes.
EXPECTED = {
    ("declare_flags.py", "-s"): "{'fast': 0, 'safe': 1}\n",
    ("declare_flags.py", "--fast --safe"): "{'fast': 1, 'safe': 1}\n",
    ("flags.py", ""): "fast good \n",
    ("inheritance.py", "-qc"): "{'quiet': 1, 'fast': 0, 'good': 0, 'cheap': 1}\n" * 2,
    ("parameters.py", ""): "So, you want it:\n\n",
    ("parameters.py", "-u Joe --fast -c"): "Hello Joe\nSo, you want it:\nfast cheap \n",
    ("subcommands.py", "import -m mod -r 1.0"): "importing mod release 1.0\n",
    ("subcommands.py", "-z 3 -r there checkout --module=mod"): "checking out mod at None\n",
    ("subcommands.py", ""): "",
    ("verbosity.py", "-v -v -v"): "3\n",
    ("verbosity.py", "-q -q"): "-2\n",
    ("verbosity.py", "--verbose -qv"): "1\n",
    ("define.py", "-DFOO -DBAR"): "['FOO', 'BAR']\n",
    ("define.py", "--define X"): "['X']\n",
    ("arguments.py", "a b"): "a b 1\n",
    ("arguments.py", "-d 5 a b"): "a b 5\n",
    ("arguments.py", "a"): "Wrong number of arguments: expected origin changed, got 1.\n",
    ("any_arguments.py", "a b c"): "('a', 'b', 'c')\n",
    ("any_arguments.py", ""): "()\n",
    ("post_options.py", "-f"): "{'fast': 1, 'good': 0, 'cheap': 0}\n",
    ("post_options.py", "-fgc"): "can't have it all, brother\n",
    ("typed_values.py", ""): "{'shiny_integer': 1, 'dummy_float': 3.14159}\n",
    ("typed_values.py", "-s 7 -d 2.5"): "{'shiny_integer': 7, 'dummy_float': 2.5}\n",
    ("one_choice.py", "-o 3"): "3\n",
    ("one_choice.py", "-o 4"): "Parameter type enforcement failed: --one_choice cannot be '4':"
    " Not in range\n",
}


class UsageExampleTests(ExampleCase):
    """Each program of the chapter."""

    chapter = "ch05_usage"

    def test_output(self) -> None:
        """What each writes, by its arguments."""
        for (name, arguments), expected in EXPECTED.items():
            self.assertEqual(self.run_(name, *arguments.split()), expected, (name, arguments))

    def test_all(self) -> None:
        """None is left out."""
        self.assertEqual(self.names(), {name for name, _ in EXPECTED})

    def test_wrong(self) -> None:
        """A mistake is told with the name of the program, and the program fails."""
        shown = self.run_("parameters.py", "--user")
        program = self.directory / "parameters.py"
        self.assertEqual(
            shown,
            f"{program}: option --user requires argument\n"
            f"{program}: Try --help for usage details.\n1\n",
        )

    def test_help(self) -> None:
        """The help shows the default and what values there may be."""
        lines = self.run_("one_choice.py", "--help").splitlines()
        self.assertEqual(lines[:2], ["Usage: one_choice.py [options]", "Options:"])
        self.assertEqual(
            " ".join(lines[2].split()), "-o, --one_choice= [default: 1]. Must be 1, 2 or 3."
        )

    def test_helpOfSubCommands(self) -> None:
        """The help lists the commands; after a command it is about that one."""
        shown = self.run_("subcommands.py", "--help")
        self.assertIn("  import    Do an Import\n  checkout  Do a Checkout\n", shown)
        self.assertIn("-z, --compression=  Use compression [default: 0]\n", shown)
        self.assertIn("--tag=", self.run_("subcommands.py", "checkout", "--help"))
