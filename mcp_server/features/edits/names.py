"""The names that a module looks up and does not have."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

from mcp_server.features.edits.bindings import bindings
from mcp_server.features.edits.statements import IMPORTS
from mcp_server.features.edits.tree import Element
from mcp_server.features.imports import global_names


class Names(NamedTuple):
    """What a module binds, and what it looks up without binding it: builtins, and what it has lost."""

    bound: set[str]
    missing: set[str]


def names_of(statements: Sequence[Element]) -> Names:
    """The names of a module, from its statements. Raises SyntaxError where Python refuses one.

    Annotations count as code that runs, whatever the module imports from the future: SQLAlchemy and pydantic read them.
    """
    code = "\n".join(item.text for item in statements if item.kind != IMPORTS)
    bound, used = names_in(code)
    bound |= {each.bound for item in statements if item.kind == IMPORTS for each in bindings(item)}
    return Names(bound, used - bound)


def names_in(code: str) -> tuple[set[str], set[str]]:
    """What the code of a module binds there, and what it looks up there. Raises SyntaxError where Python refuses it."""
    with warnings.catch_warnings(action="ignore"):  # an odd escape in a string is none of our business
        return global_names(code)
