"""Trace and adopt: what was generated is read back and extended as if the ledger had never been lost."""

import shutil
from pathlib import Path

import pytest

from demo.scratch import scratch_workspace
from mcp_server.changes import ledger
from mcp_server.features.spec import FeatureSpec
from mcp_server.operations.adopting import adopt
from mcp_server.operations.context import Context
from mcp_server.operations.extend_feature import ExtendRequest
from mcp_server.operations.extending import extend
from mcp_server.operations.known_features import catalog_of, spec_of
from mcp_server.operations.scaffold_feature import ScaffoldRequest
from mcp_server.operations.scaffolding import scaffold
from mcp_server.operations.tracing import trace_feature
from mcp_server.operations.undo_change import UndoRequest
from mcp_server.operations.undoing import undo
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.errors import InvalidInput, KitError, Refused
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.features.test_generated import batches, drawn_specs
from tests.mcp_server.features.traceable import traceable
from tests.mcp_server.operations.conftest import contents
from tests.mcp_server.operations.handwritten import GADGET_MODEL, PARCEL_MODEL, SUPPLIER_MODEL

ROOT = Path(__file__).parents[3]


async def test_every_drawn_feature_is_traced_to_its_spec_and_extended_without_its_ledger(
    tmp_path: Path,
) -> None:
    for batch in batches(drawn_specs()[:14]):
        with scratch_workspace(ROOT) as root:
            await _prove(root, tmp_path / "known", batch)


async def _prove(root: Path, known: Path, batch: list[FeatureSpec]) -> None:
    workspace = Workspace.open(root)
    for spec in batch:
        await scaffold(workspace, ScaffoldRequest(spec=spec.to_document()))
        service = root / workspace.layout.path("service", spec.names)
        service.write_text(f"{service.read_text()}\n\nOURS = 1  # written by hand\n")
    shutil.copytree(root, known, symlinks=True)
    for spec in batch:
        (root / ledger.path_of(spec.feature)).unlink()
    context = Context(workspace, WarmChild(workspace))
    try:
        for spec in batch:
            done = await adopt(context, spec.feature)
            wanted = traceable(spec, catalog_of(Workspace.open(known)))
            assert ledger.read(workspace)[spec.feature].spec == wanted.to_document()
            assert not [note for note in done.notes if "gaps" in note]
    finally:
        await context.child.close()
    for spec in batch:
        request = ExtendRequest(feature=spec.feature, add=["an_added_field:int?"])
        await extend(workspace, request)
        await extend(Workspace.open(known), request)
    ours, theirs = contents(root), contents(known)
    shutil.rmtree(known)
    assert _without_ledger(ours) == _without_ledger(theirs)


def _without_ledger(files: dict[str, str]) -> dict[str, str]:
    return {path: made for path, made in files.items() if not path.startswith(ledger.DIRECTORY)}


@pytest.fixture
def handwritten(root: Path) -> Path:
    (root / "app/models/supplier.py").write_text(SUPPLIER_MODEL)
    (root / "app/models/gadget.py").write_text(GADGET_MODEL)
    return root


async def gaps(context: Context, name: str) -> tuple[FeatureSpec, set[tuple[str, str]]]:
    """The spec, and each gap as its code and the line of source that it points at."""
    found = await trace_feature(context, name)
    told = set()
    for gap in found.gaps:
        path, _, line = gap.place.partition(":")
        told.add((gap.code, context.workspace.text(path).splitlines()[int(line) - 1].strip()))
    return found.spec, told


async def test_a_model_in_a_style_of_its_own(handwritten: Path, context: Context) -> None:
    spec, told = await gaps(context, "Supplier")
    assert spec.to_document() == {
        "feature": "supplier",
        "plural": "suppliers",
        "enums": {"rank": ["gold", "silver"]},
        "fields": [
            "name:string(..100) index",
            "nickname:string?",
            "code:string(..20) unique",
            "country:string(..2)=de",
            "credit:decimal(10,2)=0 >=0",
            "stars:int >=1 <=5",
            "rank:enum(@rank)=silver",
            "mood:enum(calm,upset)",
            "category:ref(category)",
            "notes:text?",
            "tags:many(category)",
        ],
        "indexes": [["country", "name"]],
    }
    assert {one for one in told if "class Supplier" not in one[1]} == {
        ("TRC020", 'listed_at = mapped_column("listedAt", String(30))'),
        ("TRC020", "margin: Mapped[float | None] = mapped_column(Numeric)"),
        ("TRC022", 'CheckConstraint("length(code) > 2", name="code_length"),'),
        ("TRC022", 'Index("ix_suppliers_lower_name", func.lower(name)),'),
        ("TRC024", 'category: Mapped[Category] = relationship(lazy="raise")'),
        ("TRC030", 'CheckConstraint("stars BETWEEN 1 AND 5", name="stars_range"),'),
        ("TRC030", "nickname = Column(String)"),
        ("TRC031", "nickname = Column(String)"),
        ("TRC031", 'country: Mapped[str] = mapped_column(String(2), server_default="de")'),
        ("TRC031", 'mood: Mapped[str] = mapped_column(Enum("calm", "upset", name="mood"))'),
        ("TRC031", 'category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))'),
    }
    assert {code for code, line in told if "class Supplier" in line} == {"TRC024", "TRC030", "TRC040"}


async def test_schemas_with_names_of_their_own_are_found_by_their_use(root: Path, context: Context) -> None:
    fields = [
        "name:string(2..100)",
        "price:decimal(8,2) >=0",
        "seen:int? readonly",
        "pin:string(4..8) secret",
    ]
    request = ScaffoldRequest(feature="depot", fields=[*fields, "tags:many(category)"], filters=["price"])
    made = await scaffold(context.workspace, request)
    wanted = spec_of(ledger.read(context.workspace)["depot"])
    for path in made.files:
        text = (root / path).read_text()
        (root / path).write_text(text.replace("DepotCreate", "NewDepot").replace("DepotRead", "DepotPublic"))
    (root / ".kit/ledger/depot.json").unlink()
    spec, told = await gaps(context, "depot")
    assert spec == wanted
    assert told == set()


async def test_what_schemas_keep_back_hinders_nothing(root: Path, context: Context) -> None:
    """A reference that no answer shows and a required value that no body sets are told, and the spec stays a valid one."""
    fields = ["name:string(2..100)", "rank:int", "category:ref(category)?", "tags:many(category)"]
    await scaffold(context.workspace, ScaffoldRequest(feature="depot", fields=fields, plural="depots"))
    schemas = root / "app/schemas/depot.py"
    kept = [
        each
        for each in schemas.read_text().splitlines()
        if "category_public_id" not in each and "tags_" not in each
    ]
    schemas.write_text("\n".join(kept).replace("    rank: Int32\n", "", 1) + "\n")
    (root / ".kit/ledger/depot.json").unlink()
    found = await trace_feature(context, "depot")
    assert found.hindrances == ()
    assert sorted(found.spec.to_document()["fields"]) == sorted(fields)
    assert {gap.reason for gap in found.gaps if gap.code == "TRC031"} == {
        "rank: bodies do not take it, and those of the spec do",
        "category_id: answers do not show it, and those of the spec do",
        "category_id: bodies do not take it, and those of the spec do",
        "tags: answers do not show it, and those of the spec do",
        "tags: bodies do not take it, and those of the spec do",
    }


async def test_what_the_language_does_not_have_is_told_line_by_line(root: Path, context: Context) -> None:
    (root / "app/models/parcel.py").write_text(PARCEL_MODEL)
    spec, told = await gaps(context, "Parcel")
    assert spec.to_document() == {
        "feature": "parcel",
        "plural": "parcels",
        "enums": {"colour": ["RED", "BLUE"]},
        "fields": [
            "kind:string(..10)",
            "small:int=3",
            "colour:enum(@colour)=BLUE",
            "other_colour:enum(@colour)",
            "data:json={}",
            "more:json",
            "naive:datetime=now",
            "aware:datetime=now",
            "zoned:time=03:04:00",
            "token:uuid",
            "blob:bytes=YWJj",
            "flag:bool=true",
            "quoted:string(..30)=it's",
            "a:int",
            "b:int",
            "parent:ref(self)? on_delete=cascade",
        ],
        "unique": [["a", "kind"], ["kind", "token"]],
    }
    codes: dict[str, set[str]] = {}
    for code, line in told:
        codes.setdefault(line.partition(":")[0].partition(" =")[0].partition(",")[0], set()).add(code)
    del codes["class Parcel(Base)"]
    assert codes == {
        "small": {"TRC031"},
        "colour": {"TRC031"},
        "other_colour": {"TRC031"},
        "data": {"TRC031"},
        "more": {"TRC023", "TRC031"},
        "numbers": {"TRC020"},
        "address": {"TRC020"},
        "wait": {"TRC020"},
        "twice": {"TRC020"},
        "naive": {"TRC023", "TRC031"},
        "aware": {"TRC031"},
        "zoned": {"TRC031"},
        "token": {"TRC023", "TRC031"},
        "blob": {"TRC031"},
        "flag": {"TRC031"},
        "quoted": {"TRC031"},
        "owner_id": {"TRC021"},
        "maker": {"TRC021"},
        "product_id": {"TRC021"},
        "b": {"TRC024"},
        "doubled": {"TRC024"},
        "little": {"TRC024"},
        "parent_id": {"TRC031"},
        "children": {"TRC024"},
        'UniqueConstraint("a"': {"TRC022"},
        'CheckConstraint("a > 0 AND b <= 10.5"': {"TRC022"},
        'CheckConstraint("a > 0 OR b > 3"': {"TRC022"},
        'ForeignKeyConstraint(["a"': {"TRC022"},
        'Index("ix_part"': {"TRC022"},
        'Index("ix_text"': {"TRC022"},
        'Index("ux_plain"': {"TRC030"},
    }


async def test_it_is_extended_in_its_own_style_and_everything_goes_back(
    handwritten: Path, context: Context
) -> None:
    before = contents(handwritten)
    shown = await adopt(context, "supplier", dry_run=True)
    assert contents(handwritten) == before
    done = await adopt(context, "supplier")
    assert done.files == shown.files
    assert "app/services/supplier.py is not there, and is not made" in done.notes
    assert (await adopt(context, "supplier")).files == {}
    request = ExtendRequest(feature="supplier", add=["rating:int?"], change=["country:string(..3)=de"])
    extended = await extend(context.workspace, request)
    assert "app/schemas/supplier.py is left out: it is not there" in extended.notes
    source = (handwritten / "app/models/supplier.py").read_text()
    assert source == SUPPLIER_MODEL.replace("String(2), server", "String(3), server").replace(
        '"categories.id"))\n    category:', '"categories.id"))\n    rating: Mapped[int | None]\n    category:'
    )
    assert [path for path in extended.files if path.startswith(("app", "tests"))] == [
        "app/models/supplier.py"
    ]
    revision = (handwritten / next(path for path in extended.files if "versions" in path)).read_text()
    assert 'sa.Column("rating", sa.Integer(), nullable=True)' in revision
    assert ledger.read(context.workspace)["supplier"].files.keys() == {
        path for path in extended.files if not path.startswith(ledger.DIRECTORY)
    }
    for _ in range(2):
        await undo(context, UndoRequest())
    assert contents(handwritten) == before


@pytest.mark.parametrize(
    ("imports", "core", "orm"),
    [
        ("import sqlalchemy as sa\nfrom sqlalchemy.orm import Mapped, mapped_column", "sa.", ""),
        ("from sqlalchemy import Index, String, orm", "", "orm."),
    ],
)
async def test_what_is_added_has_its_imports(
    root: Path, context: Context, imports: str, core: str, orm: str
) -> None:
    model = root / "app/models/bolt.py"
    model.write_text(
        f'"""Bolts."""\n\n{imports}\n\nfrom app.models.base import Base\n\n\nclass Bolt(Base):\n'
        f'    __tablename__ = "bolts"\n    __table_args__ = ({core}Index("ix_bolts_created_at", "created_at", "id"),)\n\n'
        f"    name: {orm}Mapped[str] = {orm}mapped_column({core}String(40))\n"
    )
    await adopt(context, "bolt")
    request = ExtendRequest(
        feature="bolt", add=["phone:string(..30)?", "body:text?"], include={"filters": ["phone"]}
    )
    await extend(context.workspace, request)
    spec, _ = await gaps(context, "Bolt")  # by importing the model
    assert {"name:string(..40)", "phone:string(..30)?", "body:text?"} <= {*spec.to_document()["fields"]}
    assert f"{orm}mapped_column({core}String(40))" in model.read_text()


async def test_others_refer_to_it_when_it_has_what_they_import(handwritten: Path, context: Context) -> None:
    await adopt(context, "supplier")
    request = ScaffoldRequest(feature="invoice", fields=["supplier:ref(supplier)"])
    with pytest.raises(InvalidInput) as caught:
        await scaffold(context.workspace, request)
    (problem,) = caught.value.problems
    assert problem.code == "SPEC050"
    assert "supplier has no repository or no factory of tests" in problem.reason
    await undo(context, UndoRequest())
    (handwritten / "app/repositories/supplier.py").write_text("")
    (handwritten / "tests/app/factories/supplier.py").write_text("async def make_supplier(): ...\n")
    await adopt(context, "supplier")
    assert "app/models/invoice.py" in (await scaffold(context.workspace, request)).files


async def test_what_is_in_the_way_comes_back_as_a_patch(handwritten: Path, context: Context) -> None:
    await adopt(context, "supplier")
    before, request = contents(handwritten), ExtendRequest(feature="supplier", drop=["nickname"])
    with pytest.raises(Refused) as caught:
        await extend(context.workspace, request)
    assert [problem.code for problem in caught.value.problems] == ["EDT003", "EXT008"]
    assert "-    nickname: Mapped[str | None]" in caught.value.problems[1].reason
    assert contents(handwritten) == before
    by_hand = SUPPLIER_MODEL.replace("    nickname = Column(String)\n", "")
    (handwritten / "app/models/supplier.py").write_text(by_hand)
    done = await extend(context.workspace, request)
    assert (handwritten / "app/models/supplier.py").read_text() == by_hand
    assert any("versions" in path for path in done.files)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("gadget", ["TRC010", "TRC011"]),
        ("GadgetPart", ["TRC011"]),
        ("user", ["TRC012"]),
        ("product", ["TRC003"]),
        ("wheel", ["TRC001"]),
    ],
)
async def test_what_the_kit_could_not_extend_is_not_adopted(
    handwritten: Path, context: Context, name: str, codes: list[str]
) -> None:
    (entry,) = (handwritten / ".kit/ledger").glob("product.json")
    entry.write_text(entry.read_text().replace('"sku:string(..32) unique"', '"sku:string(..33) unique"'))
    before = contents(handwritten)
    with pytest.raises(KitError) as caught:
        await adopt(context, name)
    assert sorted({problem.code for problem in caught.value.problems if problem.code[:4] != "SPEC"}) == codes
    assert contents(handwritten) == before


async def test_the_users_of_the_service(context: Context) -> None:
    spec, told = await gaps(context, "User")
    assert spec.to_document()["fields"] == [
        "email:string(..254) unique",
        "full_name:string?",
        "hashed_password:string secret",
        "is_active:bool=true",
        "is_superuser:bool=false",
    ]
    assert spec.access_of("list") == "superuser"
    assert "TRC024" in {code for code, line in told if line.startswith("hashed_password")}
