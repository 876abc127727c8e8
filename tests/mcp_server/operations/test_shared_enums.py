"""A shared enum is extended where it is declared, and every feature that uses it goes along, its rows too."""
# ruff: noqa: S608 - the tests look into their own database

from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from mcp_server.changes import ledger
from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.operations.context import Context
from mcp_server.operations.registry import OPERATIONS, perform
from mcp_server.workspace.errors import InvalidInput, Refused
from tests.mcp_server.operations.conftest import contents

LABELS = ["open", "paid", "Don't know"]
FIELDS = ["name:string(..50)", "status:enum(@order_status)=open"]


async def do(context: Context, name: str, **arguments: Any) -> dict[str, Any]:
    return (await perform(OPERATIONS[name], context, arguments)).facts()


async def extend(context: Context, **arguments: Any) -> dict[str, Any]:
    return await do(context, "extend_feature", feature="order", **arguments)


async def migrate(context: Context) -> None:
    token = (await plan(context.workspace, context.child, prove=False)).token
    await apply(context.workspace, context.child, token)


async def sql(context: Context, statement: str) -> list[Any]:
    url = f"sqlite:///{context.workspace.root / 'app.db'}"
    with create_engine(url).begin() as connection:
        result = connection.execute(text(statement))
        return list(result) if result.returns_rows else []


@pytest.fixture
async def orders(context: Context) -> Context:
    """Two features with one enum, migrated, with a row for each label in both."""
    await do(context, "scaffold_feature", feature="order", fields=FIELDS, enums={"order_status": LABELS})
    more = [*FIELDS, "steps:list(enum(@order_status))"]
    await do(context, "scaffold_feature", feature="parcel", fields=more)
    await migrate(context)
    for table, rest in (("orders", ""), ("parcels", "steps, ")):
        for number, label in enumerate(LABELS, start=1):
            values = f"{number}, '{number:032x}', 'a', '{label.replace(chr(39), chr(39) * 2)}', "
            values += ('\'["open", "paid"]\', ' if rest else "") + "'2026-01-01', '2026-01-01'"
            names = f"id, public_id, name, status, {rest}created_at, updated_at"
            await sql(context, f"INSERT INTO {table} ({names}) VALUES ({values})")
    return context


async def stored(context: Context) -> dict[str, list[str]]:
    rows = {
        table: await sql(context, f"SELECT status FROM {table} ORDER BY id")
        for table in ("orders", "parcels")
    }
    return {table: [status for (status,) in found] for table, found in rows.items()}


async def test_a_new_label_is_taken_by_every_user(orders: Context) -> None:
    done = await extend(orders, set={"enums": {"order_status": [*LABELS, '5" late']}})
    assert {"app/models/order.py", "app/schemas/parcel.py", "tests/app/factories/parcel.py"} <= done[
        "files"
    ].keys()
    await migrate(orders)
    await sql(orders, "UPDATE orders SET status = '5\" late'")
    await sql(orders, "UPDATE parcels SET status = '5\" late'")
    for table in ("orders", "parcels"):
        with pytest.raises(IntegrityError):
            await sql(orders, f"UPDATE {table} SET status = 'lost'")
    assert not (await plan(orders.workspace, orders.child)).drift
    before = contents(orders.workspace.root)
    await extend(orders, set={"enums": {"order_status": [*LABELS, '5" late']}})
    assert contents(orders.workspace.root) == before


async def test_a_label_gets_another_name_in_every_table(orders: Context) -> None:
    start = contents(orders.workspace.root)
    await extend(orders, rename={"order_status.open": "isn't paid", "order_status.Don't know": "paid"})
    await migrate(orders)
    assert await stored(orders) == {
        "orders": ["isn't paid", "paid", "paid"],
        "parcels": ["isn't paid", "paid", "paid"],
    }
    assert await sql(orders, "SELECT DISTINCT steps FROM parcels") == [('["isn\'t paid", "paid"]',)]
    for entry in (ledger.read(orders.workspace)[name] for name in ("order", "parcel")):
        assert entry.spec["fields"][1] == 'status:enum(@order_status)="isn\'t paid"'
    assert not (await plan(orders.workspace, orders.child)).drift
    before = contents(orders.workspace.root)
    await extend(orders, rename={"order_status.open": "isn't paid", "order_status.Don't know": "paid"})
    assert contents(orders.workspace.root) == before
    await do(orders, "undo_change", confirm=True)
    assert contents(orders.workspace.root) == start


async def test_a_label_of_a_field_of_its_own_gets_another_name(orders: Context) -> None:
    await extend(orders, add=["size:enum(small,big)=small"])
    await migrate(orders)
    await sql(orders, "UPDATE orders SET size = 'big' WHERE id = 1")
    await extend(orders, rename={"size": "extent", "size.big": 'over 5"'})
    await migrate(orders)
    found = await sql(orders, "SELECT extent FROM orders ORDER BY id")
    assert [extent for (extent,) in found] == ['over 5"', "small", "small"]


async def test_a_label_of_a_list_of_its_own_gets_another_name(orders: Context) -> None:
    await extend(orders, add=["sizes:list(enum(small,big))=[]"])
    await migrate(orders)
    await sql(orders, 'UPDATE orders SET sizes = \'["big", "small"]\'')
    await extend(orders, rename={"sizes": "extents", "sizes.big": 'over 5"'})
    planned = await plan(orders.workspace, orders.child)
    assert planned.round_trip is not None
    assert planned.round_trip.problems == ()
    await apply(orders.workspace, orders.child, planned.token)
    found = await sql(orders, "SELECT extents FROM orders")
    assert [extents for (extents,) in found] == ['["over 5\\u0022", "small"]'] * len(LABELS)
    assert (
        ledger.read(orders.workspace)["order"].spec["fields"][-1]
        == 'extents:list(enum(small,"over 5\\""))=[]'
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"set": {"enums": {"order_status": ["paid"]}}, "change": ["status:enum(@order_status)"]}, ["EXT011 parcel.fields[1].default"]),
        ({"rename": {"order_status.lost": "found"}}, ["EXT002 rename.order_status.lost"]),
        ({"rename": {"order_status.open": "paid", "order_status.paid": "open"}}, ["EXT001 rename.order_status.open", "EXT001 rename.order_status.paid"]),
        ({"rename": {"status.open": "new"}}, ["EXT002 rename.status.open"]),
    ],
)  # fmt: skip
async def test_what_a_user_cannot_follow_is_refused(
    orders: Context, arguments: dict[str, Any], expected: list[str]
) -> None:
    before = contents(orders.workspace.root)
    with pytest.raises(InvalidInput) as caught:
        await extend(orders, **arguments)
    assert [f"{one.code} {one.place}" for one in caught.value.problems] == expected
    assert contents(orders.workspace.root) == before


async def test_the_declaring_feature_is_not_removed_under_its_users(orders: Context) -> None:
    with pytest.raises(Refused) as caught:
        await do(orders, "remove_feature", feature="order")
    assert "parcel" in str(caught.value)
