"""What importing the package costs and does: little, and nothing.

A module that nobody needs yet is not loaded.  Time cannot be tested, but what is loaded can: these
budgets are why `import twisted.internet.reactor` takes as long as it does (benchmark "import").
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from twisted.test._source import product
from twisted.test.test_exports import isPrivate
from twisted.trial.unittest import SynchronousTestCase

#: Slow to load, and of no use to a program that does not ask for them.
SLOW = {
    "argparse",
    "ast",
    "asyncio",
    "concurrent",
    "dataclasses",
    "incremental",
    "inspect",
    "multiprocessing",
    "pdb",
    "pickle",
    "shutil",
    "ssl",
    "subprocess",
    "tempfile",
    "typing_extensions",
    "unittest",
    "urllib",
    "uuid",
}
#: What sockets are made of, which a program that only computes can do without.
NETWORK = {"select", "selectors", "signal", "socket"}

#: What importing each of these must not load.
BUDGETS = {
    "twisted": SLOW | NETWORK | {"json", "logging", "traceback", "zope"},
    "twisted.python.failure": SLOW | NETWORK | {"logging", "zope", "twisted.logger"},
    "twisted.logger": SLOW | NETWORK | {"twisted.internet"},
    "twisted.internet.defer": SLOW
    | NETWORK
    | {"twisted.internet.base", "twisted.internet.interfaces", "twisted.internet.reactor"},
    "twisted.internet.interfaces": SLOW | NETWORK | {"logging", "twisted.internet.defer"},
    "twisted.internet.protocol": SLOW | {"twisted.internet.base", "twisted.internet.reactor"},
    # What `twistd --help` needs; the parser of command lines has its own needs.
    "twisted.scripts.twistd": (SLOW - {"ast", "inspect", "shutil"})
    | NETWORK
    | {"twisted.application.service", "twisted.internet.defer", "twisted.internet.reactor"},
    "twisted.application.service": (SLOW - {"ast", "inspect", "pickle"})
    | NETWORK
    | {"twisted.internet.reactor", "twisted.persisted.aot", "twisted.persisted.marmalade"},
    "twisted.internet.reactor": SLOW
    | {"twisted.internet.pollreactor", "twisted.internet.testing", "twisted.trial"},
}

# Each module is imported by a child of its own: in a fresh interpreter, but for a start of one.
EACH = """
import json, os, sys
names = json.load(sys.stdin)
for name in names:
    pid = os.fork()
    if not pid:
        try:
            __import__(name)
        except BaseException as error:
            print(f"{name}: {error!r}", flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
"""

ALL = """
import json, sys, threading, warnings
warnings.simplefilter("error")
names = json.load(sys.stdin)
for name in names:
    __import__(name)
print(json.dumps([threading.active_count(), "twisted.internet.reactor" in sys.modules]))
"""


def python(code: str, given: object = None) -> str:
    """What another interpreter prints, which must end well and not complain."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or done.stderr:
        raise AssertionError(done.stderr or f"ended with {done.returncode}")
    return done.stdout


def loadedBy(name: str) -> set[str]:
    """The modules that importing one loads, the packages that they are in included."""
    return set(python(f"import {name}, sys; print(*sys.modules)").split())


def publicNames() -> list[str]:
    """Every module that a program may import; none of them but the reactor chooses one."""
    return [
        module.name
        for module in product()
        if not isPrivate(module.name) and module.name != "twisted.internet.reactor"
    ]


class BudgetTests(SynchronousTestCase):
    """What is not loaded."""

    def test_budgets(self) -> None:
        """Modules load what they need, and no more."""
        # What the interpreter loads itself is nobody's fault.
        own = loadedBy("sys")
        for name, unwanted in BUDGETS.items():
            loaded = loadedBy(name)
            self.assertIn(name, loaded)
            self.assertEqual(sorted((loaded & unwanted) - own), [], f"{name} loads these")

    def test_names(self) -> None:
        """The budgets name modules that are there."""
        names = {module.name for module in product()} | {"twisted.trial"}
        for unwanted in BUDGETS.values():
            for name in unwanted:
                if name.startswith("twisted."):
                    self.assertIn(name, names)


class EffectTests(SynchronousTestCase):
    """What importing does not do."""

    def test_alone(self) -> None:
        """Every public module can be the first that a program imports."""
        self.assertEqual(python(EACH, publicNames()), "")

    def test_quiet(self) -> None:
        """Importing all of them installs no reactor, starts no thread, and says nothing."""
        result: Any = json.loads(python(ALL, publicNames()))
        self.assertEqual(result, [1, False])

    def test_version(self) -> None:
        """The version is there when it is asked for, and nothing else is."""
        text = python("import twisted; print(twisted.__version__, twisted.version.package)")
        self.assertEqual(text.split()[1], "Twisted")
        self.assertRegex(text.split()[0], r"^\d+\.\d+\.\d+$")
        text = python("from twisted import version, __version__; print(version.short())")
        self.assertRegex(text, r"^\d+\.\d+\.\d+$")
        text = python("import twisted; print(hasattr(twisted, 'nothing'))")
        self.assertEqual(text, "False\n")
