"""What checkers need to know of the other files: the columns that the models declare."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """`columns`: by model, the attributes that it declares, and whether each is a foreign key."""

    columns: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def is_plain(self, schema: str, name: str) -> bool:
        """Whether the models prove `name` to be plain data in a schema, which is called after its model (`ProductRead`).

        Where no model tells of it, because the schema is called otherwise or has the name from elsewhere, no model may
        have it as a foreign key and one must have it as plain data.
        """
        model = max((each for each in self.columns if schema.startswith(each)), key=len, default="")
        own = self.columns.get(model, {})
        said = {own[name]} if name in own else {each[name] for each in self.columns.values() if name in each}
        return said == {False}


def gather(models: Iterable[ast.Module]) -> Facts:
    """The facts of these model files."""
    classes = (item for tree in models for item in tree.body if isinstance(item, ast.ClassDef))
    return Facts({model.name: dict(_columns(model)) for model in classes})


def _columns(model: ast.ClassDef) -> Iterator[tuple[str, bool]]:
    for item in model.body:
        match item:
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                yield name, _mentions_foreign_key(value)


def _mentions_foreign_key(value: ast.expr | None) -> bool:
    names = (getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(value)) if value else ()
    return "ForeignKey" in names
