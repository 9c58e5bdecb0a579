"""The examples of the chapters on Deferreds do what the documentation says."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys

from twisted.python.test._examples import ExampleCase

SOON = "0.01"
"""Seconds, for the examples that let two pass."""

ONE = "callback 1\n\tgot result: success\n"
TWO = ONE + "callback 2\n\tgot result: yay! handleResult was successful!\n"
RAISES = "\tabout to raise exception\n"
ERRBACK = "errback\nwe got an exception: [traceback]\nbuiltins.RuntimeError: {}\n\n"
WHOOPS = ERRBACK.format("whoops! we encountered an error")

TUTORIAL = {
    "one_callback.py": ONE,
    "failed_operation.py": ERRBACK.format("*doh*! failure!"),
    "exception_in_callback.py": TWO + RAISES + WHOOPS,
    "exception_skips_callbacks.py": ONE + RAISES + WHOOPS,
    "carry_on.py": TWO + RAISES + WHOOPS + "callback 3\n\tgot result: okay, continue on\n",
    "add_both.py": TWO
    + RAISES
    + "both 3\n"
    + "\tgot argument <twisted.python.failure.Failure builtins.RuntimeError: "
    + "whoops! we encountered an error>\n"
    + "\tdoing something very important\n"
    + WHOOPS,
    "branching.py": ONE
    + RAISES
    + "no decision 2\n\t*doh*! a failure! quick! damage control!\n"
    + "callback 3\n\tgot result: damage control successful!\n"
    + "yes decision 4\n\twasn't a failure, so we can plow ahead\n"
    + "callback 5\n\tgot result: go ahead!\n",
    "branching_passthru.py": ONE
    + RAISES
    + "no decision 2\n\t*doh*! a failure! don't know what to do, returning failure!\n"
    + "no decision 3\n\t*doh*! a failure! quick! damage control!\n"
    + "callback 4\n\tgot result: damage control successful!\n",
    "stateful.py": ONE + RAISES + WHOOPS,
}
"""What the documentation prints below these listings; each shows it twice."""

OTHERS = {
    "returned_deferred.py": "callback 1\n"
    "\tgot result: I hope you'll agree: \n"
    "sub-callback a\n"
    "\tadding ' are ' to result\n"
    "sub-callback b\n"
    "\tadding ' beautiful!' to result\n"
    "callback 2\n"
    "\tgot result: I hope you'll agree:  Deferreds  are  beautiful!\n",
    "trap.py": "handled: out of spam\nhandled: a rotten egg\nnot trapped: KeyError\n",
    "side_by_side.py": "callback1 fails\nerrback1: in callback1\ncallback2: None\n-------\n"
    "callback1 fails\nerrback2: in callback1\n",
    "validation.py": "User is authenticated\nUser is not authenticated\n",
    "deferred_list.py": "Success: one\nFailure: bang!\nSuccess: three\n",
    "list_and_callbacks.py": "[(True, 'one ten'), (True, 'two')]\n[(True, 'one'), (True, 'two')]\n",
    "list_flags.py": "the first was number 1: quick\nnumber 1 failed: bang!\n",
    "succeed.py": "User is authenticated\nUser is not authenticated\n'no users'\n",
    "pausing.py": "nothing has been called\n"
    "first callback: result ['added the first', 'added the second']\n"
    "second callback: None ['added the first', 'added the second']\n",
    "cancelling.py": "the operation is stopped\nCancelledError\n"
    "the operation is stopped\nTimeoutError\n",
    "counter.py": "",
}


class DeferredExample(ExampleCase):
    def process(self, name: str, *arguments: str) -> tuple[str, str]:
        """Run a program that starts the reactor: what it writes to standard output and error."""
        done = subprocess.run(
            [sys.executable, str(self.directory / name), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout, done.stderr


class TutorialExamples(DeferredExample):
    """Chapters 3.4 to 3.6."""

    chapter = "ch03_deferreds"

    def test_tutorial(self) -> None:
        """Spelled out or with a Deferred, the same happens: what is printed in the tutorial."""
        for name, expected in TUTORIAL.items():
            sys.modules.pop("counter", None)
            out = re.sub(
                r"Traceback \(most recent call last\):\n(  .*\n)+", "[traceback]\n", self.run_(name)
            )
            line = "\n-------------------------------------------------\n\n"
            self.assertEqual(out, expected + line + expected, name)

    def test_tracebacks(self) -> None:
        """They lead to where the exception was raised."""
        out = self.run_("exception_in_callback.py")
        self.assertEqual(out.count("in failAtHandlingResult\n"), 2)

    def test_others(self) -> None:
        for name, expected in OTHERS.items():
            self.assertEqual(self.run_(name), expected, name)

    def test_delayedResult(self) -> None:
        self.assertEqual(self.process("delayed_result.py", SOON), ("9\n", ""))

    def test_getter(self) -> None:
        out, error = self.process("getter.py", SOON)
        self.assertEqual(out, "Result: 12\n")
        self.assertIn("<class 'ValueError'>: You used an odd number!", error)

    def test_maybeDeferred(self) -> None:
        verdicts = "User is authenticated\nUser is not authenticated\n"
        self.assertEqual(
            self.process("maybe_deferred.py", SOON),
            (f"Synchronous:\n{verdicts}Asynchronous:\n{verdicts}", ""),
        )

    def test_inThread(self) -> None:
        """The call returns before the number is there."""
        self.assertEqual(
            self.process("in_thread.py"),
            (
                "1st line after the addition of the callback\n"
                "2nd line after the addition of the callback\n"
                "largeFibonacciNumber result ends in 947366875\n",
                "",
            ),
        )

    def test_blocking(self) -> None:
        """The number is there before the callback is added."""
        lines = self.run_("blocking.py").splitlines()
        self.assertEqual(lines[0], "Progress: calculating the 0th Fibonacci number")
        self.assertIn("Total time taken", lines[-3])
        self.assertEqual(
            lines[-2:],
            ["Adding the callback now.", "The 10000th Fibonacci number ends in 947366875"],
        )

    def test_unhandled(self) -> None:
        """The error is logged when the Deferred goes, and not before."""
        out, error = self.process("unhandled.py")
        parts = (
            "the Deferred is still there",
            "Unhandled error in Deferred:",
            "ValueError: nobody handles this",
            "the Deferred is gone",
            "ValueError: this gets logged",
            "it has been handled",
        )
        self.assertEqual(sorted(parts, key=out.index), list(parts))
        self.assertEqual(out.count("Traceback"), 2)
        self.assertEqual(error, "")

    def test_all(self) -> None:
        """None is left out."""
        alone = {"delayed_result.py", "getter.py", "maybe_deferred.py", "in_thread.py"}
        alone |= {"blocking.py", "unhandled.py"}
        self.assertEqual(self.names(), alone | set(TUTORIAL) | set(OTHERS))


class HowtoListings(ExampleCase):
    """The chapter of the manual: its listings, one after the other, print what it says."""

    chapter = "../howto"

    def test_listings(self) -> None:
        text = (self.directory / "deferreds.md").read_text()
        listings = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
        self.assertEqual(len(listings), text.count("```python"))
        names: dict[str, object] = {}
        for source, expected in listings:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(source, "deferreds.md", "exec"), names)
            self.assertEqual(out.getvalue(), expected)
