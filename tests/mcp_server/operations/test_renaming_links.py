"""A `many` field gets another name: its links are there afterwards, and the plan says that nothing is lost."""

from mcp_server.migrations.apply import apply
from mcp_server.migrations.plan import plan
from mcp_server.operations.context import Context
from tests.mcp_server.operations.changes import do, migrate, sql
from tests.mcp_server.operations.test_undo_beside_edits import texts

STAMPS = "'2026-01-01 00:00:00', '2026-01-01 00:00:00'"


async def test_links_and_undo(context: Context) -> None:
    await do(context, "scaffold_feature", feature="tag", fields=["name:string"])
    await do(context, "scaffold_feature", feature="recipe", fields=["name:string", "tags:many(tag)"])
    await migrate(context)
    before = texts(context.workspace.root)
    for table in ("tags", "recipes"):
        values = ", ".join(f"({number}, '{number:032x}', 'x', {STAMPS})" for number in (1, 2))
        await sql(context, f"INSERT INTO {table} (id, public_id, name, created_at, updated_at) VALUES {values}")  # noqa: S608  # fmt: skip
    await sql(context, "INSERT INTO recipe_tags (recipe_id, tag_id) VALUES (1, 2), (2, 1), (2, 2)")

    done = await do(context, "extend_feature", feature="recipe", rename={"tags": "labels"})
    assert not done.get("notes")
    planned = await plan(context.workspace, context.child)
    judged = {one.operation: (one.verdict, one.rows) for one in planned.revisions[-1].judgements}
    assert judged["rename_table recipe_tags to recipe_labels"] == ("safe", None)
    assert judged["add_constraint pk_recipe_labels"] == ("safe", 0)
    assert {verdict for verdict, _ in judged.values()} == {"safe", "rewrites"}
    assert (planned.problems, planned.drift) == ((), ())
    assert planned.round_trip is not None
    await apply(context.workspace, context.child, planned.token)
    links = await sql(context, "SELECT recipe_id, tag_id FROM recipe_labels ORDER BY recipe_id, tag_id")
    assert links == [(1, 2), (2, 1), (2, 2)]

    await do(context, "undo_change", confirm=True)
    assert texts(context.workspace.root) == before
    assert await sql(context, "SELECT count(*) FROM recipe_tags") == [(3,)]
