"""Commands: what they answer, and that nothing they start outlives them."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.workspace import process
from mcp_server.workspace.errors import InvalidInput
from tests.mcp_server.conftest import SECONDS, Mailbox, is_gone

FAMILY = 'echo $$ > "$BOX"; sh -c \'echo $$ > "$BOX"; exec sleep 1000\' & '
"""Reports the pid of the command and that of a grandchild, which stays."""


async def test_output_exit_code_and_time(tmp_path: Path) -> None:
    done = await process.run(
        ["sh", "-c", "echo out; echo err >&2; pwd; exit 3"], cwd=tmp_path, timeout=SECONDS
    )
    assert (done.exit_code, done.stdout, done.stderr) == (3, f"out\n{tmp_path}\n", "err\n")
    assert not done.timed_out
    assert 0 < done.seconds < SECONDS


async def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    done = await process.run(["sh", "-c", "kill -TERM $$"], cwd=tmp_path, timeout=SECONDS)
    assert done.exit_code == -signal.SIGTERM


async def test_standard_input_is_empty_unless_given(tmp_path: Path) -> None:
    assert (await process.run(["cat"], cwd=tmp_path, timeout=SECONDS)).stdout == ""
    assert (await process.run(["cat"], cwd=tmp_path, timeout=SECONDS, input=b"given")).stdout == "given"


async def test_the_environment_is_laid_over_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "1")
    command = ["sh", "-c", 'echo "$OURS$EXTRA"']
    assert (await process.run(command, cwd=tmp_path, timeout=SECONDS, env={"EXTRA": "2"})).stdout == "12\n"
    alone = {"EXTRA": "2", "PATH": os.environ["PATH"]}
    assert (
        await process.run(command, cwd=tmp_path, timeout=SECONDS, env=alone, inherit=False)
    ).stdout == "2\n"


async def test_a_flood_of_output_does_not_block(tmp_path: Path) -> None:
    script = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 3_000_000)"
    done = await process.run([sys.executable, "-c", script], cwd=tmp_path, timeout=SECONDS)
    assert (len(done.stdout), len(done.stderr)) == (3_000_000, 3_000_000)


async def test_output_that_is_no_text(tmp_path: Path) -> None:
    done = await process.run(["printf", "\\377ok"], cwd=tmp_path, timeout=SECONDS)
    assert done.stdout == "\ufffdok"


async def test_a_missing_program_has_a_code_and_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        await process.run(["no-such-program", "x"], cwd=tmp_path, timeout=SECONDS)
    [problem] = caught.value.problems
    assert (problem.code, problem.place) == ("WS006", "no-such-program")
    assert problem.hint


async def test_a_command_that_ends_takes_its_grandchildren_with_it(tmp_path: Path, mailbox: Mailbox) -> None:
    # The grandchild inherits the output: waiting for the end of a pipe would take 1,000 seconds.
    command = ["sh", "-c", FAMILY + 'read go < "$GO"; echo done']
    go = Mailbox(tmp_path / "go")
    env = {"BOX": str(mailbox.path), "GO": str(go.path)}
    running = asyncio.create_task(process.run(command, cwd=tmp_path, timeout=SECONDS, env=env))
    pids = [int(await mailbox.line()), int(await mailbox.line())]
    go.path.write_text("\n")

    done = await running
    go.close()

    assert (done.stdout, done.exit_code, done.timed_out) == ("done\n", 0, False)
    assert all(is_gone(pid) for pid in pids)


async def test_the_time_limit_kills_the_whole_group(tmp_path: Path, mailbox: Mailbox) -> None:
    # The command ignores polite signals, and so would its grandchild.
    command = ["sh", "-c", f"trap '' TERM INT; echo before; {FAMILY} wait"]
    done = await process.run(command, cwd=tmp_path, timeout=3, env={"BOX": str(mailbox.path)})

    assert done.timed_out
    assert (done.exit_code, done.stdout) == (-signal.SIGKILL, "before\n")
    assert is_gone(int(await mailbox.line()))
    assert is_gone(int(await mailbox.line()))


async def test_cancelling_kills_the_whole_group(tmp_path: Path, mailbox: Mailbox) -> None:
    command = ["sh", "-c", FAMILY + "wait"]
    running = asyncio.create_task(
        process.run(command, cwd=tmp_path, timeout=1000, env={"BOX": str(mailbox.path)})
    )
    pids = [int(await mailbox.line()), int(await mailbox.line())]

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert all(is_gone(pid) for pid in pids)


async def test_cancelling_before_the_command_has_begun(tmp_path: Path, mailbox: Mailbox) -> None:
    await process.run(["true"], cwd=tmp_path, timeout=SECONDS)  # the guard is up from here on
    before = _children()
    command = ["sh", "-c", FAMILY + "wait"]
    running = asyncio.create_task(
        process.run(command, cwd=tmp_path, timeout=1000, env={"BOX": str(mailbox.path)})
    )
    await asyncio.sleep(0)  # one turn of the loop: started, and nothing more
    assert len(_children() - before) == 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert _children() == before


def _children() -> set[int]:
    """Our direct children."""
    path = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return {int(pid) for pid in path.read_text(encoding="ascii").split()}


def test_when_we_are_killed_our_commands_die_too(tmp_path: Path, mailbox: Mailbox) -> None:
    script = (
        "import asyncio, os, pathlib\n"
        "from mcp_server.workspace import process\n"
        "async def main():\n"
        f"    command = ['sh', '-c', {FAMILY + 'wait'!r}]\n"
        "    running = asyncio.create_task(process.run(command, cwd=pathlib.Path('.'), timeout=1000))\n"
        "    await asyncio.sleep(0)\n"
        "    pathlib.Path(os.environ['BOX']).write_text('started\\n')\n"
        "    await running\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "BOX": str(mailbox.path)}
    kit = subprocess.Popen([sys.executable, "-c", script], env=environment)  # noqa: S603
    lines = {mailbox.read_line() for _ in range(3)}
    pids = [int(line) for line in lines - {"started"}]
    assert len(pids) == 2

    kit.kill()
    kit.wait()

    assert all(is_gone(pid) for pid in pids)
