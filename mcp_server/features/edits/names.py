"""The names that a module looks up and does not have."""

import ast
import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from mcp_server.features.edits.bindings import bindings
from mcp_server.features.edits.statements import IMPORTS
from mcp_server.features.edits.tree import Element
from mcp_server.features.imports import global_names
from mcp_server.inspection.uses import bound


class Names(NamedTuple):
    """What a module binds, and what it looks up without binding it: builtins, and what it has lost.

    `typed` are those of the bound names that are there for type checkers only.
    """

    bound: set[str]
    missing: set[str]
    typed: set[str]


def names_of(statements: Sequence[Element]) -> Names:
    """The names of a module, from its statements. Raises SyntaxError where Python refuses one.

    Annotations count as code that runs, whatever the module imports from the future: SQLAlchemy and pydantic read them.
    """
    code = "\n".join(item.text for item in statements if item.kind != IMPORTS)
    bound, used = names_in(code)
    bound |= {each.bound for item in statements if item.kind == IMPORTS for each in bindings(item)}
    typing = "\n".join(item.text for item in statements if any(map(_is_for_types, item.nodes)))
    typed = names_in(typing)[0] if typing else set[str]()
    return Names(bound, used - bound, typed)


def is_used_more(name: str, after: str, before: str) -> bool:
    """Whether one code has a name more often than another."""
    word = rf"\b{name}\b"
    return len(re.findall(word, after)) > len(re.findall(word, before))


def _is_for_types(node: ast.AST) -> bool:
    """`if TYPE_CHECKING:`, with nothing for when the code runs."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=[]):
            return True
    return False


def members(module: ast.Module) -> tuple[set[str], set[str]]:
    """The attributes that the classes of a module have, and those of `self` that they look up without having them.

    Classes with bases are left out: nobody knows what these bring.
    """
    has, missing = set[str](), set[str]()
    for each in module.body:
        if isinstance(each, ast.ClassDef) and not each.bases:
            own, used = {name for node in each.body for name in bound(node)}, set[str]()
            for node in ast.walk(each):
                match node:
                    case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Load()):
                        used.add(name)
                    case ast.Attribute(value=ast.Name(id="self"), attr=name):
                        own.add(name)
            has |= own
            missing |= used - own
    return has, missing


def names_in(code: str) -> tuple[set[str], set[str]]:
    """What the code of a module binds there, and what it looks up there. Raises SyntaxError where Python refuses it."""
    with warnings.catch_warnings(action="ignore"):  # an odd escape in a string is none of our business
        return global_names(code)
