"""The command as people and scripts use it: output, JSON, exit codes, help."""
# ruff: noqa: S603, S607 - the tests start the command and git

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mcp_server.adapters.cli.main import build
from mcp_server.operations.registry import OPERATIONS
from tests.mcp_server.adapters.command import kit, kit_json
from tests.mcp_server.adapters.conftest import ROOT

FIELDS = ["name:string(2..100) unique", "category:ref(category)?"]
COMMANDS = {
    "workspace_info": ["info"],
    "scaffold_feature": ["feature", "add"],
    "extend_feature": ["feature", "extend"],
    "remove_feature": ["feature", "remove"],
    "undo_change": ["feature", "undo"],
    "plan_migration": ["migrate", "plan"],
    "apply_migration": ["migrate", "apply"],
    "run_quality_gates": ["gates"],
}
"""Operation to the command that performs it."""


def test_every_operation_has_a_command() -> None:
    from typer.main import get_command

    assert COMMANDS.keys() == OPERATIONS.keys()
    for path in COMMANDS.values():
        command: Any = get_command(build())
        for name in path:
            command = command.commands[name]
        assert "--json" in {option for parameter in command.params for option in parameter.opts}


def test_the_way_from_spec_to_migrated(workspace_copy: Path) -> None:
    shown = kit(workspace_copy, "feature", "add", "supplier", *FIELDS, "--sort", "name", "--dry-run")
    assert shown.stdout.startswith("--- /dev/null\n+++ b/.kit/ledger/supplier.json\n")
    made = kit_json(workspace_copy, "feature", "add", "supplier", *FIELDS, "--sort", "name")
    assert made["root"] == str(workspace_copy)
    assert all((workspace_copy / path).is_file() for path in made["files"])
    plan = kit_json(workspace_copy, "migrate", "plan")
    assert "CREATE TABLE suppliers" in kit(workspace_copy, "migrate", "plan", "--sql").stdout
    refused = kit(workspace_copy, "migrate", "apply", "0" * 32)
    assert refused.returncode == 3
    assert refused.stderr.startswith("MIG011 at token: ")
    applied = kit(workspace_copy, "migrate", "apply", plan["token"])
    assert applied.stdout.startswith(
        f"sqlite app.db (development: a file of the workspace): base -> {made['revision']}"
    )
    assert kit_json(workspace_copy, "info")["migrations"]["current"] == [made["revision"]]


def test_a_traced_spec_is_one_that_add_takes(workspace_copy: Path) -> None:
    traced = kit(workspace_copy, "feature", "trace", "Product")
    assert (traced.returncode, traced.stderr) == (0, "")
    assert traced.stdout.startswith("feature: product\nplural: products\n")
    other = traced.stdout.replace("product", "gadget")
    added = kit_json(workspace_copy, "feature", "add", "--spec", "-", "--dry-run", text=other)
    assert "app/models/gadget.py" in added["files"]
    fields = kit(workspace_copy, "feature", "trace", "product", "--shorthand").stdout.splitlines()
    assert fields[:2] == ["name:string(2..100) index", "sku:string(..32) unique"]
    assert kit_json(workspace_copy, "feature", "trace", "product")["spec"]["fields"] == fields
    assert kit_json(workspace_copy, "feature", "trace", "product", "--adopt")["next"].startswith(
        "Nothing to do"
    )
    refused = kit(workspace_copy, "feature", "trace", "user", "--adopt")
    assert (refused.returncode, refused.stderr[:7]) == (3, "TRC012 ")
    shown = kit(workspace_copy, "feature", "trace", "user")
    assert (shown.returncode, shown.stdout[:13]) == (3, "feature: user")


@pytest.mark.parametrize(
    "options",
    [("--soft-delete", "--hard-delete"), ("--rename", "name=title", "--rename", "name=label")],
)
def test_options_that_contradict_each_other_are_wrong_usage(
    workspace_copy: Path, options: tuple[str, ...]
) -> None:
    done = kit(workspace_copy, "feature", "extend", "product", *options, "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr


@pytest.mark.parametrize(
    ("arguments", "place", "reason"),
    [
        (("info", "--no-such"), "kit info", "No such option: --no-such"),
        (("feature", "remove"), "kit feature remove", "Missing argument"),
        (("feature", "no_such"), "kit feature", "No such command 'no_such'."),
        (("feature", "extend", "product", "--rename", "x"), "kit feature extend", "'x' is no pair"),
    ],
)
def test_wrong_usage_is_json_where_json_is_wanted(
    workspace_copy: Path, arguments: tuple[str, ...], place: str, reason: str
) -> None:
    (problem,) = kit_json(workspace_copy, *arguments, exit_code=2)["problems"]
    assert (problem["code"], problem["place"]) == ("ARG005", place)
    assert reason in problem["reason"]
    assert problem["hint"] == f"`{place} --help` shows how it is called"
    plain = kit(workspace_copy, *arguments)
    assert (plain.returncode, plain.stdout) == (2, "")
    assert reason in plain.stderr


DROPS_A_COLUMN = '''"""Drop a column"""

from alembic import op

revision = "0123456789ab"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("categories") as batch:
        batch.drop_column("description")


def downgrade() -> None:
    raise NotImplementedError
'''


def test_without_a_token_only_what_is_safe_is_applied(workspace_copy: Path) -> None:
    assert "base -> " in kit(workspace_copy, "migrate", "apply").stdout
    done = kit(workspace_copy, "migrate", "apply")
    assert (done.returncode, done.stdout) == (0, "Nothing is pending: the database is at head\n")
    head = kit_json(workspace_copy, "migrate", "plan")["head"]
    (workspace_copy / "alembic/versions/0123456789ab_drop.py").write_text(DROPS_A_COLUMN.format(head=head))
    refused = kit_json(workspace_copy, "migrate", "apply", exit_code=3)
    assert refused["drift"]
    assert kit_json(workspace_copy, "migrate", "plan", exit_code=1)["current"] == [head]


def test_a_refusal_to_apply_shows_what_would_be_lost_and_what_to_do(workspace_copy: Path) -> None:
    kit(workspace_copy, "migrate", "apply")
    with closing(sqlite3.connect(workspace_copy / "app.db")) as database, database:
        database.execute(
            "INSERT INTO categories (public_id, name, description, created_at, updated_at)"
            " VALUES ('1', 'Books', 'To read', '2026-01-01', '2026-01-01')"
        )
    kit(workspace_copy, "feature", "extend", "category", "--drop", "description")
    refused = kit(workspace_copy, "migrate", "apply")
    assert refused.returncode == 3
    lost = "    drop_column categories.description: loses_data (the values go with the column, 1 rows)"
    assert lost in refused.stdout.splitlines()
    assert "safe" not in refused.stdout.split(lost)[0]
    reason, _, command = refused.stdout.splitlines()[-1].rpartition(": ")
    assert reason == (
        "Nothing was applied: without a token only what is safe is, and these 2 steps are not. "
        "If that is what you want"
    )
    assert kit(workspace_copy, *command.split()[1:]).returncode == 0


def test_a_spec_comes_from_a_file_or_from_standard_input(workspace_copy: Path, tmp_path: Path) -> None:
    spec = "feature: supplier\nfields:\n  - name:string(2..100)\n"
    (tmp_path / "supplier.yaml").write_text(spec)
    from_file = kit(workspace_copy, "feature", "add", "--spec", str(tmp_path / "supplier.yaml"), "--dry-run")
    from_input = kit(workspace_copy, "feature", "add", "--spec", "-", "--dry-run", text=spec)
    assert from_file.returncode == 0
    assert from_file.stdout == from_input.stdout != ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["feature", "add", "thing", "a:strin"], "SPEC005 at fields[0].type: 'strin' is not a type"),
        (["feature", "add"], "SPEC003 at feature"),
        (["feature", "add", "thing", "a:int", "--access", "list"], "'list' is no pair, such as list=public"),
        (["feature", "add", "--spec", "nowhere.yaml"], "cannot read nowhere.yaml"),
        (["gates", "--only", "lnt"], "Did you mean 'lint'?"),
        (["gates", "--only", "architecture,lnt"], "GATE001 at only[1]: no gate or group is called 'lnt'"),
        (["gates", "--only", "architecture", "lint", "lnt"], "GATE001 at only[2]"),
        (["gates", "--run", "20000101-000000-000000"], "GATE002"),
        (["gatess"], "Did you mean 'gates'"),
        (["info", "--jsn"], "--json"),
    ],
)
def test_wrong_input_ends_with_2_and_says_what_to_do(
    pristine: Path, arguments: list[str], message: str
) -> None:
    done = kit(pristine, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_problems_as_json(pristine: Path) -> None:
    found = kit_json(pristine, "feature", "add", "class", "a:strin", "b:ref(nothing)", exit_code=2)
    assert [(problem["code"], problem["place"]) for problem in found["problems"]] == [
        ("SPEC005", "fields[0].type"),
        ("SPEC011", "feature"),
        ("SPEC050", "fields[1].type"),
    ]


def test_outside_a_workspace_every_command_says_so(tmp_path: Path) -> None:
    for command in (["info"], ["gates"], ["rules", "check"], ["prp", "check"], ["plan", "show"], ["serve"]):
        done = kit(tmp_path, *command)
        assert (done.returncode, done.stdout) == (2, ""), command
        assert done.stderr.startswith("WS001 at "), command


def test_gates_report_to_people_agents_and_ci(workspace_copy: Path, tmp_path: Path) -> None:
    service = workspace_copy / "app" / "services" / "category.py"
    service.write_text(service.read_text() + "\n\nasync def leak(session):\n    await session.commit()\n")
    junit, sarif = tmp_path / "gates.xml", tmp_path / "gates.sarif"
    seen = kit(
        workspace_copy, "gates", "--only", "architecture", "--junit", str(junit), "--sarif", str(sarif)
    )
    assert seen.returncode == 1
    assert "app/services/category.py:" in seen.stdout
    assert "fix:" in seen.stdout
    assert ET.parse(junit).getroot().find(".//failure") is not None  # noqa: S314 - our own file
    assert json.loads(sarif.read_text())["runs"][0]["results"]
    report = kit_json(workspace_copy, "gates", "--only", "architecture", exit_code=1)
    assert report["findings"][0]["file"] == "app/services/category.py"
    stored = kit_json(workspace_copy, "gates", "--run", report["run"], exit_code=1)
    assert stored["findings"] == report["findings"]


def test_unchanged_gates_answer_from_the_cache_without_heavy_imports(workspace_copy: Path) -> None:
    assert kit(workspace_copy, "gates", "--only", "architecture").returncode == 0
    program = (
        "import sys\n"
        "from mcp_server.adapters.cli.gate_show import run_and_show\n"
        "report = run_and_show(only=['architecture'])\n"
        "assert report.results[0].cached\n"
        "heavy = {'pydantic', 'typer', 'rich', 'mcp', 'sqlalchemy', 'fastapi', 'libcst', 'jinja2'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=workspace_copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "nothing has changed" in done.stdout


def test_a_worktree_is_served_by_its_own_code(workspace_copy: Path) -> None:
    (workspace_copy / "mcp_server" / "adapters" / "cli" / "info.py").write_text(
        "raise SystemExit('own code')\n"
    )
    assert "own code" in kit(workspace_copy / "app", "info").stderr


@pytest.mark.parametrize(
    "command", [[], ["feature", "add"], ["migrate"], ["migrate", "plan"], ["gates"], ["serve"]]
)
def test_help_teaches(command: list[str]) -> None:
    done = kit(ROOT, *command, "--help")
    assert done.returncode == 0
    assert "Usage: kit" in done.stdout
    if command in (["feature", "add"], ["gates"]):
        assert f"kit {' '.join(command)} " in done.stdout.partition("Usage:")[2].partition("\n")[2]


def test_demo_data(workspace_copy: Path) -> None:
    assert kit(workspace_copy, "migrate", "apply").returncode == 0
    shown = kit(workspace_copy, "db", "seed")
    assert shown.returncode == 0, shown.stderr
    assert "products     12 made\n" in shown.stdout
    assert "sign in      demo@example.com with demo-password\n" in shown.stdout
    again = kit_json(workspace_copy, "db", "seed")
    assert again["made"] == {}
    assert again["left"]["products"] == "has 12 rows already"
    elsewhere = {"DATABASE_URL": "postgresql+asyncpg://db.example.org/shop"}
    refused = kit(workspace_copy, "db", "seed", **elsewhere)
    assert (refused.returncode, refused.stderr.split()[0]) == (3, "SEED001")


def test_a_feature_is_extended_by_options_and_undone(workspace_copy: Path) -> None:
    asked = [
        "feature",
        "extend",
        "product",
        "--add",
        "weight:int?",
        "--filter",
        "weight,price",
        "--rename",
        "sku=code",
    ]
    asked += ["--without", "sort=price", "--access", "list=public", "--fill", "weight=1"]
    assert kit(workspace_copy, *asked).returncode == 2, "no row needs a value for weight"
    facts = kit_json(workspace_copy, *asked[:-2])
    spec = json.loads((workspace_copy / ".kit/ledger/product.json").read_text())["spec"]
    assert "weight:int?" in spec["fields"]
    assert {"weight", "price"} <= set(spec["filters"])
    assert "price" not in spec["sort"]
    assert spec["access"]["list"] == "public"
    again = kit(workspace_copy, *asked[:-2])
    assert "Nothing to do" in again.stdout
    assert kit(workspace_copy, "feature", "remove", "product").returncode == 3
    assert facts["change_id"] in kit(workspace_copy, "feature", "undo").stdout
    changed = subprocess.run(
        ["git", "status", "--porcelain"],
        cwd=workspace_copy,
        capture_output=True,
        text=True,
        check=True,
    )
    assert changed.stdout == ""
