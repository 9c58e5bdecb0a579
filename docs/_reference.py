"""A Sphinx extension that writes `reference/`: a page for each public module, read from its source.

The source is parsed, not imported: no reactor is installed, a module for another platform is as
good as any, and a build takes seconds. A public name is followed to the private module that holds
it. Docstrings are shown as they are written; their first paragraph is taken for the summary.
"""

import ast
import copy
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
PAGES = HERE / "reference"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.ClassDef | Function


class Module:
    """One source file: what it defines, what it imports from its neighbours, what is public."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        tree = ast.parse(path.read_text())
        self.docstring = ast.get_docstring(tree) or ""
        self.definitions: dict[str, Definition] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        self.values: set[str] = set()
        self.exported: list[str] | None = None
        for node in tree.body:
            self._note(node)

    def _note(self, node: ast.stmt) -> None:
        if isinstance(node, Definition):
            self.definitions[node.name] = node
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("twisted"):
            for alias in node.names:
                self.imports[alias.asname or alias.name] = (node.module or "", alias.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            self.values |= names
            if "__all__" in names and isinstance(node.value, ast.List | ast.Tuple):
                self.exported = [ast.literal_eval(item) for item in node.value.elts]

    def public(self) -> list[str]:
        """The names that it offers: `__all__`, or else what it defines without an underscore."""
        if self.exported is not None:
            return sorted(self.exported)
        return sorted(name for name in self.definitions if not name.startswith("_"))


def modules() -> dict[str, Module]:
    """Every module of the package by name, private ones included, tests left out."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if "test" not in parts:
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path)
    return found


def resolve(found: dict[str, Module], module: str, name: str) -> Definition | None:
    """The definition behind a public name, through any number of re-exports."""
    while module in found:
        if name in found[module].definitions:
            return found[module].definitions[name]
        if name not in found[module].imports:
            return None
        module, name = found[module].imports[name]
    return None


def page(found: dict[str, Module], module: Module) -> str:
    """The page of one public module, in Markdown."""
    parts = [f"# {module.name}", f"```{{py:module}} {module.name}\n```", describe(module.docstring)]
    for name in module.public():
        node = resolve(found, module.name, name)
        if isinstance(node, ast.ClassDef):
            parts.append(_class(name, node))
        elif node is not None:
            parts.append(_function("function", name, node))
        elif name in module.values or name in module.imports:
            parts.append(f"::::{{py:data}} {name}\n::::")
    return "\n\n".join(part for part in parts if part) + "\n"


def _class(name: str, node: ast.ClassDef) -> str:
    methods = {item.name: item for item in node.body if isinstance(item, Function)}
    shown = ""
    if "__init__" in methods:
        shown = _parameters(methods["__init__"]).removesuffix(" -> None")
    parts = [f"::::{{py:class}} {name}{shown}", describe(ast.get_docstring(node) or "")]
    for method, item in methods.items():
        if not method.startswith("_"):
            parts.append(_function("method", method, item, fence=":::"))
    return "\n\n".join(part for part in [*parts, "::::"] if part)


def _function(kind: str, name: str, node: Function, fence: str = "::::") -> str:
    if _decorated(node, "property"):
        opening = f"{fence}{{py:attribute}} {name}"
    else:
        opening = f"{fence}{{py:{kind}}} {name}{_parameters(node, kind)}"
        if isinstance(node, ast.AsyncFunctionDef):
            opening += "\n:async:"
        for word in ("classmethod", "staticmethod"):
            if _decorated(node, word):
                opening += f"\n:{word}:"
    body = describe(ast.get_docstring(node) or "")
    return "\n\n".join(part for part in (opening, body, fence) if part)


def _decorated(node: Definition, decorator: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == decorator for d in node.decorator_list)


def _parameters(node: Function, kind: str = "method") -> str:
    """The signature as a caller sees it: without `self` (which an interface's method has not)."""
    arguments = copy.deepcopy(node.args)
    first = arguments.posonlyargs or arguments.args
    if kind == "method" and first and first[0].arg in ("self", "cls"):
        del first[0]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(arguments)}){returns}"


def describe(docstring: str) -> str:
    """A docstring: its summary as a paragraph, the rest as it stands."""
    summary, _, rest = inspect.cleandoc(docstring).partition("\n\n")
    parts = [_escaped(" ".join(summary.split()))]
    if rest.strip():
        parts.append(f"``````text\n{rest.strip()}\n``````")
    return "\n\n".join(part for part in parts if part)


def _escaped(text: str) -> str:
    """The text with nothing for Markdown to see in it but code between backticks."""
    pieces = re.split(r"(`+[^`]+`+)", text)
    return "".join(
        piece if index % 2 else re.sub(r"([\\*_<>\[\]{}#|:$`])", r"\\\1", piece)
        for index, piece in enumerate(pieces)
    )


def pages() -> Iterator[tuple[str, str]]:
    """(name, text) of each page."""
    found = modules()
    public = [
        module
        for name, module in found.items()
        if not any(part.startswith("_") for part in name.split(".")) and module.docstring
    ]
    listing = "\n".join(module.name for module in public)
    yield "index", f"# Reference\n\n```{{toctree}}\n:maxdepth: 1\n\n{listing}\n```\n"
    for module in public:
        yield module.name, page(found, module)


def write(app: Sphinx) -> None:
    """Write the pages that changed and remove those whose module is gone."""
    PAGES.mkdir(exist_ok=True)
    wanted = {PAGES / f"{name}.md": text for name, text in pages()}
    for path in set(PAGES.glob("*.md")) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
