"""The features that share an enum with the one that is extended: what becomes of them when its labels change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server.changes import ledger
from mcp_server.features.catalog import Catalog
from mcp_server.features.evolve import Evolved
from mcp_server.features.relabel import Labels, relabelled, relabelled_columns
from mcp_server.features.shared_enums import shared_name
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import table_of
from mcp_server.features.validate import validate
from mcp_server.operations.known_features import spec_of
from mcp_server.schema.difference import steps
from mcp_server.schema.operations import SchemaOperation
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class EnumUser:
    """`new` differs from `old` where a default follows a label to its new name."""

    entry: ledger.Entry
    old: FeatureSpec
    new: FeatureSpec


def users_of(workspace: Workspace, old: FeatureSpec, evolved: Evolved) -> tuple[EnumUser, ...]:
    """The other features with a field of an enum that `old` declares and that changes."""
    before, after = ({enum.name: enum.values for enum in spec.enums} for spec in (old, evolved.spec))
    changed = {name for name, values in before.items() if after.get(name) != values}
    labels = _shared(old, evolved)
    specs = ((entry, spec_of(entry)) for entry in ledger.read(workspace).values())
    return tuple(
        EnumUser(entry, spec, relabelled(spec, labels))
        for entry, spec in specs
        if spec.feature != old.feature and any(shared_name(field.type) in changed for field in spec.fields)
    )


def require_fitting(users: Sequence[EnumUser], catalog: Catalog) -> None:
    """InvalidInput EXT011 with every reason why a user cannot go along; `catalog` has the features as they will be."""
    found = [
        Problem(
            "EXT011",
            f"{user.new.feature}.{one.place}"[:100],
            f"{user.new.feature} shares the enum, and there {one.reason}"[:300],
            f"Extend {user.new.feature} first, so that it does without the label. {one.hint}"[:300],
        )
        for user in users
        for one in validate(user.new, catalog.without(user.new.feature))
    ]
    if found:
        raise InvalidInput(*found)


def steps_of(
    users: Sequence[EnumUser], old: FeatureSpec, evolved: Evolved, before: Catalog, after: Catalog
) -> Iterator[SchemaOperation]:
    """What the migration does to the tables of the users."""
    for user in users:
        columns = relabelled_columns(user.old, _shared(old, evolved), {})
        yield from steps(table_of(user.old, before), table_of(user.new, after), relabelled=columns)


def _shared(old: FeatureSpec, evolved: Evolved) -> Labels:
    """The labels of the enums that `old` declares for all, without those of its own fields."""
    names = {enum.name for enum in old.enums}
    return {name: pairs for name, pairs in evolved.labels.items() if name in names}
