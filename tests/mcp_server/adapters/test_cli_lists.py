"""Options that take lists: by comma, or by being repeated."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mcp_server.adapters.cli.main import build
from tests.mcp_server.adapters.command import kit


@pytest.fixture(scope="module")
def stocked(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a feature that lacks what the options of `extend` can give it; not to be changed."""
    root = tmp_path_factory.mktemp("stocked") / "workspace"
    shutil.copytree(pristine, root, symlinks=True)
    fields = ["name:string(..100)", "code:string(..50)", "rank:int", "level:int"]
    made = kit(
        root, "feature", "add", "supplier", *fields, "--operations", "list,get", "--filter", "rank,level"
    )
    assert made.returncode == 0, made.stderr
    return root


ADD = ("add", "maker", "name:string(..100)", "code:string(..50)", "rank:int", "level:int")
EXTEND = ("extend", "supplier")


@pytest.mark.parametrize(
    ("command", "option", "first", "second"),
    [
        (ADD, "--filter", "name", "rank"),
        (ADD, "--sort", "name", "rank"),
        (ADD, "--search", "name", "code"),
        (ADD, "--operations", "list", "get"),
        (ADD, "--access", "list=public", "get=superuser"),
        (EXTEND, "--filter", "name", "code"),
        (EXTEND, "--sort", "name", "rank"),
        (EXTEND, "--search", "name", "code"),
        (EXTEND, "--operations", "update", "create"),
        (EXTEND, "--access", "list=public", "get=superuser"),
        (EXTEND, "--drop", "rank", "level"),
        (EXTEND, "--rename", "rank=place", "level=height"),
    ],
)
def test_an_option_takes_a_list_by_comma_or_by_being_repeated(
    stocked: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    option: str,
    first: str,
    second: str,
) -> None:
    monkeypatch.chdir(stocked)
    by_comma = dry_run(*command, option, f"{first},{second}")
    assert dry_run(*command, option, first, option, second) == by_comma
    assert by_comma not in (dry_run(*command, option, first), dry_run(*command, option, second))


@pytest.mark.parametrize("command", [ADD, EXTEND], ids=["add", "extend"])
@pytest.mark.parametrize(("option", "key"), [("--unique", "unique"), ("--index", "indexes")])
def test_a_group_of_fields_goes_by_comma_and_more_groups_by_repeating(
    stocked: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], option: str, key: str
) -> None:
    monkeypatch.chdir(stocked)
    diff = dry_run(*command, option, "name,rank", option, "code, level")
    added = "".join(line[1:].strip() for line in diff.splitlines() if line.startswith("+"))
    assert f'"{key}": [["name","rank"],["code","level"]]' in added


def test_without_takes_out_what_is_named_by_comma_or_by_being_repeated(
    stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stocked)
    by_comma = dry_run(*EXTEND, "--without", "filters=rank,level")
    assert dry_run(*EXTEND, "--without", "filters=rank", "--without", "filters=level") == by_comma
    assert dry_run(*EXTEND, "--without", "filters=level") != by_comma


def dry_run(*arguments: str) -> str:
    """The diff that `kit feature` shows in the current directory."""
    done = CliRunner().invoke(build(), ["feature", *arguments, "--dry-run"])
    assert done.exit_code == 0, done.output
    return done.stdout
