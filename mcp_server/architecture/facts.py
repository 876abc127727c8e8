"""What checkers need to know of the other files: the columns that the models declare."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """`plain_columns`: names of the attributes that some model declares as a column and not as a foreign key."""

    plain_columns: frozenset[str] = frozenset()


def gather(models: Iterable[ast.Module]) -> Facts:
    """The facts of these model files."""
    return Facts(frozenset(name for tree in models for name in _plain_columns(tree)))


def _plain_columns(tree: ast.Module) -> Iterator[str]:
    for model in tree.body:
        for item in model.body if isinstance(model, ast.ClassDef) else ():
            match item:
                case ast.AnnAssign(target=ast.Name(id=name), value=value) if not _mentions_foreign_key(value):
                    yield name


def _mentions_foreign_key(value: ast.expr | None) -> bool:
    names = (getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(value)) if value else ()
    return "ForeignKey" in names
