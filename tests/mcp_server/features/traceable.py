"""What of a spec its files show. Two specs that differ in nothing else give the same files but for what is named here."""

from dataclasses import replace

from mcp_server.features.catalog import Catalog
from mcp_server.features.nested import nested_of
from mcp_server.features.spec import (
    EMAIL_LENGTH,
    STRING_LENGTH,
    TEXT_LENGTH,
    FeatureSpec,
    FieldSpec,
    TypeSpec,
)
from mcp_server.features.tables import table_of


def traceable(spec: FeatureSpec, catalog: Catalog) -> FeatureSpec:
    """The spec as its table, schemas, routes and lists give it back.

    Lost are: rules that would hold without being written (an `on_delete` of its usual value, `index` beside `unique`, a
    least length of 0, access that follows another, `created_at` among the sorts), which of two names for one thing was
    written (`ref unique` and `one` where their indexes are the same, a list of `text` and of the longest strings), the
    order of plain and directed indexes, the shape of text that nobody writes; and without a list what it would filter,
    sort, search and page by, and what the routes below other rows would be called.
    """
    lists = "list" in spec.operations
    below = {nested.field.name for nested in nested_of(spec, catalog)}
    for field in spec.fields:
        spec = _shortest(spec, field, catalog, opens_routes=field.name in below)
    access: tuple[tuple[str, str], ...] = ()
    for name in (
        *(one for one in spec.operations if one not in ("replace", "bulk_create")),
        "replace",
        "bulk_create",
    ):
        if name in spec.operations and replace(spec, access=access).access_of(name) != spec.access_of(name):
            access = (*access, (name, spec.access_of(name)))
    return replace(
        spec,
        indexes=tuple(sorted(spec.indexes, key=lambda group: any(name.startswith("-") for name in group))),
        search=spec.search if lists else (),
        filters=spec.filters if lists else (),
        sort=tuple(name for name in spec.sort if name != "created_at") if lists else (),
        pagination=spec.pagination if lists else "offset",
        access=tuple(sorted(access, key=lambda pair: spec.operations.index(pair[0]))),
        description=spec.description.strip(),
    )


def _shortest(spec: FeatureSpec, field: FieldSpec, catalog: Catalog, *, opens_routes: bool) -> FeatureSpec:
    """The spec with one field in the words in which it is read back."""
    type_ = replace(field.type, min=field.type.min or None)
    if type_.item == TypeSpec("string", max=TEXT_LENGTH):
        type_ = TypeSpec("list", item=TypeSpec("text"))
    usual = replace(field, on_delete=None).delete_rule
    if field.readonly:
        type_ = in_answers(type_)
    plain = replace(
        field,
        pattern=None if field.readonly else field.pattern,
        back_reference=field.back_reference if opens_routes else None,
        type=type_,
        index=field.index and not field.unique and type_.name != "one",
        on_delete=None if field.on_delete == usual else field.on_delete,
    )
    choices = [replace(plain, index=False), plain]
    if field.is_reference and (field.unique or type_.name == "one"):
        one = replace(plain, type=replace(type_, name="one"), unique=False, index=False)
        choices = [one, replace(one, type=replace(type_, name="ref"), unique=True)]
    specs = [
        replace(spec, fields=tuple(choice if each is field else each for each in spec.fields))
        for choice in choices
    ]
    indexes = set(table_of(spec, catalog).indexes)
    return next(one for one in specs if set(table_of(one, catalog).indexes) == indexes)


def in_tables(spec: FeatureSpec) -> FeatureSpec:
    """Without what only the schemas of JSON tell: the shape of text, descriptions."""
    return replace(spec, fields=tuple(_in_table(field) for field in spec.fields), description="")


def _in_table(field: FieldSpec) -> FieldSpec:
    return replace(field, type=in_answers(field.type), pattern=None, description="")


def in_answers(type_: TypeSpec) -> TypeSpec:
    """The type without what only bodies tell."""
    if type_.name == "email":
        return TypeSpec("string", max=EMAIL_LENGTH)
    item = None if type_.item is None else _in_python(type_.item)
    return replace(type_, min=None, item=item)


def _in_python(item: TypeSpec) -> TypeSpec:
    """What a list holds, by its Python type alone."""
    if item.name in ("string", "text", "email", "url", "enum"):
        return TypeSpec("string", max=STRING_LENGTH)
    if item.name == "decimal":
        return TypeSpec("decimal", precision=38, scale=10)
    return TypeSpec("int" if item.name == "bigint" else item.name)
