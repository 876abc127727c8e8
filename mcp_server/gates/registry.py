"""All gates: every module in `checks/` exports one as `gate`."""

import pkgutil
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from mcp_server.gates import checks
from mcp_server.gates.gate import Gate
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.workspace import Workspace


@cache
def all_gates() -> tuple[Gate, ...]:
    """Return every gate in the order of the report.

    Raises TypeError for a module in `checks/` that exports no gate, ValueError for an id used twice: a gate that is
    written but never runs would be a hole nobody sees.
    """
    found: dict[str, Gate] = {}
    for module in pkgutil.iter_modules(checks.__path__, f"{checks.__name__}."):
        gate = getattr(import_module(module.name), "gate", None)
        if not isinstance(gate, Gate):
            raise TypeError(f"{module.name} must export a Gate called `gate`")
        if gate.id in found:
            raise ValueError(f"two gates are called {gate.id!r}")
        found[gate.id] = gate
    return tuple(sorted(found.values(), key=lambda gate: (gate.rank, gate.id)))


def gates_of(workspace: Workspace) -> tuple[Gate, ...]:
    """Return the gates that exist in `workspace`."""
    return tuple(gate for gate in all_gates() if gate.present(workspace))


def select(gates: Collection[Gate], only: Collection[str]) -> tuple[Gate, ...]:
    """Return the gates named by id or group in `only`, all of them when it is empty.

    Raises InvalidInput GATE001 for a name that is neither.
    """
    ids = [gate.id for gate in gates]
    groups = [gate.group for gate in gates]
    known = sorted({*ids, *groups})
    problems = [
        Problem("GATE001", f"only[{index}]", f"no gate or group is called {name!r}", _hint(name, known))
        for index, name in enumerate(only)
        if name not in known
    ]
    if problems:
        raise InvalidInput(*problems)
    return tuple(gate for gate in gates if not only or gate.id in only or gate.group in only)


def _hint(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
