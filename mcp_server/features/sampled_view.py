"""What the templates of tests and factories see, beyond the feature itself."""

import keyword
from collections.abc import Iterable
from dataclasses import dataclass

from mcp_server.features import code
from mcp_server.features.field_view import FieldView, Target
from mcp_server.features.view import FeatureView

ROUTES = {
    "list": ("GET", ""),
    "create": ("POST", ""),
    "bulk_create": ("POST", "/bulk"),
    "get": ("GET", "/{}"),
    "replace": ("PUT", "/{}"),
    "update": ("PATCH", "/{}"),
    "delete": ("DELETE", "/{}"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A field with two values; `name` is the query parameter that tells them apart."""

    name: str
    field: str
    here: str
    there: str

    @property
    def here_argument(self) -> str:
        return _argument(self.field, self.here)

    @property
    def there_argument(self) -> str:
        return _argument(self.field, self.there)


@dataclass(frozen=True, slots=True)
class UniqueGroup:
    name: str
    fields: tuple[FieldView, ...]


class SampledView(FeatureView):
    """A feature together with the values that its tests use."""

    @property
    def sampled(self) -> tuple[FieldView, ...]:
        """Fields that bodies of the tests name."""
        return tuple(field for field in self.written if field in self.columns and not field.spec.is_reference)

    @property
    def secret_names(self) -> str:
        return _names(field.json_name for field in self.fields if field.spec.secret)

    def is_numbered(self, field: FieldView) -> bool:
        """Whether rows must differ in this field."""
        return any(field in group for group in self.unique_groups)

    @property
    def numbered(self) -> bool:
        return any(map(self.is_numbered, self.sampled))

    @property
    def required_references(self) -> tuple[FieldView, ...]:
        return tuple(field for field in self.references if field.spec.required)

    @property
    def invalid_bodies(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (field.json_name, why, value) for field in self.fields for why, value in field.samples.invalid
        )

    @property
    def required_names(self) -> str:
        return _names(field.json_name for field in self.fields if field.spec.required)

    @property
    def not_null(self) -> str:
        return _names(field.json_name for field in self.written if not field.spec.nullable)

    @property
    def testable_uniques(self) -> tuple[UniqueGroup, ...]:
        return tuple(
            UniqueGroup("_and_".join(field.spec.name for field in group), group)
            for group in self.unique_groups
            if all(self.may_name("create", field.target) for field in group)
        )

    @property
    def reader_of_created(self) -> str | None:
        """The client that created a row, if it may read it too."""
        return self.client("get") if self.client("get") == self.client("create") else None

    def may_name(self, operation: str, target: Target | None) -> bool:
        """Whether the fixture for this operation reaches the rows that a body would name."""
        return target is None or not target.private or self.client(operation) != "anonymous"

    def lists_what(self, operation: str) -> bool:
        """Whether the list holds rows that the fixture for this operation has made."""
        sees_all = not self.scoped("list") or self.client("list") == "superuser_client"
        return self.has("list") and (sees_all or self.client("list") == self.client(operation))

    @property
    def reads_bulk(self) -> bool:
        """Whether who creates rows in bulk may read them too."""
        return (
            self.has("bulk_create") and self.has("get") and self.client("get") == self.client("bulk_create")
        )

    @property
    def plain_sorts(self) -> str:
        return _names(self.spec.sortable)

    @property
    def filter_cases(self) -> tuple[Case, ...]:
        found = []
        for filter_ in self.filters:
            samples = filter_.field.samples
            if filter_.field not in self.sampled or not samples.distinct:
                continue
            here, there = (
                (samples.second, samples.first) if filter_.kind == "min" else (samples.first, samples.second)
            )
            found.append(Case(filter_.name, filter_.field.json_name, here, there))
        return tuple(found)

    @property
    def reference_filters(self) -> tuple[FieldView, ...]:
        return tuple(filter_.field for filter_ in self.filters if filter_.field.spec.is_reference)

    @property
    def search_case(self) -> Case | None:
        for field in self.sampled:
            if field.spec.name in self.spec.search and field.samples.distinct:
                return Case("search", field.json_name, field.samples.second, field.samples.first)
        return None

    @property
    def search_is_sharp(self) -> bool:
        """Whether the searched text can only stand in the one row, whatever the other fields hold."""
        case = self.search_case
        if case is None:
            return False
        wanted = case.here.strip('"').lower()
        others = [
            field
            for field in self.sampled
            if field.spec.name in self.spec.search and field.json_name != case.field
        ]
        texts = [case.there, *(field.samples.first for field in others)]
        unknown = any(field.spec.readonly and field.spec.name in self.spec.search for field in self.fields)
        return (
            not unknown
            and not any(map(self.is_numbered, others))
            and not any(wanted in text.lower() for text in texts)
        )

    @property
    def sort_cases(self) -> tuple[Case, ...]:
        """Fields whose two samples every database puts into the same order; labels of enums may differ by collation."""
        return tuple(
            Case(field.spec.name, field.json_name, field.samples.second, field.samples.first)
            for field in self.sampled
            if field.spec.name in self.spec.sort
            and field.samples.distinct
            and field.spec.type.name != "enum"
            and field.spec.pattern is None
        )

    @property
    def cleared_names(self) -> str:
        return _names(field.json_name for field in self._cleared)

    @property
    def cleared_nulls(self) -> str:
        return f"[{', '.join('None' for _ in self._cleared)}]"

    @property
    def _cleared(self) -> tuple[FieldView, ...]:
        """Fields that are null when a body leaves them out."""
        return tuple(
            field
            for field in self.sampled
            if field in self.shown and field.spec.nullable and field.spec.default is None
        )

    @property
    def change_case(self) -> Case | None:
        """The change that an update makes: to a value that the row does not have yet, where there is one."""
        for field in sorted(
            (field for field in self.sampled if field in self.shown),
            key=lambda field: (not field.samples.distinct, self.is_numbered(field)),
        ):
            return Case("", field.json_name, field.samples.second, field.samples.first)
        return None

    @property
    def guarded(self) -> tuple[tuple[str, str], ...]:
        """Routes that want a token."""
        return tuple(ROUTES[name] for name in self.spec.operations if self.spec.access_of(name) != "public")

    @property
    def superuser_routes(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            ROUTES[name] for name in self.spec.operations if self.spec.access_of(name) == "superuser"
        )

    @property
    def stranger_cases(self) -> str:
        """What another user is answered who reaches for a row: 404 where rows are private, else 403."""
        if not self.owned:
            return ""
        names = [name for name in ("get", "replace", "update", "delete") if self.has(name)]
        cases = [
            f'("{ROUTES[name][0]}", {403 if self.rows_are_readable else 404})'
            for name in names
            if self.spec.access_of(name) == "authenticated"
        ]
        return f"[{', '.join(cases)}]" if cases else ""


def _argument(name: str, value: str) -> str:
    """A keyword argument, also for names that Python keeps for itself."""
    return f"**{{{code.literal(name)}: {value}}}" if keyword.iskeyword(name) else f"{name}={value}"


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    return f"[{', '.join(map(code.literal, listed))}]" if listed else ""
