"""Reads what is deployed for the texts written down in it: calls of some constructors, and as much of their arguments as
can be known without running them.
"""

from __future__ import annotations

import ast
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
LIBRARIES = (ROOT / "layers" / "common" / "python", ROOT / "functions")
PACKAGES = ("jingkuai", "identity", "register", "review", "credits", "notices", "outbox", "projections")
GAP = "{…}"  # where a text names something of the case at hand


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of what is deployed, imported, so that every subclass is known."""
    sys.path[:0] = [str(one) for one in LIBRARIES if str(one) not in sys.path]
    for name, value in {"AWS_DEFAULT_REGION": "us-east-1", "POWERTOOLS_SERVICE_NAME": "codes"}.items():
        os.environ.setdefault(name, value)
    found = []
    for package in map(import_module, PACKAGES):
        found += [package, *(import_module(one.name) for one in _below(package))]
    return tuple(found)


def _below(package: ModuleType) -> Iterable[pkgutil.ModuleInfo]:
    return pkgutil.walk_packages(package.__path__, f"{package.__name__}.")


def calls(names: Iterable[str]) -> Iterator[tuple[ast.Call, ModuleType]]:
    """Every call of one of these names in what is deployed."""
    wanted = frozenset(names)
    for module in modules():
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.Call) and name_of(node) in wanted:
                yield node, module


def is_passed_on(code: ast.expr, module: ModuleType) -> bool:
    """Whether the code was somebody else's first: an attribute `code`, an item's member, a caller's argument."""
    if isinstance(code, ast.Attribute) and isinstance(code.value, ast.Name):
        return code.attr == "code" or code.value.id == "code"
    if isinstance(code, ast.Name):
        return any(code.id in _arguments(function) for function in _functions_around(code, module))
    return isinstance(code, ast.Subscript) or (isinstance(code, ast.Call) and name_of(code) == "RowCode")


def text_of(node: ast.expr, module: ModuleType) -> str | None:
    """A text as far as it is written down, with gaps for what the case supplies; None where nothing of it is."""
    if isinstance(node, ast.JoinedStr):
        return _joined(_part(one, module) for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined(text_of(one, module) or GAP for one in (node.left, node.right))
    if isinstance(node, ast.Name) and (assigned := _assigned(node, module)) is not None:
        return text_of(assigned, module)
    if isinstance(node, ast.Call):
        return _returned(node, module)
    value = value_of(node, module)
    return value if isinstance(value, str) else None


def _part(node: ast.expr, module: ModuleType) -> str:
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    limit = value_of(inner, module)
    return str(limit) if isinstance(limit, int) else text_of(inner, module) or GAP


def _joined(parts: Iterable[str]) -> str:
    return "".join(parts).replace(GAP + GAP, GAP)


def value_of(node: ast.expr, module: ModuleType) -> Any:
    """What a constant, a module's name, an attribute of one or a fixed entry of a table is; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node, ast.Attribute):
        return getattr(value_of(node.value, module), node.attr, None)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        table = value_of(node.value, module)
        return table.get(node.slice.value) if isinstance(table, Mapping) else None
    return None


def _assigned(name: ast.Name, module: ModuleType) -> ast.expr | None:
    """What a local name was last set to before this line, in the same function."""
    set_before = [
        node
        for function in _functions_around(name, module)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and node.lineno < name.lineno and ast.unparse(node.targets[0]) == name.id
    ]
    return max(set_before, key=lambda node: node.lineno).value if set_before else None


def _returned(call: ast.Call, module: ModuleType) -> str | None:
    """What a plain function of one return makes of a text."""
    made_by = value_of(call.func, module)
    if not isinstance(made_by, FunctionType):
        return None
    its_module = import_module(made_by.__module__)
    function = next(node for node in ast.walk(_tree(its_module)) if _is_named(node, made_by.__name__))
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
    return text_of(returned[0], its_module) if len(returned) == 1 else None


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _functions_around(node: ast.expr, module: ModuleType) -> Iterator[ast.FunctionDef]:
    for function in ast.walk(_tree(module)):
        if isinstance(function, ast.FunctionDef) and function.lineno <= node.lineno <= (function.end_lineno or 0):
            yield function


def _arguments(function: ast.FunctionDef) -> set[str]:
    return {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def name_of(call: ast.Call) -> str:
    """What is called, without what it belongs to."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
