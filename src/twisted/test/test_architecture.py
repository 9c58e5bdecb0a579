"""The shape of the tree: which part may import which, how long things are, what each module says.

Every rule is one function over the parsed source that names what breaks it, and one test that
expects it to name nothing.  The rules are tried on bad examples too.  An exception to a rule is a
line in a table below, with its reason; a line that excepts nothing any more is an error.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from twisted.test._source import Definition, Function, Module, imports, modules, product, walk
from twisted.trial.unittest import SynchronousTestCase

_T = TypeVar("_T")

#: What may import what: a package those on its own line and on the lines below it.
LAYERS = (
    ("scripts", "trial", "manhole"),
    ("web", "words", "names", "mail", "conch", "enterprise", "lore", "tap", "plugins"),
    ("application", "spread"),
    ("protocols", "cred"),
    ("internet",),
    ("plugin", "persisted", "logger", "python"),
)
#: Modules that do not belong to the layer of their package, and the layer that they belong to.
SPECIAL_LAYERS = {
    # Public names of what tests of programs use; the tests of the tree are their neighbours.
    "twisted.test.iosim": 0,
    "twisted.test.proto_helpers": 0,
    # Tells of reporters, for which the test runner has an interface.
    "twisted.plugins.twisted_trial": 0,
    # The command that ``python -m twisted`` is.
    "twisted.__main__": 0,
    # The version, which everything may ask for.
    "twisted": len(LAYERS),
    "twisted._intact": len(LAYERS),
    # A command about the distribution, which uses nothing of it.
    "twisted.standin": len(LAYERS),
    "twisted._version": len(LAYERS),
}

#: Imports inside functions, by module, function and what is imported.
LATE_IMPORTS = {
    ("twisted.internet._reactor", "installedReactor", "twisted.internet.reactor"): (
        "this import chooses the reactor of the process, which the program may want to do"
    ),
    ("twisted.internet._asynciohook", "_bridge", "*"): (
        "asyncio is slow to load, and this is for programs that have loaded it themselves"
    ),
    ("twisted", "__getattr__", "twisted._version"): (
        "the version is made by a module that loads much, and is seldom asked for"
    ),
    ("twisted.internet._tls._backends", "overOpenSSL", "twisted.internet._tls._openssl"): (
        "pyOpenSSL is an extra, and slow to load"
    ),
    ("twisted.internet._tls._backends", "_overStdlib", "twisted.internet._tls._stdlib"): (
        "ssl is slow to load, and few programs have a context of its own"
    ),
    ("twisted.internet.default", "install", "*"): (
        "the multiplexers that the platform does not have cannot be imported"
    ),
    ("twisted.python.reflect", "namedModule", "*"): "to import by name is what it is for",
    ("twisted.python.reflect", "_importIfThere", "*"): "to import by name is what it is for",
    (
        "twisted.scripts.trial",
        "_startCoverage",
        "*",
    ): "coverage is an extra, for an option of trial",
    ("twisted.internet.process._launch", "_popen", "*"): (
        "subprocess is slow to load, and few programs start another"
    ),
    ("twisted.protocols.amp._switching", "_ssl", "twisted.internet.ssl"): (
        "pyOpenSSL is an extra, and slow to load"
    ),
    ("twisted.web.server._http2", "takeOver", "twisted.web._http2"): (
        "h2 is an extra, and slow to load"
    ),
    ("twisted.logger._records", "", "*"): "uuid is slow to load, and few logs have one in them",
}

MAX_LINES_OF_FILE = 600
MAX_LINES_OF_FUNCTION = 80
#: What may be longer.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[tuple[str, str], str] = {}

#: Functions whose job it is to print.
PRINTERS = {
    ("twisted.internet.testing._pump", "_show"): "what `debug=True` of a pump asks for",
    ("twisted.python.failure", "_makeFailureAndDebug"): "the way into the debugger, on a terminal",
    ("twisted.python.reflect", "objgrep"): "what `showUnknowns` asks for",
    ("twisted.scripts.trial", "makeLoader"): "the output of a command",
    ("twisted.standin", "main"): "the output of a command",
}
#: Functions of the product that may sleep.
SLEEPERS = {
    ("twisted.trial._cleanup", "_newWork"): "waits for threads, after the reactor has stopped",
    ("twisted.python.test.test_threadable", "add"): "sleep(0) lets other threads run",
}


class RuleTests(SynchronousTestCase):
    """A test of a rule: its report, less the exceptions, is empty."""

    def assertNone(self, problems: Iterable[str], advice: str) -> None:
        """Fail, naming the problems and what to do about them."""
        listed = list(problems)
        if listed:
            self.fail(f"{advice}:\n  " + "\n  ".join(listed))

    def assertAllUsed(self, table: Mapping[_T, str], used: Collection[_T]) -> None:
        """Every exception is one still, and says why."""
        for exception, reason in table.items():
            self.assertIn(exception, used, "this exception is needed no more")
            self.assertTrue(reason, f"the exception {exception} has no reason")


# --- Layers and cycles ---


def layerOf(name: str) -> int | None:
    """The layer of a module, 0 being the highest; None if it has none."""
    if name in SPECIAL_LAYERS:
        return SPECIAL_LAYERS[name]
    package = name.split(".")[1]
    for number, packages in enumerate(LAYERS):
        if package in packages:
            return number
    return None


def upwardImports(origins: Iterable[Module]) -> list[str]:
    """Imports of a higher layer, wherever in the module they are."""
    found = []
    for module in origins:
        here = layerOf(module.name)
        if here is None:
            found.append(f"{module.path} is in no layer")
            continue
        for one in imports(module):
            there = layerOf(one.module)
            if there is None or there < here:
                found.append(f"{module.path}:{one.line} imports {one.module}")
    return found


def importsOfTests(origins: Iterable[Module]) -> list[str]:
    """Imports of tests by the product."""
    known = modules()
    return [
        f"{module.path}:{one.line} imports {one.module}"
        for module in origins
        for one in imports(module)
        if one.module in known and known[one.module].isTest
    ]


def cycles(graph: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The groups of names that all lead to each other, however far the way."""
    # Tarjan's algorithm. Ours is a shallow graph, so that recursion will do.
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in graph.get(name, ()):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1 or name in graph.get(name, ()):
                found.append(sorted(group))

    for name in graph:
        if name not in order:
            visit(name)
    return found


def importGraph(origins: Iterable[Module]) -> dict[str, list[str]]:
    """What each module imports as it is imported itself."""
    return {
        module.name: [one.module for one in imports(module) if not one.where and not one.forTypes]
        for module in origins
    }


class LayerTests(RuleTests):
    """Imports point down."""

    def test_layers(self) -> None:
        """No module imports one of a higher layer, for its types or in a function either."""
        self.assertNone(upwardImports(product()), "imports point down only")

    def test_tests(self) -> None:
        """The product does not need its tests."""
        self.assertNone(importsOfTests(product()), "the product imports no tests")

    def test_cycles(self) -> None:
        """No module needs itself to be imported."""
        self.assertNone(map(" -> ".join, cycles(importGraph(modules().values()))), "import cycles")

    def test_lateImports(self) -> None:
        """Imports are at the top, where they are seen; exceptions are named above."""
        problems, used = [], set()
        for module in product():
            for line, where, name in lateImports(module):
                exceptions = {(module.name, where, name), (module.name, where, "*")}
                if exceptions & LATE_IMPORTS.keys():
                    used |= exceptions
                else:
                    problems.append(f"{module.path}:{line} imports {name} in {where or 'a lambda'}")
        self.assertNone(problems, "import at the top of the module, or give a reason here")
        self.assertAllUsed(LATE_IMPORTS, used)

    def test_bad(self) -> None:
        """The rules find what breaks them."""
        bad = Module.fromSource(
            "twisted.python.bad",
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n"
            "    from twisted.internet import defer\n"
            "else:\n"
            "    from twisted.logger import Logger\n"
            "def f():\n"
            "    import twisted.web.server\n"
            "import twisted.test.test_architecture\n",
        )
        self.assertEqual(
            upwardImports([bad]),
            [
                "twisted/python/bad.py:3 imports twisted.internet.defer",
                "twisted/python/bad.py:7 imports twisted.web.server",
                "twisted/python/bad.py:8 imports twisted.test.test_architecture",
            ],
        )
        self.assertEqual(
            importsOfTests([bad]),
            ["twisted/python/bad.py:8 imports twisted.test.test_architecture"],
        )
        self.assertEqual(list(lateImports(bad)), [(7, "f", "twisted.web.server")])
        self.assertEqual(
            importGraph([bad]),
            {"twisted.python.bad": ["twisted.logger", "twisted.test.test_architecture"]},
        )
        self.assertEqual(
            upwardImports([Module.fromSource("twisted.drawer", "")]),
            ["twisted/drawer.py is in no layer"],
        )
        self.assertEqual(
            cycles({"a": ["b"], "b": ["c", "x"], "c": ["a"], "d": ["a"], "e": ["e"]}),
            [["a", "b", "c"], ["e"]],
        )


def lateImports(module: Module) -> Iterable[tuple[int, str, str]]:
    """Line, function and name of imports that are not done when the module is imported."""
    for node, where, _ in walk(module.tree):
        if isinstance(node, ast.Import) and where:
            for alias in node.names:
                yield node.lineno, _last(where), alias.name
        elif isinstance(node, ast.ImportFrom) and where:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                isModule = inside in modules() or inside == "twisted.internet.reactor"
                yield node.lineno, _last(where), inside if isModule else str(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            yield node.lineno, _last(where), ast.unparse(node)


def _last(where: str) -> str:
    return where.rpartition(".")[2]


# --- Sizes ---


def longFunctions(module: Module) -> Iterable[tuple[str, int]]:
    """Functions that are too long, and how long they are."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > MAX_LINES_OF_FUNCTION:
                yield node.name, lines


class SizeTests(RuleTests):
    """A file can be read in one go, and a function be seen at once; tests are no exception."""

    def test_files(self) -> None:
        """A module that grows too long becomes a package of the same name."""
        long = {m.name: m.lines for m in modules().values() if m.lines > MAX_LINES_OF_FILE}
        self.assertNone(
            (f"{name}: {lines} lines" for name, lines in long.items() if name not in LONG_FILES),
            f"files have at most {MAX_LINES_OF_FILE} lines",
        )
        self.assertAllUsed(LONG_FILES, long)

    def test_functions(self) -> None:
        """A function that grows too long has parts with names of their own."""
        long = {
            (module.name, name): lines
            for module in modules().values()
            for name, lines in longFunctions(module)
        }
        self.assertNone(
            (
                f"{function} of {module}: {lines} lines"
                for (module, function), lines in long.items()
                if (module, function) not in LONG_FUNCTIONS
            ),
            f"functions have at most {MAX_LINES_OF_FUNCTION} lines",
        )
        self.assertAllUsed(LONG_FUNCTIONS, long)

    def test_bad(self) -> None:
        """Lines are counted as a reader counts them, nested functions as themselves."""
        body = "        pass\n" * MAX_LINES_OF_FUNCTION
        bad = Module.fromSource("twisted.x", f"class C:\n    async def f(self):\n{body}")
        self.assertEqual(list(longFunctions(bad)), [("f", MAX_LINES_OF_FUNCTION + 1)])
        good = Module.fromSource("twisted.x", f"class C:\n    def f(self):\n{body[13:]}")
        self.assertEqual(list(longFunctions(good)), [])


# --- Words ---


def calls(module: Module, names: Collection[str]) -> Iterable[tuple[str, int]]:
    """Calls of functions by these names: in which function, and the line."""
    for node, where, _ in walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield _last(where), node.lineno


def undescribed(module: Module) -> Iterable[str]:
    """The module and, in the product, its public definitions, where they have no docstring."""
    if not ast.get_docstring(module.tree):
        yield module.name
    if module.isTest:
        return
    for node in module.tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            isOverload = "overload" in map(ast.unparse, node.decorator_list)
            if not ast.get_docstring(node) and not isOverload:
                yield f"{module.name}.{node.name}"


class WordTests(RuleTests):
    """What modules say, and where."""

    def test_docstrings(self) -> None:
        """Every module says what it is for, and so does all that the product offers."""
        self.assertNone(
            (name for module in modules().values() for name in undescribed(module)),
            "these have no docstring",
        )

    def test_bad(self) -> None:
        """The rules find what breaks them."""
        bad = Module.fromSource(
            "twisted.x",
            "import time\n"
            "class C:\n"
            "    def f(self):\n"
            "        print(time.sleep(1))\n"
            "def _g(): pass\n"
            "print(_g())\n",
        )
        self.assertEqual(list(undescribed(bad)), ["twisted.x", "twisted.x.C"])
        self.assertEqual(list(calls(bad, ["print"])), [("f", 4), ("", 6)])
        self.assertEqual(list(calls(bad, ["time.sleep"])), [("f", 4)])

    def test_print(self) -> None:
        """The product logs; only what is asked to print does."""
        self.checkCalls(product(), ["print"], PRINTERS, "log it, or return it")

    def test_sleep(self) -> None:
        """Nothing blocks, and no test depends on how quick the machine is."""
        self.checkCalls(
            modules().values(), ["sleep", "time.sleep"], SLEEPERS, "use a clock, or an event"
        )

    def checkCalls(
        self,
        origins: Iterable[Module],
        names: Collection[str],
        table: dict[tuple[str, str], str],
        advice: str,
    ) -> None:
        """Only the functions in the table call these names."""
        found = {
            (module.name, where): line for module in origins for where, line in calls(module, names)
        }
        self.assertNone(
            (
                f"{module}:{line}, {where or 'at the top'}"
                for (module, where), line in found.items()
                if (module, where) not in table
            ),
            f"{' or '.join(names)} is called: {advice}",
        )
        self.assertAllUsed(table, found)
