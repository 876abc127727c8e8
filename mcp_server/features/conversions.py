"""Whether rows that exist can follow a field to another type; refused before anything is written where none can."""

from collections.abc import Mapping
from typing import Final

from mcp_server.features.spec import TEXT_TYPES, FeatureSpec, FieldSpec
from mcp_server.features.tables import stored_name
from mcp_server.features.type_text import format_type
from mcp_server.schema.conversion import TEXTS, WHOLE, converts
from mcp_server.workspace.errors import InvalidInput, Problem

_ANY_TEXT: Final = frozenset({*TEXT_TYPES, "enum"})
_ADDRESSES: Final = frozenset({"email", "url"})


def refuse_conversions(old: FeatureSpec, new: FeatureSpec, renamed: Mapping[str, str]) -> None:
    """Raises InvalidInput EXT011 for every field whose values would mean nothing in its new type."""
    origin = {to: name for name, to in renamed.items()}
    problems = []
    for field in new.fields:
        name = origin.get(field.name, field.name)
        before = None if name in renamed and field.name not in origin else old.field(name)
        if before is not None and not _follows(old, before, field):
            was, becomes = format_type(before.type), format_type(field.type)
            reason = f"what is stored as {was} has no one meaning as {becomes}"
            if field.type.name in _ADDRESSES:
                reason = f"what is stored as {was} need not be an address, and nobody looks at the rows"
            hint = (
                f"Add a field of another name, move the data, then drop {name}. "
                f"If the data may go: drop {name} first, and add it in a second call"
            )
            problems.append(Problem("EXT011", field.name, reason[:300], hint[:300]))
    if problems:
        raise InvalidInput(*problems)


def _follows(spec: FeatureSpec, before: FieldSpec, after: FieldSpec) -> bool:
    if (before.is_reference, before.is_links) != (after.is_reference, after.is_links):
        return False
    if before.is_reference or before.is_links:
        return spec.target_of(before) == spec.target_of(after)
    one, other = before.type.item, after.type.item
    if after.type.name in _ADDRESSES:  # their columns hold any text, so that no plan could count what is none
        return before.type.name == after.type.name
    if one is None or other is None:
        return one is other and converts(stored_name(before.type.name), stored_name(after.type.name))
    # Nothing in a list is converted or counted: what was in it must be what may be in it now.
    texts = one.name in _ANY_TEXT and other.name in TEXTS
    return one.name == other.name or texts or {one.name, other.name} <= WHOLE
