"""Random tables, as specs could ask for them."""

from hypothesis import strategies as st

from mcp_server.schema.table import Check, Column, ColumnType, ForeignKey, Index, OnDelete, Table, Unique

names = st.from_regex(r"[a-z][a-z_]{0,30}[a-z]", fullmatch=True)
labels = st.lists(
    st.text(
        st.sampled_from("abcXYZ '\"\\:%é") | st.characters(exclude_categories=["C"]), min_size=1, max_size=30
    ),
    min_size=1,
    max_size=12,
    unique=True,
)
types = st.one_of(
    st.builds(ColumnType, st.just("string"), length=st.integers(1, 5000)),
    st.builds(lambda values: ColumnType("enum", values=tuple(values)), labels),
    st.builds(ColumnType, st.just("decimal"), precision=st.integers(10, 30), scale=st.integers(0, 10)),
    st.sampled_from(
        [
            ColumnType("text"),
            ColumnType("int"),
            ColumnType("bigint"),
            ColumnType("float"),
            ColumnType("bool"),
            ColumnType("date"),
            ColumnType("datetime"),
            ColumnType("time"),
            ColumnType("uuid"),
            ColumnType("json"),
            ColumnType("bytes"),
        ]
    ),
)
INDEXABLE = {"string", "int", "bigint", "decimal", "bool", "date", "datetime", "time", "uuid", "enum"}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table with a primary key, up to eight columns and constraints over them."""
    table = draw(names)
    chosen = draw(st.lists(names.filter(lambda name: name != "id"), min_size=1, max_size=8, unique=True))
    columns = [Column("id", ColumnType("int"), primary_key=True)]
    columns += [Column(name, draw(types), nullable=draw(st.booleans())) for name in chosen]
    if draw(st.booleans()):
        action: OnDelete = "CASCADE" if draw(st.booleans()) else "RESTRICT"
        key = ForeignKey(table, "id", action, f"fk_{table}_parent"[:60])
        columns.append(Column("parent_id", ColumnType("int"), foreign_key=key))
    indexable = [column.name for column in columns if column.type.name in INDEXABLE]
    groups = st.lists(st.sampled_from(indexable), min_size=1, max_size=3, unique=True)
    uniques = [Unique(f"uq_{table[:20]}_{n}", tuple(draw(groups))) for n in range(draw(st.integers(0, 2)))]
    indexes = [
        Index(
            f"ix_{table[:20]}_{n}",
            tuple(draw(st.sampled_from(["", "-"])) + one for one in draw(groups)),
            unique=unique,
        )
        for n, unique in enumerate(draw(st.lists(st.booleans(), max_size=2)))
    ]
    checks = [
        Check(f"ck_{table[:20]}_{column.name}", f'"{column.name}" >= 0')
        for column in columns[1:]
        if column.type.name in {"int", "decimal"} and draw(st.booleans())
    ]
    return Table(table, tuple(columns), tuple(uniques), tuple(checks), tuple(indexes), f"pk_{table}")
