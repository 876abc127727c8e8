"""KIT6xx: tables that stay fast, portable and reversible."""

import ast
from collections.abc import Iterator

from mcp_server.architecture.layers import MIGRATIONS, SERVICE
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import SourceFile, constant, keyword

MODELS = frozenset({"models"})


@rule(
    "KIT601",
    title="Foreign key columns are indexed",
    why="Without an index every join, and every delete of the parent row, reads the whole child table.",
    fix="Add `index=True` (or `unique=True` for one-to-one).",
    layers=MODELS,
    bad=bad(
        "app/models/product.py",
        5,
        """
        from sqlalchemy import ForeignKey


        class Product(Base):
            category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
        """,
    ),
    good=good(
        "app/models/product.py",
        """
        from sqlalchemy import ForeignKey, Index


        class Product(Base):
            __table_args__ = (Index("ix_products_owner_id_name", "owner_id", "name"),)
            owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
            category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
            brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))


        Index("ix_products_brand_id_price", Product.brand_id, Product.price.desc())
        """,
    ),
)
def unindexed_foreign_key(source: SourceFile) -> Iterator[Found]:
    for model in source.nodes(ast.ClassDef):
        leading = _leading_columns(source, model)
        for item in model.body:
            if not isinstance(item, ast.AnnAssign | ast.Assign) or not isinstance(item.value, ast.Call):
                continue
            column = item.value
            if any(_is_foreign_key(source, argument) for argument in column.args):
                options = (constant(keyword(column, name)) for name in ("index", "unique", "primary_key"))
                target = item.target if isinstance(item, ast.AnnAssign) else item.targets[0]
                names = {
                    source.name_of(target),
                    *(text for text in map(constant, column.args) if isinstance(text, str)),
                }
                if True not in options and not names & leading:
                    yield item, f"`{model.name}.{source.name_of(target)}` has no index"


def _is_foreign_key(source: SourceFile, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and source.is_from(node.func, "sqlalchemy", "ForeignKey")


def _leading_columns(source: SourceFile, model: ast.ClassDef) -> set[str]:
    """First columns of the indexes and unique constraints of a model: those serve as index too.

    Indexes with a direction are declared after the class, by its attributes.
    """
    found: set[str] = set()
    after = (item.value for item in source.tree.body if isinstance(item, ast.Expr))
    for node in (*ast.walk(model), *after):
        if isinstance(node, ast.Call) and source.is_from(
            node.func, "sqlalchemy", "Index", "UniqueConstraint", "PrimaryKeyConstraint"
        ):
            names_itself = source.name_of(node.func).endswith(".Index")
            columns = node.args[1:] if names_itself else node.args
            if columns:
                text = constant(columns[0])
                name = text if isinstance(text, str) else source.name_of(columns[0])
                found.add(name.removeprefix(f"{model.name}."))
    return found


@rule(
    "KIT602",
    title="Timestamps are timezone-aware",
    why="A column without an offset means another moment on each machine that reads it.",
    fix="Use `UtcDateTime` from `app.core.database`, or `DateTime(timezone=True)`.",
    layers=MODELS | {MIGRATIONS},
    bad=bad(
        "app/models/product.py",
        5,
        """
        from sqlalchemy import DateTime


        class Product(Base):
            sold_at: Mapped[datetime] = mapped_column(DateTime())
        """,
    ),
    good=good(
        "app/models/product.py",
        """
        from app.core.database import UtcDateTime
        from sqlalchemy import DateTime


        class Product(Base):
            sold_at: Mapped[datetime] = mapped_column(UtcDateTime)
            seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
        """,
    ),
)
def naive_column(source: SourceFile) -> Iterator[Found]:
    for node in source.nodes(ast.Call):
        arguments = [*node.args, *(item.value for item in node.keywords)]
        bare = [item for item in arguments if source.is_from(item, "sqlalchemy", "DateTime", "TIMESTAMP")]
        yield from ((item, "a timestamp column without a time zone") for item in bare)
        if source.is_from(node.func, "sqlalchemy", "DateTime", "TIMESTAMP"):
            zone = keyword(node, "timezone") or (node.args[0] if node.args else None)
            if constant(zone) is not True:
                yield node, "a timestamp column without a time zone"


NAIVE = {"utcnow": 0, "utcfromtimestamp": 0, "today": 0, "now": 1, "fromtimestamp": 2}
"""Constructor of `datetime` → how many positional arguments make it aware (0: none can)."""


@rule(
    "KIT603",
    title="No naive datetime",
    why="A moment without an offset cannot be compared with one that has it, and fails at the first customer abroad.",
    fix="Write `datetime.now(UTC)`.",
    layers=SERVICE | {MIGRATIONS},
    bad=bad(
        "app/services/product.py",
        3,
        """
        from datetime import datetime

        now = datetime.utcnow()
        """,
    ),
    good=good(
        "app/services/product.py",
        """
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        """,
    ),
)
def naive_moment(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        owner, _, method = source.name_of(call.func).rpartition(".")
        if owner == "datetime.datetime" and method in NAIVE:
            enough = NAIVE[method]
            zoned = enough and (len(call.args) >= enough or keyword(call, "tz") is not None)
            if not zoned:
                yield call, f"`datetime.{method}()` gives a moment without a time zone"


@rule(
    "KIT604",
    title="Migrations can be reversed",
    why="The day a release has to be taken back is no day to write SQL by hand.",
    fix="Write the downgrade that undoes each step of the upgrade.",
    layers=frozenset({MIGRATIONS}),
    bad=bad(
        "alembic/versions/0a1b_add_products.py",
        9,
        """
        from alembic import op


        def upgrade() -> None:
            op.drop_column("products", "colour")


        # nothing brings the column back
        def downgrade() -> None:
            pass
        """,
    ),
    good=good(
        "alembic/versions/0a1b_add_products.py",
        """
        import sqlalchemy as sa
        from alembic import op


        def upgrade() -> None:
            op.drop_column("products", "colour")


        def downgrade() -> None:
            op.add_column("products", sa.Column("colour", sa.String(30), nullable=True))
        """,
    ),
)
def one_way_migration(source: SourceFile) -> Iterator[Found]:
    functions = {item.name: item for item in source.tree.body if isinstance(item, ast.FunctionDef)}
    upgrade, downgrade = functions.get("upgrade"), functions.get("downgrade")
    if upgrade is None or _is_idle(upgrade):
        return
    if downgrade is None:
        yield upgrade, "has no downgrade"
    elif _is_idle(downgrade):
        yield downgrade, "the downgrade does nothing"


def _is_idle(function: ast.FunctionDef) -> bool:
    idle = ast.Pass | ast.Raise
    return all(
        isinstance(item, idle) or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
        for item in function.body
    )
