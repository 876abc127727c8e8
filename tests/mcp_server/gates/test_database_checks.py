"""The gates over migrations and rules on a copy of this workspace: green as it is, red with a defect in it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mcp_server.gates.tools.servers import MYSQL, POSTGRESQL, Server
from mcp_server.workspace.child import WarmChild
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.gates.project import Project
from tests.mcp_server.servers import require

ROOT = Path(__file__).parents[3]
NEEDED = ("app/**", "alembic/**", "alembic.ini", "pyproject.toml")


class Copy(Project):
    """What the migrations of this workspace need, somewhere else."""

    def __init__(self, root: Path) -> None:
        for path in Workspace.open(ROOT).files(*NEEDED):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, target)
        self.root = root
        self.workspace = Workspace.open(root)
        self.child = WarmChild(self.workspace)


@pytest.fixture
async def copy(tmp_path: Path) -> AsyncIterator[Copy]:
    made = Copy(tmp_path / "copy")
    yield made
    await made.child.close()


REVISION = '''"""Added by a test."""

import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {down!r}


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {back}
'''


async def test_the_shipped_migrations_are_green(copy: Copy) -> None:
    report = await copy.run("migration-head", "migrations", "drift")
    assert [(result.gate, result.status) for result in report.results] == [
        ("migration-head", "passed"),
        ("migrations", "passed"),
        ("drift", "passed"),
    ]


async def test_a_second_head_is_named_with_the_file_to_edit(copy: Copy) -> None:
    copy.write(
        "alembic/versions/other.py", REVISION.format(id="feedfeedfeed", down=None, up="pass", back="pass")
    )
    result = await copy.result("migration-head")
    assert (result.status, result.findings[0].rule) == ("failed", "MIG001")
    assert "feedfeedfeed" in result.findings[0].message
    assert result.findings[0].file.startswith("alembic/versions/")
    assert result.findings[0].line > 0
    assert (await copy.result("migrations")).status == "error"


async def test_a_revision_that_does_not_come_back_is_red(copy: Copy) -> None:
    from mcp_server.migrations import heads

    head = heads.read(copy.workspace).head
    text = REVISION.format(
        id="feedfeedfeed",
        down=head,
        up='op.create_table("strays", sa.Column("id", sa.Integer, primary_key=True))',
        back='op.drop_table("wanderers")',
    )
    copy.write("alembic/versions/other.py", text)
    result = await copy.result("migrations")
    assert result.status == "failed"
    assert "wanderers" in str(result.findings)


async def test_a_column_without_a_migration_is_drift(copy: Copy) -> None:
    copy.write(
        "app/models/stray.py",
        "from sqlalchemy import Column, Integer\n\nfrom app.models.user import User\n\n"
        "User.__table__.append_column(Column('shoe_size', Integer))\n",
    )
    result = await copy.result("drift")
    assert result.status == "failed"
    assert "shoe_size" in result.findings[0].message


@pytest.mark.parametrize(
    ("old", "new", "line", "fix"),
    [
        ('"price >= 0"', '"price > 0"', 'name="price_ge"', "changes it"),
        ("String(100), index=True", "String(90), index=True", "name: Mapped[str]", "changes it"),
        ("String(32), unique=True", "String(32)", "sku: Mapped[str]", "drops it"),
        (
            'UniqueConstraint("owner_id", "name")',
            'UniqueConstraint("owner_id", "sku")',
            "UniqueConstraint(",
            "adds it",
        ),
        ('ARCHIVED = "archived"', 'ARCHIVED = "gone"', "status: Mapped", "changes it"),
        ('ondelete="CASCADE"', 'ondelete="RESTRICT"', "owner_id: Mapped", "changes it"),
        (
            '"status", "created_at"),',
            '"created_at", "status"),',
            "ix_products_status_created_at",
            "changes it",
        ),
    ],
)
async def test_drift_is_told_at_the_line_of_the_model(
    copy: Copy, old: str, new: str, line: str, fix: str
) -> None:
    model = copy.root / "app/models/product.py"
    text = model.read_text()
    assert text.count(old) == 1
    model.write_text(text.replace(old, new))
    found = (await copy.result("drift")).findings
    lines = model.read_text().splitlines()
    assert {finding.file for finding in found} == {"app/models/product.py"}
    assert [finding for finding in found if line in lines[finding.line - 1] and fix in finding.fix], found


async def test_a_model_that_does_not_import_is_red_at_its_line(copy: Copy) -> None:
    copy.append("app/models/user.py", "\nraise RuntimeError('at import')\n")
    line = len((copy.root / "app/models/user.py").read_text().splitlines())
    result = await copy.result("drift")
    assert [(finding.file, finding.line, finding.rule) for finding in result.findings] == [
        ("app/models/user.py", line, "import-error")
    ]


async def test_no_revision_at_all_is_red(copy: Copy) -> None:
    for path in copy.workspace.files("alembic/versions/*.py"):
        (copy.root / path).unlink()
    report = await copy.run("migration-head", "migrations")
    assert [(result.status, result.findings[0].rule) for result in report.results] == [
        ("failed", "MIG000")
    ] * 2


@pytest.mark.parametrize("server", [POSTGRESQL, MYSQL], ids=["postgresql", "mysql"])
async def test_the_same_on_a_server(copy: Copy, server: Server) -> None:
    await require(server)
    result = await copy.result(f"migrations-{server.id}")
    assert (result.status, result.findings) == ("passed", ())
    assert server.id in result.summary


async def test_rule_files_out_of_sync_are_red(tmp_path: Path) -> None:
    project = Project(tmp_path / "workspace")
    assert (await project.run("format")).results  # the workspace has no rules, so it has no gate for them
    for path in Workspace.open(ROOT).files("rules/**"):
        target = project.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    result = await project.result("rules-sync")
    await project.child.close()
    assert result.status == "failed"
    found = {(finding.file, finding.rule) for finding in result.findings}
    assert ("AGENTS.md", "RULE004") in found
