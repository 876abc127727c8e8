"""Extending a feature with rows: what they get keeps the bounds, labels and unique rules of both ways."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Integer, MetaData, String, column, select, table, text
from sqlalchemy import Table as DatabaseTable
from sqlalchemy.exc import DBAPIError

from mcp_server.features.backfill import fills_of
from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.evolve import Change, evolve
from mcp_server.features.load import load_spec
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.tables import table_of
from mcp_server.migrations.foreseen import Foreseen
from mcp_server.schema.difference import steps
from mcp_server.schema.table import Column, ColumnType, Table
from mcp_server.workspace.layout import LAYERED
from tests.mcp_server.migrations.changes import OnDatabase, create, empty, there_and_back

CATEGORY = load_spec({"feature": "category", "fields": ["name:string"]})
USERS = Table(
    "users", (Column("id", ColumnType("int"), primary_key=True), Column("name", ColumnType("text")))
)
CATALOG = Catalog.of(KnownFeature.of(CATEGORY, LAYERED))
PLAIN = load_spec({"feature": "product", "fields": ["name:string(2..100)", "stock:int"]})
FIELDS = [
    "level:int >=5",
    "depth:int <0",
    "share:float >0 <1",
    "weight:decimal(8,2) >0.5 <=900",
    "count:bigint >9",
    "grade:enum(b,a)",
    "seen:datetime",
    "order:int >=3",
    "on_sale:bool",
    "sizes:list(int)",
]
FILL = {
    "level": 7, "depth": -2, "share": 0.5, "weight": "1.50", "count": 10, "grade": "a",
    "seen": "2026-01-01T00:00:00+00:00", "order": 3, "on_sale": True, "sizes": [], "category": "first", "owner": "first",
}  # fmt: skip
RULES = [
    "code:int >=100 unique",
    "slug:string(..40) unique",
    "part:string(..40)",
    "size:decimal(6,1) >2 unique",
]


TEXTS = [
    "Don't know",
    '5" pipe',
    "back\\slash",
    "100 %",
    "50%%",
    ":colon",
    "naïve",
    ":name",
    "%(x)s",
    "%s",
    "?",
    "{0}",
]
PROSE = 'The "best" isn\'t 100 % :name'


def changed(
    connection: Connection, old: FeatureSpec, change: Change, fill: dict[str, Any]
) -> list[dict[str, Any]]:
    """Up, down and up with two rows in place; the rows in the end."""
    evolved = evolve(old, change)
    new = evolved.spec
    fills = fills_of(old, new, evolved.renamed, fill, CATALOG)
    before, after = table_of(old, CATALOG), table_of(new, CATALOG)
    return there_and_back(
        connection,
        before,
        after,
        steps(before, after, renamed=evolved.renamed, fills=fills),
        rows=2,
        same={"id": "id", "name": "name"},
        beside=[USERS, table_of(CATEGORY, CATALOG)],
    )


def everything(connection: Connection) -> None:
    added = Change(add=[*FIELDS, "category:ref(category)"], set={"owner": "user", "soft_delete": True})
    rows = changed(connection, PLAIN, added, FILL)
    found = [(row["level"], row["grade"], row["owner_id"], row["deletion_id"]) for row in rows]
    assert found == [(7, "a", 1, 0)] * 2
    assert [
        row["sizes"] for row in rows if row["sizes"] not in ([], "[]")
    ] == []  # drivers read JSON, or do not
    full = load_spec(
        {
            "feature": "product",
            "fields": ["name:string(2..100)", *FIELDS, *RULES],
            "unique": [["name", "part"]],
        }
    )
    names = [text.partition(":")[0] for text in (*FIELDS, *RULES)]
    assert len(changed(connection, full, Change(drop=names, set={"unique": []}), {})) == 2
    optional = [text.replace(" ", "? ", 1) if " " in text else f"{text}?" for text in FIELDS]
    changed(connection, full, Change(change=optional), {})
    changed(connection, full, Change(rename={"level": "height"}, change=["height:int? >=5"]), {})


def awkward_texts(connection: Connection) -> None:
    """Texts with every mark that a language or driver on their way takes for its own."""
    old = {"name": "answer", "type": f"enum({','.join(map(json.dumps, TEXTS[:-1]))})"}
    new = f"answer:enum({','.join(map(json.dumps, [*TEXTS[:2], *TEXTS[3:]]))})"
    added = [f"note:string(..40)={json.dumps(PROSE)}", f"kind:enum({json.dumps(TEXTS[0])},b)"]
    spec = load_spec({"feature": "product", "fields": ["name:string(2..100)", old]})
    rows = changed(connection, spec, Change(change=[new], add=added), {"kind": TEXTS[0]})
    assert [row["answer"] for row in rows] == TEXTS[:2]
    assert [(row["note"], row["kind"]) for row in rows] == [(PROSE, TEXTS[0])] * 2
    products = DatabaseTable("products", MetaData(), autoload_with=connection)
    for number, label in enumerate((*TEXTS[:2], *TEXTS[3:]), start=1):
        connection.execute(products.update().values(answer=label))
        found = select(products.c.answer).where(products.c.answer == label)
        assert connection.execute(found).scalars().all() == [label] * 2, number
    connection.commit()
    with pytest.raises(DBAPIError):
        connection.execute(products.update().values(answer=TEXTS[2]))
    connection.rollback()


def foreseen_texts(connection: Connection) -> None:
    """A plan foresees rows with such texts as they will be."""
    empty(connection)
    create(connection, [USERS])
    connection.execute(text("INSERT INTO users (id, name) VALUES (1, 'a')"))
    users = table("users", column("id", Integer), column("name", String))
    for each in TEXTS:
        foreseen = Foreseen(connection)
        foreseen.add("users", "note", each)
        foreseen.update(users.update().where(users.c.name == "a").values(name=each))
        assert connection.execute(select(foreseen.table("users"))).one().note == each
        assert connection.execute(select(foreseen.table("users"))).one().name == each
    connection.rollback()


@pytest.mark.parametrize("case", [everything, awkward_texts, foreseen_texts])
async def test_on_every_database(on_database: OnDatabase, case: Callable[[Connection], None]) -> None:
    await on_database(case)
