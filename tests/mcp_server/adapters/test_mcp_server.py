"""The server as a client meets it: started by the committed configuration, spoken to in both protocol eras."""
# ruff: noqa: S603, S607 - the tests start git and the server

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from mcp import MCPError
from mcp.types import TextContent

from mcp_server.operations.registry import OPERATIONS
from tests.mcp_server.adapters.conftest import ERAS, Connect, server_parameters
from tests.mcp_server.conftest import SECONDS

both_eras = pytest.mark.parametrize("era", ERAS)

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@both_eras
async def test_it_lists_every_operation(connect: Connect, pristine: Path, era: str) -> None:
    async with connect(pristine, era) as client:
        tools = await client.list_tools()
        assert [tool.name for tool in tools.tools] == list(OPERATIONS)
        assert client.server_info is not None
        assert client.server_info.name == "kit"


@both_eras
async def test_both_channels_carry_the_same_facts(connect: Connect, pristine: Path, era: str) -> None:
    async with connect(pristine, era) as client:
        result = await client.call_tool("workspace_info", {})
    text = result.content[0]
    assert isinstance(text, TextContent)
    assert json.loads(text.text) == result.structured_content
    facts = result.structured_content
    assert (facts["root"], facts["branch"], len(facts["tree"])) == (str(pristine), "main", 12)


@both_eras
async def test_an_unknown_argument_is_refused_by_name(connect: Connect, pristine: Path, era: str) -> None:
    async with connect(pristine, era) as client:
        result = await client.call_tool("scaffold_feature", {"feature": "x", "feilds": [], "dry_run": True})
    text = result.content[0]
    assert result.is_error
    assert isinstance(text, TextContent)
    assert text.text == "ARG001 at feilds: there is no such argument. Did you mean `fields`?"
    assert result.structured_content["problems"][0]["code"] == "ARG001"


async def test_argument_errors_are_short_and_all_at_once(connect: Connect, pristine: Path) -> None:
    async with connect(pristine) as client:
        result = await client.call_tool(
            "scaffold_feature", {"feature": 3, "fields": ["a:int", {"no": 1}], "dry_run": "perhaps"}
        )
    places = [problem["place"] for problem in result.structured_content["problems"]]
    assert places == ["feature", "fields[1]", "dry_run"]
    text = result.content[0]
    assert isinstance(text, TextContent)
    assert "pydantic" not in text.text
    assert len(text.text) < 1200


async def test_an_unknown_tool_is_a_protocol_error_with_a_suggestion(
    connect: Connect, pristine: Path
) -> None:
    async with connect(pristine) as client:
        with pytest.raises(MCPError, match="Did you mean workspace_info"):
            await client.call_tool("workspace_inf", {})


async def test_prints_at_start_up_do_not_reach_the_client(
    connect: Connect, workspace_copy: Path, tmp_path: Path
) -> None:
    noise = tmp_path / "noise"
    noise.mkdir()
    (noise / "sitecustomize.py").write_text("print('printed before anything else', flush=True)\n")
    module = workspace_copy / "mcp_server" / "operations" / "workspace_info.py"
    module.write_text(
        module.read_text()
        + "\nprint('printed while importing', flush=True)\nimport os; os.system('echo printed by a child')  # noqa\n"
    )
    async with connect(workspace_copy, PYTHONPATH=str(noise)) as client:
        assert (await client.call_tool("workspace_info", {})).structured_content["branch"] == "main"
    log = (tmp_path / "server.log").read_text()
    for line in ("printed before anything else", "printed while importing", "printed by a child"):
        assert line in log


def test_it_runs_the_code_of_its_own_checkout_wherever_it_is_started(workspace_copy: Path) -> None:
    (workspace_copy / "mcp_server" / "adapters" / "mcp" / "server.py").write_text(
        "raise SystemExit('this copy')\n"
    )
    below = workspace_copy / "app" / "core"
    parameters = server_parameters(workspace_copy)
    done = subprocess.run(
        [parameters.command, *parameters.args], cwd=below, input=b"", capture_output=True, check=False
    )
    assert b"this copy" in done.stderr


def test_a_missing_set_up_is_one_sentence(workspace_copy: Path) -> None:
    (workspace_copy / ".venv").unlink()
    parameters = server_parameters(workspace_copy)
    done = subprocess.run(
        [parameters.command, *parameters.args],
        cwd=workspace_copy,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "make setup" in done.stderr


def test_a_worktree_borrows_the_environment_of_the_main_checkout(
    workspace_copy: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    subprocess.run(["git", "worktree", "add", "-q", "-b", "side", str(tree)], cwd=workspace_copy, check=True)
    (tree / "mcp_server" / "adapters" / "mcp" / "server.py").write_text("raise SystemExit('the worktree')\n")
    (tree / ".venv").unlink(missing_ok=True)
    parameters = server_parameters(tree)
    done = subprocess.run(
        [parameters.command, *parameters.args], cwd=tree, input=b"", capture_output=True, check=False
    )
    assert b"the worktree" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_while_the_client_still_holds_its_pipes(
    pristine: Path, number: signal.Signals
) -> None:
    parameters = server_parameters(pristine)
    with subprocess.Popen(
        [parameters.command, *parameters.args],
        cwd=pristine,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["result"]["protocolVersion"] == "2025-06-18"
        server.send_signal(number)
        assert server.wait(SECONDS) == 128 + number


@pytest.mark.parametrize(
    ("file", "key"), [(".cursor/mcp.json", "mcpServers"), (".vscode/mcp.json", "servers")]
)
def test_the_other_clients_start_the_same_server(
    workspace_copy: Path, tmp_path: Path, file: str, key: str
) -> None:
    entry = json.loads((workspace_copy / file).read_text())[key]["kit"]
    assert entry["type"] == "stdio"
    arguments = [argument.replace("${workspaceFolder}", str(workspace_copy)) for argument in entry["args"]]
    done = subprocess.run(
        [entry["command"], *arguments],
        cwd=tmp_path,
        input=json.dumps(INITIALIZE) + "\n",
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(done.stdout)["result"]["serverInfo"]["name"] == "kit"
