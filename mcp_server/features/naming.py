"""Every name that is derived from a feature: classes, tables, paths, attributes, constraints.

The same spec gives the same names for ever: they are in databases and in other people's clients.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

from mcp_server.features.reserved import ATTRIBUTES, CLASSES, SQL_WORDS

FEATURE_LENGTH: Final = 40
FIELD_LENGTH: Final = 50
"""In characters. With the longest suffix (`_public_id`) still inside the 63 bytes of a PostgreSQL identifier."""
CONSTRAINT_LENGTH: Final = 60
CLASS_KINDS: Final = ("Create", "Update", "Read", "Query", "Page", "Bulk", "Record", "Repository", "Service")
"""Classes that are generated beside the model, named after it."""

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)


def is_name(text: str) -> bool:
    """Whether `text` is lower-case snake_case in ASCII: words joined by single underscores."""
    return _NAME.fullmatch(text) is not None


def folded(name: str) -> str:
    """Two names with the same fold cannot be told apart as classes or in case-insensitive places."""
    return name.replace("_", "").lower()


def class_name(name: str) -> str:
    """`order_item` gives `OrderItem`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def attribute_name(name: str) -> str:
    """The Python attribute for a column or JSON name: the same, with a trailing underscore where it is reserved."""
    return f"{name}_" if name in ATTRIBUTES else name


def enum_class(feature: str, field: str) -> str:
    """Name of a field's enum class: `ProductStatus`."""
    return class_name(feature) + class_name(field)


def member_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """Python names for enum labels, in order and all different: `In review` gives `IN_REVIEW`, `1st` gives `V_1ST`.

    Letters lose their accents (`über` gives `UBER`); other scripts give `VALUE`.
    """
    members: list[str] = []
    for value in values:
        plain = "".join(each for each in normalize("NFKD", value.upper()) if not combining(each))
        word = re.sub(r"[^A-Z0-9]+", "_", plain).strip("_") or "VALUE"
        # `mro` and `_ignore_`-like names mean something to enum.Enum; upper-case ASCII only leaves MRO, which is free.
        base = word if word[0].isalpha() else f"V_{word}"
        member, count = base, 1
        while member in members:
            count += 1
            member = f"{base}_{count}"
        members.append(member)
    return tuple(members)


def constraint_name(kind: str, table: str, *columns: str) -> str:
    """Name of a constraint or index: `kind` is pk, uq, ix, ck or fk. At most 60 characters.

    A longer name keeps its beginning and ends in eight hex digits of its SHA-256, so it never changes.
    """
    return _shortened("_".join((kind, table, *columns)), CONSTRAINT_LENGTH)


def link_table_name(feature: str, field: str) -> str:
    """Name of the table behind a `many` field: `product_tags`. Short enough for `pk_` before it."""
    return _shortened(f"{feature}_{field}", CONSTRAINT_LENGTH - 3)


def _shortened(name: str, longest: int) -> str:
    if len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - 9].rstrip('_')}_{digest}"


def sql_name(column: str) -> str:
    """A column as it is written inside a CHECK: quoted where SQL reserves the word."""
    return f'"{column}"' if column in SQL_WORDS else column


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one feature, here for `order_item`."""

    feature: str
    """order_item: modules, variables."""
    plural: str
    """order_items: module of the endpoints."""
    model_class: str
    """OrderItem; `PageModel` where the plain class name belongs to the app's own vocabulary."""
    table: str
    """order_items."""
    path: str
    """order-items: the part of the URL, without slashes."""
    title: str
    """order item: prose, first letter small."""
    plural_title: str
    """order items."""
    called: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What is called otherwise in a feature that was written by hand: classes by kind, routes by operation, and under
    `rows` the attribute of the service that holds the repository."""

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(feature: str, plural: str) -> "Names":
        name = class_name(feature)
        taken = name in CLASSES or any(f"{name}{kind}" in CLASSES for kind in CLASS_KINDS)
        return Names(
            feature=feature,
            plural=plural,
            model_class=f"{name}Model" if taken else name,
            table=plural,
            path=plural.replace("_", "-"),
            title=feature.replace("_", " "),
            plural_title=plural.replace("_", " "),
        )

    @property
    def body_function(self) -> str:
        """order_item_body: makes a JSON body for a test. `test_run_body` would be taken for a test itself."""
        return f"body_of_{self.feature}" if self.feature.startswith("test") else f"{self.feature}_body"

    @property
    def looks_like_tests(self) -> bool:
        """Whether pytest would look for tests in a module of this name, as in `test_run.py` and `load_test.py`."""
        return self.feature.startswith("test_") or self.feature.endswith("_test")

    def under(self, called: Mapping[str, str]) -> "Names":
        """The names of the feature where some parts are `called` otherwise."""
        return replace(self, model_class=called.get("Model", self.model_class), called=called)

    def schema(self, kind: str) -> str:
        """Class of one of `CLASS_KINDS`: `schema("Create")` gives `OrderItemCreate`."""
        usual = Names.of(self.feature, self.plural).model_class
        return self.called.get(kind, f"{usual}{kind}")

    def function(self, operation: str) -> str:
        """The function behind a route, which is its name in the API document: `list_order_items`, `get_order_item`."""
        rows = self.plural if operation in ("list", "bulk_create") else self.feature
        return self.called.get(operation, f"{operation}_{rows}")
