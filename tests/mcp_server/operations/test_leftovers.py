"""What people wrote and a change of a feature leaves behind is named with its line, and nothing else is."""

from pathlib import Path
from typing import Any

from mcp_server.operations.context import Context
from tests.mcp_server.operations.changes import do, scaffold

SUPPLIER: dict[str, Any] = {
    "feature": "supplier",
    "fields": ["name:string(2..100)", "rating:int? >=1", "kind:enum(small,big)=small"],
    "filters": ["rating"],
    "sort": ["rating"],
}
REPORT = '''"""Ours."""

from app.core.context import Unit
from app.models import supplier
from app.models.supplier import SupplierKind
from app.schemas.supplier import SupplierRead


def best(rows: list[SupplierRead]) -> list[int]:
    return [row.rating or 0 for row in rows if row.kind is SupplierKind.BIG]


def as_json(row: SupplierRead) -> dict[str, object]:
    return {"name": row.name, "rating": 1}


def made() -> SupplierRead:
    return SupplierRead.model_construct(
        rating=1,
    )


def of_somebody_else(film: dict[str, int], unit: Unit) -> int:
    return film["rating"] + unit.rating


def kinds() -> object:
    return supplier.SupplierKind
'''
SERVICE = """
    async def stars(self, row: SupplierRecord) -> str:
        return "*" * (row.rating or 0)
"""


def line(path: Path, text: str) -> int:
    return next(number for number, each in enumerate(path.read_text().splitlines(), 1) if text in each)


async def extended(context: Context, **arguments: Any) -> list[str]:
    """The notes of a dry run, which are those of the change."""
    shown = await do(context, "extend_feature", feature="supplier", **arguments, dry_run=True)
    done = await do(context, "extend_feature", feature="supplier", **arguments)
    assert shown.get("notes", []) == done.get("notes", [])
    notes: list[str] = done.get("notes", [])
    return notes


async def test_uses_of_a_field_that_was_renamed_are_named_where_they_may_be_meant(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER)
    report, service = (context.workspace.root / f"app/services/{name}.py" for name in ("report", "supplier"))
    report.write_text(REPORT)
    service.write_text(service.read_text() + SERVICE)
    notes = await extended(context, rename={"rating": "score"})
    places = [("report", line(report, each)) for each in ("row.rating", '"rating": 1', "rating=1")]
    places.append(("supplier", line(service, "row.rating")))
    found = [each for each in notes if "rating" in each]
    assert [each.partition(" ")[0] for each in found] == [
        f"app/services/{name}.py:{at}" for name, at in places
    ]
    assert all("`rating`, which is `score` now" in each for each in found)


STARS = """
    # a form feed (\x0c) ends no line
    def stars(self) -> int:
        __tablename__ = "suppliers"
        return self.rating or 0
"""


async def test_a_line_is_judged_as_the_one_that_it_is(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER)
    model = context.workspace.root / "app/models/supplier.py"
    model.write_text(model.read_text() + STARS)
    notes = await extended(context, rename={"rating": "score"})
    at = model.read_text().partition("self.rating")[0].count("\n") + 1
    assert any(each.startswith(f"app/models/supplier.py:{at} uses `rating`") for each in notes)


COMPARED = """from app.schemas.category import CategoryRead
from app.schemas.supplier import SupplierRead


def compared(row: SupplierRead, other: CategoryRead | None, rows: list[SupplierRead]) -> object:
    made = CategoryRead(rating=2)
    return other.rating, made
"""
IN_OTHER_WORDS = """
    async def rated(self, row: SupplierRecord) -> object:
        \"\"\"The rating.\"\"\"
        stars = getattr(row, "rating")
        return stars, "SELECT name, rating FROM suppliers", "the rating of all"
"""


async def test_members_of_other_classes_are_not_meant_and_texts_of_the_feature_itself_may_be(
    context: Context,
) -> None:
    await do(context, "scaffold_feature", **SUPPLIER)
    report, service = (context.workspace.root / f"app/services/{name}.py" for name in ("report", "supplier"))
    report.write_text(COMPARED)
    service.write_text(service.read_text() + IN_OTHER_WORDS)
    notes = await extended(context, rename={"rating": "score"})
    found = [each.partition(" ")[0] for each in notes if "rating" in each]
    wanted = [line(service, each) for each in ("getattr", "SELECT")]
    assert found == [f"app/services/supplier.py:{at}" for at in wanted]


VALIDATOR = """
    @field_validator("name", "rating")
    @classmethod
    def checked(cls, value: object) -> object:
        return value
"""
HANDED_ON = """
    async def handed_on(self, values: dict[str, object], row: SupplierRead) -> object:
        values.pop("rating", None)
        if "rating" in values:
            return row.model_dump(exclude={"rating"})
        return ["rating"], "rating"
"""


async def test_texts_that_are_handed_on_may_be_meant(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER)
    root = context.workspace.root / "app"
    model, schemas, service = (root / room / "supplier.py" for room in ("models", "schemas", "services"))
    model.write_text(f'{model.read_text()}\n\nCheckConstraint("coalesce(rating, 1) < 9")\n')
    schemas.write_text(schemas.read_text() + VALIDATOR)
    service.write_text(service.read_text() + HANDED_ON)
    notes = await extended(context, rename={"rating": "score"})
    found = [each.partition(" ")[0] for each in notes if "rating" in each]
    wanted = [(model, "coalesce"), (schemas, "@field_validator")]
    wanted += [(service, text) for text in (".pop(", " in values", "exclude=")]
    assert found == [f"app/{path.relative_to(root)}:{line(path, text)}" for path, text in wanted]


async def test_names_that_a_module_has_no_more_come_first(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER)
    report = context.workspace.root / "app/services/report.py"
    report.write_text(REPORT)
    notes = await extended(context, drop=["kind"])
    wanted = [line(report, each) for each in ("import SupplierKind", "supplier.SupplierKind")]
    start = "needs `SupplierKind`, which app.models.supplier has no more"
    assert notes[:2] == [f"app/services/report.py:{at} {start}" for at in wanted]
    assert f"app/services/report.py:{line(report, 'row.kind')} uses `kind`, which is gone" in notes[2]
    assert len(notes) == 3


async def test_what_somebody_declares_beside_the_generated_is_named(context: Context) -> None:
    """A field that moved into a base class is there still, and a filter of one's own asks for a column that is not."""
    await do(context, "scaffold_feature", **SUPPLIER)
    schemas, repository = (
        context.workspace.root / f"app/{name}/supplier.py" for name in ("schemas", "repositories")
    )
    text = schemas.read_text().replace("    rating: Rating | None = None\n", "")
    base = "class SupplierBase(Schema):\n    rating: Rating | None = None\n\n\n"
    schemas.write_text(
        text.replace("class SupplierCreate(Schema)", f"{base}class SupplierCreate(SupplierBase)")
    )
    own = 'OWN = {"best": Supplier.rating == 5}\n'
    repository.write_text(f"{repository.read_text()}\n\n{own}")
    notes = await extended(context, drop=["rating"])
    assert [each.partition(" ")[0] for each in notes if "`rating`, which is gone" in each] == [
        f"app/repositories/supplier.py:{line(repository, 'OWN')}",
        f"app/schemas/supplier.py:{line(schemas, 'rating: Rating')}",
    ]


async def test_many_uses_are_counted(context: Context) -> None:
    await do(context, "scaffold_feature", **SUPPLIER)
    uses = "".join(f"    yield row.rating + {number}\n" for number in range(30))
    text = (
        f"from app.schemas.supplier import SupplierRead\n\n\ndef scores(row: SupplierRead) -> object:\n{uses}"
    )
    (context.workspace.root / "app/services/report.py").write_text(text)
    notes = await extended(context, rename={"rating": "score"})
    assert len(notes) == 9
    assert notes[-1] == "22 more lines use what is gone"


async def test_where_nobody_wrote_a_line_there_is_nothing_to_tell(context: Context) -> None:
    """Other features have fields of these names too, and revisions speak of what there was."""
    made = await scaffold(context)
    revision = next(context.workspace.root.glob(f"alembic/versions/{made['revision']}_*.py"))
    revision.write_text(f"{revision.read_text()}# seen\n")
    others = ["supplier:ref(supplier)?", "name:string", "code:string", "rating:int?"]
    await do(context, "scaffold_feature", feature="delivery", fields=others)
    notes = await extended(context, rename={"rating": "score", "name": "title"}, drop=["code"])
    assert notes == []
