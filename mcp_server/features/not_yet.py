"""What the feature language knows and this release does not generate. Lifting a limit is deleting its line."""

from collections.abc import Iterator

from mcp_server.features.problems import problem
from mcp_server.features.spec import FeatureSpec
from mcp_server.workspace.errors import Problem


def check_not_yet(spec: FeatureSpec) -> Iterator[Problem]:
    yield from _refused(
        "enums", bool(spec.enums), "shared enums", "Write the values in the field: enum(a,b)."
    )
    for number, field in enumerate(spec.fields):
        place = f"fields[{number}]"
        holds = field.type.item or field.type
        shared = holds.name == "enum" and holds.target is not None
        yield from _refused(
            f"{place}.type", shared, "shared enums", "Write the values in the field: enum(a,b)."
        )


def _refused(place: str, used: bool, what: str, hint: str) -> Iterator[Problem]:
    if used:
        yield problem("SPEC090", place, f"{what} belongs to the language but is not generated yet", hint)
