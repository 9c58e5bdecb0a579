"""The source of the package as the tests of the tree see it: parsed, never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import twisted

ROOT = Path(twisted.__file__).parent

#: Part of the product, from before tests were beside what they test.
PUBLIC_TEST_MODULES = ("twisted.test.iosim", "twisted.test.proto_helpers")

#: How modules ask whether a type checker reads them.
TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.ClassDef | Function


class Import(NamedTuple):
    """One import of something of ours."""

    module: str
    """The module that is imported."""
    line: int
    where: str
    """The function that it is in; empty at the level of the module."""
    forTypes: bool
    """Whether it is under `if TYPE_CHECKING`, and so is none at run time."""


class Module:
    """One source file.

    Attributes:
        name: by which it is imported.
        path: from the root of the source, with slashes.
        isPackage: whether it is the `__init__` of a package.
        isTest: whether it is part of the tests, and not of the product.
    """

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        parts = path.removesuffix(".py").split("/")
        self.isPackage = parts[-1] == "__init__"
        if self.isPackage:
            del parts[-1]
        self.name = ".".join(parts)
        self.isTest = "test" in parts and self.name not in PUBLIC_TEST_MODULES
        self.source = source
        self.lines = source.count("\n")
        self.tree = ast.parse(source)

    @classmethod
    def fromSource(cls, name: str, source: str) -> Module:
        """A module that is not there, for tests of tests."""
        return cls(name.replace(".", "/") + ".py", source)

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def package(self) -> str:
        """The part of the product that it belongs to: `internet`, say; "" for the root."""
        return self.name.partition(".")[2].partition(".")[0]

    def exported(self) -> list[str] | None:
        """What `__all__` says, or None without one."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == [
                "__all__"
            ]:
                return list(ast.literal_eval(node.value))
        return None


@lru_cache
def modules() -> dict[str, Module]:
    """Every module by name."""
    found = {}
    for file in sorted(ROOT.rglob("*.py")):
        module = Module(file.relative_to(ROOT.parent).as_posix(), file.read_text("utf-8"))
        found[module.name] = module
    return found


def product() -> list[Module]:
    """Every module that is not part of the tests."""
    return [module for module in modules().values() if not module.isTest]


def walk(
    node: ast.AST, where: str = "", forTypes: bool = False
) -> Iterator[tuple[ast.AST, str, bool]]:
    """Every node below, the function that it is in, and whether it is for type checkers only."""
    if isinstance(node, Function):
        where = f"{where}.{node.name}" if where else node.name
    onlyTypes: list[ast.stmt] = []
    if isinstance(node, ast.If) and ast.unparse(node.test) in TYPE_CHECKING:
        onlyTypes = node.body
    for child in ast.iter_child_nodes(node):
        typesOnly = forTypes or child in onlyTypes
        yield child, where, typesOnly
        yield from walk(child, where, typesOnly)


def imports(module: Module) -> list[Import]:
    """What a module imports of ours, functions and type checkers' imports included."""
    known = modules()
    found = []
    for node, where, forTypes in walk(module.tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError(f"{module.path}:{node.lineno}: a relative import")
            origin = node.module or ""
            for alias in node.names:
                inside = f"{origin}.{alias.name}"
                names.append(inside if inside in known else origin)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [
                text.value
                for text in ast.walk(node)
                if isinstance(text, ast.Constant) and isinstance(text.value, str)
            ]
        else:
            continue
        for name in dict.fromkeys(names):
            if name.partition(".")[0] == "twisted":
                found.append(Import(name, node.lineno, where, forTypes))
    return found
