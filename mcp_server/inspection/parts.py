"""What the routes of a feature are made of, whatever it is called. Plain values: they cross from the child as JSON."""

from dataclasses import dataclass, field
from typing import Any, Final

SHOWING: Final = ("get", "create", "replace", "update", "list")
"""The operations that show a row, the one first whose class counts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A class or function, and the module that defines it."""

    name: str
    module: str


@dataclass(frozen=True, slots=True)
class Operation:
    """The function behind a route, the classes of the body that it takes and of the query that it understands, the class of
    its answer, and in that answer the class of a row; None for what there is not."""

    function: Part
    body: Part | None
    query: Part | None
    answer: Part | None
    row: Part | None


@dataclass(frozen=True, slots=True)
class Parts:
    """`imported` are the classes that the modules of the routes know, `repository` and `record` those of the model; `body`
    and `answer` are the JSON schemas of what a creation takes and of a row as answers show it."""

    operations: dict[str, Operation] = field(default_factory=dict)
    imported: list[Part] = field(default_factory=list)
    repository: Part | None = None
    record: Part | None = None
    body: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
