"""Each gate on the green workspace, and with one defect in it: red, at the right file, line and rule."""

import socket
import venv
from collections.abc import Callable
from dataclasses import replace

import pytest

from mcp_server.gates.gate import Finding
from mcp_server.gates.tools import servers
from mcp_server.gates.tools.server_migrations import migrations_gate
from mcp_server.gates.tools.servers import MYSQL, POSTGRESQL, Server
from mcp_server.workspace.errors import InvalidInput
from tests.mcp_server.gates.project import Project

Defect = Callable[[Project], None]

GREEN = ["architecture", "format", "imports", "lint", "openapi", "tests", "types"]


async def test_the_green_workspace_is_green(project: Project) -> None:
    report = await project.run(*GREEN)
    assert {result.gate: (result.status, result.findings) for result in report.results} == dict.fromkeys(
        GREEN, ("passed", ())
    )
    assert report.passed


def syntax_error(project: Project) -> None:
    project.append("app/core/text.py", "\n\ndef broken(:\n")


def unformatted(project: Project) -> None:
    project.append("app/core/text.py", "\n\nWORDS = [  1,2]\n")


def unused_import(project: Project) -> None:
    project.replace("app/core/text.py", "\n\n\ndef", "\n\nimport os\n\n\ndef")


def blocking_call(project: Project) -> None:
    project.append(
        "app/services/greeting.py", "\n\nasync def nap() -> None:\n    import time\n\n    time.sleep(1)\n"
    )


def wrong_type(project: Project) -> None:
    project.replace("app/services/greeting.py", "return greet(name).upper()", "return len(greet(name))")


def import_upwards(project: Project) -> None:
    project.replace("app/core/text.py", "\n\n\ndef", "\n\nimport app.services.greeting\n\n\ndef")


def import_upwards_by_a_detour(project: Project) -> None:
    project.write(
        "app/core/detour.py",
        '"""Detour."""\n\nfrom app.api.greetings import read_greeting as read_greeting\n',
    )
    project.replace("app/core/text.py", "\n\n\ndef", "\n\nimport app.core.detour\n\n\ndef")


def no_response_model(project: Project) -> None:
    project.replace("app/api/greetings.py", "    response_model=Greeting,\n", "    response_model=dict,\n")


def undeclared_error(project: Project) -> None:
    project.replace("app/api/greetings.py", '404: {"description": "unknown", **PROBLEM}, ', "")


def foreign_error_form(project: Project) -> None:
    project.replace("app/api/greetings.py", ', 422: {"description": "invalid", **PROBLEM}', "")


def app_does_not_import(project: Project) -> None:
    project.append("app/services/greeting.py", "\nraise RuntimeError('at import')\n")


def failing_test(project: Project) -> None:
    project.replace("tests/app/test_greetings.py", 'greet("") == "Hello"', 'greet("") == "Goodbye"')


def failing_service(project: Project) -> None:
    project.replace("app/services/greeting.py", "    return greet(name).upper()", "    raise KeyError(name)")


def uncollectable_test(project: Project) -> None:
    project.write("tests/app/test_lost.py", "import a_package_that_is_not_there\n")


def untested_code(project: Project) -> None:
    branches = "".join(f"    if name == '{n}':\n        return '{n}'\n" for n in range(10))
    project.append("app/core/text.py", f"\n\ndef unused(name: str) -> str:\n{branches}    return name\n")


@pytest.mark.parametrize(
    ("gate", "defect", "place", "rule", "message"),
    [
        ("lint", syntax_error, "app/core/text.py:11", "invalid-syntax", "Expected a parameter"),
        ("format", syntax_error, "app/core/text.py:11", "invalid-syntax", "Expected a parameter"),
        ("types", syntax_error, "app/core/text.py:11", "syntax", "parameter"),
        ("format", unformatted, "app/core/text.py:11", "unformatted", "would be reformatted"),
        ("lint", unused_import, "app/core/text.py:3", "F401", "`os` imported but unused"),
        ("lint", blocking_call, "app/services/greeting.py:14", "ASYNC251", "time.sleep"),
        ("architecture", blocking_call, "app/services/greeting.py:14", "KIT101", "time.sleep"),
        ("types", wrong_type, "app/services/greeting.py:8", "return-value", 'got "int", expected "str"'),
        ("imports", import_upwards, "app/core/text.py:3", "One way", "imports app.services.greeting"),
        (
            "imports",
            import_upwards_by_a_detour,
            "app/core/detour.py:3",
            "One way",
            "imports app.api.greetings",
        ),
        (
            "openapi",
            no_response_model,
            "app/api/greetings.py:18",
            "OPENAPI003",
            "answers 200 without a model",
        ),
        ("openapi", undeclared_error, "app/api/greetings.py:18", "OPENAPI004", "does not declare 404"),
        (
            "openapi",
            foreign_error_form,
            "app/api/greetings.py:18",
            "OPENAPI005",
            "declares 422 in another form",
        ),
        (
            "openapi",
            app_does_not_import,
            "app/services/greeting.py:10",
            "import-error",
            "RuntimeError: at import",
        ),
        (
            "tests",
            failing_test,
            "tests/app/test_greetings.py:9",
            "tests/app/test_greetings.py::test_anybody",
            "AssertionError: assert 'Hello' == 'Goodbye'",
        ),
        (
            "tests",
            failing_service,
            "tests/app/test_greetings.py:13",
            "tests/app/test_greetings.py::test_by_name",
            "KeyError: 'Ada' (raised at app/services/greeting.py:8)",
        ),
        (
            "tests",
            uncollectable_test,
            "tests/app/test_lost.py:1",
            "tests/app/test_lost.py",
            "ModuleNotFoundError",
        ),
        ("tests", untested_code, "app/core/text.py:12", "coverage", "never run: 12-"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_a_defect_is_named(
    project: Project, gate: str, defect: Defect, place: str, rule: str, message: str
) -> None:
    defect(project)
    result = await project.result(gate)
    assert result.status == "failed"
    found = [finding for finding in result.findings if finding.rule == rule]
    assert [f"{finding.file}:{finding.line}" for finding in found][:1] == [place], result.findings
    assert message in found[0].message
    assert (project.root / result.log).read_text()


async def test_broken_contracts_say_what_to_do(project: Project) -> None:
    import_upwards(project)
    (finding,) = (await project.result("imports")).findings
    assert finding == Finding(
        "app/core/text.py",
        3,
        "One way",
        "app.core.text imports app.services.greeting",
        "app.core is not allowed to import app.services",
        "Move it down.",
    )


async def test_a_second_operation_of_one_name(project: Project) -> None:
    project.replace("app/main.py", "router)\n", 'router)\n    app.include_router(router, prefix="/again")\n')
    project.replace(
        "app/main.py", "FastAPI()", "FastAPI(generate_unique_id_function=lambda route: route.name)"
    )
    (finding,) = (await project.result("openapi")).findings
    assert (finding.file, finding.line, finding.rule) == ("app/api/greetings.py", 18, "OPENAPI002")


@pytest.mark.parametrize("gate", ["format", "lint"])
async def test_nothing_to_look_at_is_a_failure(project: Project, gate: str) -> None:
    for path in project.workspace.files("**/*.py"):
        (project.root / path).unlink()
    result = await project.result(gate)
    assert (result.status, result.findings[0].rule) == ("failed", "no-files")


async def test_no_types_to_check_is_a_failure(project: Project) -> None:
    for path in project.workspace.files("tests/**/*.py"):
        (project.root / path).unlink()
    result = await project.result("types")
    assert (result.status, result.findings[0].rule) == ("failed", "no-files")


async def test_no_contract_is_a_failure(project: Project) -> None:
    text = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", text.partition("[tool.importlinter]")[0])
    result = await project.result("imports")
    assert (result.status, result.findings[0].rule) == ("failed", "no-contracts")


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("", "nothing was tested"),
        (
            "import pytest\n\n\n@pytest.mark.skip(reason='not today')\ndef test_it() -> None: ...\n",
            "nothing was tested, 1 skipped (not today)",
        ),
    ],
    ids=["no test", "only skipped tests"],
)
async def test_a_run_without_a_test_is_a_failure(project: Project, text: str, summary: str) -> None:
    project.write("tests/app/test_greetings.py", text)
    result = await project.result("tests")
    assert (result.status, result.summary, result.findings[0].rule) == ("failed", summary, "no-tests")


async def test_skipped_tests_are_told_with_their_reason(project: Project) -> None:
    project.write(
        "tests/app/test_more.py", "import pytest\n\n\ndef test_it() -> None:\n    pytest.skip('no server')\n"
    )
    result = await project.result("tests")
    assert (result.status, result.summary) == (
        "passed",
        "3 tests passed, 1 skipped (no server), 100.0 % of app covered",
    )


async def test_a_test_run_that_dies_is_an_error(project: Project) -> None:
    project.append(
        "tests/app/test_greetings.py", "\n\ndef test_exit() -> None:\n    import os\n\n    os._exit(0)\n"
    )
    result = await project.result("tests")
    assert result.status == "error"
    assert "wrote no report" in result.summary


@pytest.mark.parametrize("gate", ["format", "lint", "types", "imports", "tests"])
async def test_a_missing_tool_is_an_error(project: Project, gate: str) -> None:
    venv.create(project.root / ".venv", symlinks=True)
    result = await project.result(gate)
    assert result.status == "error"
    assert "is not installed" in result.summary


async def test_a_tool_that_does_not_start_is_an_error(project: Project) -> None:
    project.append("pyproject.toml", "\n[tool.ruff.format]\nquote-style = 'loud'\n")
    for gate in ("format", "lint"):
        result = await project.result(gate)
        assert result.status == "error"


async def test_tests_get_no_settings_of_the_caller(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://production/shop")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql+asyncpg://elsewhere/shop")
    project.append(
        "tests/app/test_greetings.py",
        "\n\ndef test_environment() -> None:\n    import os\n\n"
        "    assert not {'DATABASE_URL', 'TEST_DATABASE_URL', 'PYTEST_ADDOPTS'} & os.environ.keys()\n",
    )
    result = await project.result("tests")
    assert (result.status, result.summary[:14]) == ("passed", "4 tests passed")


@pytest.mark.parametrize(
    ("server", "scheme"),
    [("postgresql", "postgresql+asyncpg"), ("mysql", "mysql+asyncmy"), ("mysql", "mariadb+asyncmy")],
)
async def test_without_a_server_its_gates_are_not_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, server: str, scheme: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("TEST_DATABASE_URL", f"{scheme}://kit:hidden@127.0.0.1:{port}/other")
    report = await project.run(f"tests-{server}", f"migrations-{server}")
    assert [result.status for result in report.results] == ["not_run", "not_run"]
    assert all(f"127.0.0.1:{port}" in result.summary for result in report.results)
    assert "hidden" not in str(report)
    assert not report.passed


@pytest.mark.parametrize("server", [POSTGRESQL, MYSQL], ids=["postgresql", "mysql"])
async def test_a_server_that_does_not_let_us_in_is_not_run(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    if not server.answers():
        pytest.skip(f"no {server.title} server answers at {server.address()}")
    scheme, _, address = server.usual.partition("://")
    stranger = replace(server, usual=f"{scheme}://kit_stranger:wrong@{address.partition('@')[2]}")
    report = await project.run(gates=[servers.tests_gate(stranger), migrations_gate(stranger)])
    assert [result.status for result in report.results] == ["not_run", "not_run"]
    assert all("does not let us in" in result.summary for result in report.results)
    assert all("kit_stranger" in result.summary for result in report.results)
    assert "wrong" not in str(report)


@pytest.mark.parametrize("gate", ["tests-postgresql", "tests-mysql"])
async def test_with_a_server_the_tests_are_told_its_address(
    project: Project, monkeypatch: pytest.MonkeyPatch, gate: str
) -> None:
    scheme = {"tests-postgresql": "postgresql+asyncpg", "tests-mysql": "mysql+asyncmy"}[gate]
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{scheme}://kit@127.0.0.1:{server.getsockname()[1]}/other"
        monkeypatch.setenv("TEST_DATABASE_URL", url)
        project.append(
            "tests/app/test_greetings.py",
            f"\n\ndef test_url() -> None:\n    import os\n\n    assert os.environ['TEST_DATABASE_URL'] == {url!r}\n",
        )
        result = await project.result(gate)
    assert (result.status, result.summary) == ("passed", "4 tests passed")


async def test_the_tests_of_the_kit_exist_only_where_the_kit_is_developed(project: Project) -> None:
    with pytest.raises(InvalidInput, match="GATE001"):
        await project.run("kit-tests")
    for path in ("test_top.py", "new_room/test_new.py", "features/test_a.py", "data/test_data.py"):
        project.write(f"tests/mcp_server/{path}", "def test_it() -> None: ...\n")
    assert (await project.result("kit-tests")).summary == "2 tests passed"
    assert (await project.result("kit-tests-features")).summary == "1 tests passed"
    with pytest.raises(InvalidInput, match="GATE001"):
        await project.run("kit-tests-adapters")


async def test_an_affected_only_run_tests_the_kit_only_when_it_changed(project: Project) -> None:
    project.write("tests/mcp_server/test_top.py", "def test_it() -> None: ...\n")
    report = await project.run("kit-tests", changed=["app/core/text.py"])
    assert [result.status for result in report.results] == ["not_run"]
    report = await project.run("kit-tests", changed=["tests/mcp_server/test_top.py"])
    assert [result.status for result in report.results] == ["passed"]


async def test_a_torn_cache_of_mypy_is_no_verdict(project: Project) -> None:
    (project.root / ".mypy_cache").unlink()  # the shared one stays whole
    assert (await project.result("types")).status == "passed"
    for file in (project.root / ".mypy_cache").rglob("*.db"):
        content = file.read_bytes()
        file.write_bytes(content[:4096] + bytes(reversed(content[4096:])))
    wrong_type(project)
    result = await project.result("types")
    assert [finding.file for finding in result.findings] == ["app/services/greeting.py"]
