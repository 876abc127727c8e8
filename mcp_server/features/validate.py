"""Everything that is wrong with a spec, at once: each problem with its code, its place and a way out."""

from collections.abc import Iterable

from mcp_server.features.catalog import Catalog
from mcp_server.features.check_catalog import check_catalog
from mcp_server.features.check_constraints import check_constraints
from mcp_server.features.check_fields import check_fields
from mcp_server.features.check_lists import check_lists
from mcp_server.features.check_names import check_names
from mcp_server.features.check_text import check_texts
from mcp_server.features.check_visibility import check_visibility
from mcp_server.features.load import ENTRIES
from mcp_server.features.problems import problem
from mcp_server.features.shared_enums import check_shared_enums
from mcp_server.features.spec import FeatureSpec
from mcp_server.workspace.errors import InvalidInput, Problem


def validate(spec: FeatureSpec, catalog: Catalog) -> tuple[Problem, ...]:
    """All problems of a spec in this catalog; none means that a feature can be made of it."""
    return tuple(
        dict.fromkeys(
            (*validate_alone(spec), *check_catalog(spec, catalog), *check_shared_enums(spec, catalog))
        )
    )


def validate_alone(spec: FeatureSpec) -> tuple[Problem, ...]:
    """The problems that can be seen without knowing the other features."""
    found: list[Problem] = []
    if not spec.feature:
        found.append(
            problem("SPEC003", "feature", "feature is missing", "Name the feature, such as product.")
        )
    if not spec.fields:
        found.append(
            problem("SPEC003", "fields", "fields is missing", "Give at least one field, such as name:string.")
        )
    if len(spec.fields) > ENTRIES:
        reason = f"there are {len(spec.fields)} entries, and {ENTRIES} are the limit"
        found.append(problem("SPEC008", "fields", reason, "Split the feature."))
    for check in (
        check_names,
        check_texts,
        check_fields,
        check_lists,
        check_visibility,
        check_constraints,
    ):
        found += check(spec)
    return tuple(dict.fromkeys(found))


def require_valid(spec: FeatureSpec, catalog: Catalog, unread: Iterable[Problem] = ()) -> None:
    """InvalidInput with everything that is wrong: what could not be read, and what was read and cannot be."""
    found = tuple(dict.fromkeys((*unread, *validate(spec, catalog))))
    if found:
        raise InvalidInput(*found)
