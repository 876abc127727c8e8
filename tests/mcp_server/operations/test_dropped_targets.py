"""A feature that others had to refer to is removed: the way back is proven with rows on both sides."""

from mcp_server.migrations.round_trip import round_trip
from mcp_server.operations.context import Context
from tests.mcp_server.operations.changes import do


async def test_a_required_reference_and_then_its_target_come_back_with_rows(context: Context) -> None:
    await do(
        context, "scaffold_feature", feature="maker", fields=["name:string(2..100)", "category:ref(category)"]
    )
    await do(
        context, "scaffold_feature", feature="gadget", fields=["name:string(2..100)", "maker:ref(maker)"]
    )
    await do(context, "extend_feature", feature="gadget", drop=["maker"])
    await do(context, "remove_feature", feature="maker")
    trip = await round_trip(context.workspace, context.child)
    assert trip.problems == ()
