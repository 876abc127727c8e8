"""A result is reused exactly while nothing it depends on has changed, and only if it was green."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import mcp_server
from mcp_server.gates.cache import Cache, key_of, source_files
from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.registry import all_gates
from mcp_server.gates.result import GateResult, passed
from mcp_server.gates.toolchain import versions
from mcp_server.workspace.fingerprint import hashes
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.gates.project import Counted, Project

KIT = Path(mcp_server.__file__).parent


async def test_an_unchanged_tree_is_answered_from_the_cache(project: Project) -> None:
    first = await project.run("lint", "tests")
    second = await project.run("lint", "tests")
    assert [result.cached for result in first.results] == [False, False]
    assert [result.cached for result in second.results] == [True, True]
    assert [result.summary for result in second.results] == [result.summary for result in first.results]
    assert second.passed
    assert second.run != first.run
    assert second.results[0].log == first.results[0].log
    assert (project.root / second.results[0].log).is_file()


async def test_an_edit_reruns_only_what_reads_the_file(project: Project) -> None:
    app, docs = Counted(passed("fine")), Counted(passed("fine"))
    gates = (app.gate("app", ("app/**",)), docs.gate("docs", ("docs/**", "*.md")))
    await project.run(gates=gates)
    project.append("app/core/text.py", "# edited\n")
    report = await project.run(gates=gates)
    assert [(result.gate, result.cached) for result in report.results] == [("app", False), ("docs", True)]
    project.write("docs/new.md", "new")
    report = await project.run(gates=gates)
    assert [(result.gate, result.cached) for result in report.results] == [("app", True), ("docs", False)]
    assert (app.calls, docs.calls) == (2, 2)


async def test_what_a_gate_leaves_out_does_not_rerun_it(project: Project) -> None:
    work = Counted(passed("fine"))
    gate = work.gate(leaves_out=lambda _: {"app/core/text.py"})
    await project.run(gates=(gate,))
    project.append("app/core/text.py", "# edited\n")
    assert (await project.run(gates=(gate,))).results[0].cached
    project.write("app/core/other.py", "")
    assert not (await project.run(gates=(gate,))).results[0].cached


def test_the_kits_tests_leave_the_features_to_the_service() -> None:
    workspace = Workspace.open(KIT)
    gates = {gate.id: gate for gate in all_gates()}
    for room in ("", "-adapters", "-features", "-operations", "-sequences"):
        left_out = set(gates[f"kit-tests{room}"].leaves_out(workspace))
        assert {"app/services/product.py", ".kit/ledger/product.json"} <= left_out
        assert "app/repositories/base.py" not in left_out
    assert not gates["kit-tests-shipped"].leaves_out(workspace)


async def test_going_back_is_answered_from_the_cache(project: Project) -> None:
    work = Counted(passed("fine"))
    await project.run(gates=(work.gate(),))
    project.append("app/core/text.py", "# edited\n")
    await project.run(gates=(work.gate(),))
    project.replace("app/core/text.py", "# edited\n", "")
    assert (await project.run(gates=(work.gate(),))).results[0].cached
    assert work.calls == 2


async def test_without_the_cache_everything_runs(project: Project) -> None:
    work = Counted(passed("fine"))
    await project.run(gates=(work.gate(),))
    report = await project.run(gates=(work.gate(),), use_cache=False)
    assert not report.results[0].cached
    assert work.calls == 2


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("failed", "red", (Finding("app/x.py", 1, "R1", "wrong"),)),
        Outcome("error", "could not work"),
        Outcome("not_run", "no server"),
        RuntimeError("defect"),
    ],
    ids=["failed", "error", "not_run", "exception"],
)
async def test_only_green_is_kept(project: Project, outcome: Outcome | Exception) -> None:
    work = Counted(outcome)
    for calls in (1, 2):
        report = await project.run(gates=(work.gate(),))
        assert work.calls == calls
        assert report.results[0].status != "passed"
        assert not report.results[0].cached


async def test_an_affected_only_pass_is_not_kept(project: Project) -> None:
    work = Counted(passed("fine"))
    await project.run(gates=(work.gate(),), changed=["app/core/text.py"])
    await project.run(gates=(work.gate(),))
    assert work.calls == 2


async def test_a_pass_over_files_edited_meanwhile_is_not_kept(project: Project) -> None:
    async def edit(context: GateContext) -> Outcome:
        project.append("app/core/text.py", "# edited\n")
        return passed("of which tree?")

    gate = Gate(id="edited", group="backend", title="edited", inputs=("app/**",), run=edit)
    report = await project.run(gates=(gate,))
    assert report.edited
    assert not report.passed
    project.replace("app/core/text.py", "# edited\n", "")
    assert not (await project.run(gates=(gate,))).results[0].cached


def _key(project: Project, gate: Gate) -> str:
    return key_of(gate, project.workspace, hashes(project.workspace, gate.inputs))


def _install(project: Project, name: str, version: str) -> Path:
    """Pretend that a distribution is installed in the workspace's own environment."""
    python = project.root / ".venv" / "bin" / "python"
    if not python.exists():
        python.parent.mkdir(parents=True)
        python.write_text("#!/bin/sh\n")
        (project.root / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    folder = project.root / f".venv/lib/python3.11/site-packages/{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    return folder


async def test_another_version_of_a_tool_is_another_result(project: Project) -> None:
    work = Counted(passed("fine"))
    one, every, none = work.gate(tools=("my-tool",)), work.gate(tools=("*",)), work.gate()
    installed = _install(project, "My_Tool", "1.0")
    assert versions(project.workspace.python, one.tools) == {"my-tool": "1.0"}
    before = [_key(project, gate) for gate in (one, every, none)]
    installed.rename(installed.with_name("My_Tool-1.1.dist-info"))
    after = [_key(project, gate) for gate in (one, every, none)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True]
    _install(project, "another", "2.0")
    assert [_key(project, gate) == key for gate, key in zip((one, every), after, strict=False)] == [
        True,
        False,
    ]


async def test_another_interpreter_is_another_result(project: Project) -> None:
    gate = Counted(passed("fine")).gate()
    _install(project, "tool", "1.0")
    before = _key(project, gate)
    (project.root / ".venv" / "pyvenv.cfg").write_text("version = 3.13.1\n")
    assert _key(project, gate) != before


async def test_another_fact_is_another_result(project: Project) -> None:
    work = Counted(passed("fine"))
    answers = {"server": "up"}
    gate = work.gate(facts=lambda _: answers)
    before = _key(project, gate)
    answers["server"] = "down"
    assert _key(project, gate) != before


async def test_other_settings_are_another_result_of_the_real_gates(project: Project) -> None:
    await project.run("lint", "format", "imports")
    project.append("pyproject.toml", "\n# a comment\n")
    report = await project.run("lint", "format", "imports")
    assert not any(result.cached for result in report.results)


async def test_unreadable_entries_are_misses(project: Project) -> None:
    work = Counted(passed("fine"))
    await project.run(gates=(work.gate(),))
    (entry,) = (project.workspace.scratch / "gate-cache" / "counted").glob("*.json")
    for text in ("", "{}", "[]", '{"log": 1}', '{"log": "", "status": "passed"}'):
        entry.write_text(text)
        assert not (await project.run(gates=(work.gate(),))).results[0].cached


async def test_the_cache_stays_small(project: Project) -> None:
    cache = Cache(project.workspace)
    gate = Counted(passed("fine")).gate()
    result = GateResult("counted", "backend", "counted", "passed", "fine", 0.1)
    for number in range(40):
        cache.put(gate, f"{number:064d}", result)
    assert len(list((project.workspace.scratch / "gate-cache" / "counted").iterdir())) == 24
    assert cache.get(gate, f"{39:064d}") is not None
    cache.clear()
    assert cache.get(gate, f"{39:064d}") is None


def _reached(start: Path) -> set[Path]:
    """Every module of the kit that a file may load, by imports anywhere in it and by names of child functions."""
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in _names(ast.parse(path.read_text("utf-8"))):
            module = KIT.joinpath(*name.split(".")[1:])
            waiting += [
                found for found in (module.with_suffix(".py"), module / "__init__.py") if found.is_file()
            ]
    return seen


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("mcp_server"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mcp_server"):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("mcp_server.")
        ):
            yield node.value.partition(":")[0]


@pytest.mark.parametrize("gate", all_gates(), ids=lambda gate: gate.id)
def test_the_key_covers_all_code_a_gate_runs(gate: Gate) -> None:
    """A gate that reached code outside its key would keep its answer when that code changes."""
    module = KIT / "gates" / "checks" / f"{gate.id.replace('-', '_')}.py"
    covered = set(source_files(gate)) | {module}
    others = {path for path in _reached(module) - covered if path.name != "__init__.py"}
    assert sorted(path.relative_to(KIT).as_posix() for path in others) == []


async def test_nothing_of_a_result_is_lost_in_the_cache(project: Project) -> None:
    first = (await project.run(gates=(Counted(passed("fine", "a log")).gate(),))).results[0]
    second = (await project.run(gates=(Counted(passed("fine", "a log")).gate(),))).results[0]
    stored = json.loads((project.root / Path(second.log).parent / "report.json").read_bytes())
    assert stored["results"][0]["log"] == first.log == second.log
    assert second == GateResult(**{**stored["results"][0], "findings": (), "cached": True})
