"""The warm child: fresh code, a protocol nothing can disturb, and no process that outlives its reason."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mcp_server.workspace import process
from mcp_server.workspace.child import ChildFailed, WarmChild
from mcp_server.workspace.errors import InvalidInput, KitError, Refused
from mcp_server.workspace.workspace import Workspace
from tests.mcp_server.conftest import SECONDS, Mailbox, is_gone
from tests.mcp_server.workspace.conftest import PYPROJECT, write

PROBE = '''
import asyncio, os, signal, subprocess, sys

from mcp_server.workspace.errors import InvalidInput, Problem, Refused

def value():
    from app.value import VALUE
    return VALUE

def echo(**arguments):
    return arguments

async def later(number):
    await asyncio.sleep(0)
    return number + 1

def noisy():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.write(1, b"to descriptor 1\\n")
    subprocess.run(["echo", "from a subprocess"], check=True)
    return [sys.stdin.read(), "clean"]

def fail(message):
    raise LookupError(message)

def refuse(kind):
    raise {"refused": Refused, "invalid": InvalidInput}[kind](Problem("A1", "here", "why", "do"), Problem("A2", "", "", ""))

def end(how):
    {"signal": lambda: os.kill(os.getpid(), signal.SIGSEGV), "exit": lambda: os._exit(7), "leave": lambda: sys.exit("left")}[how]()

def unsendable():
    return object()

def where():
    return [os.getcwd(), sys.path[0], os.getpid(), os.getppid()]

def linger(box):
    """Reports our pid and a grandchild's, then stays."""
    kept = subprocess.Popen(["sleep", "1000"])
    tell(box, os.getpid())
    tell(box, kept.pid)
    kept.wait()

def leave_behind(box):
    tell(box, subprocess.Popen(["sleep", "1000"]).pid)
    return "done"

def tell(box, value):
    with open(box, "w") as pipe:
        pipe.write(f"{value}\\n")

def meet(ours, theirs):
    tell(theirs, "hello")
    with open(ours) as pipe:
        return pipe.readline()
'''


@pytest.fixture(scope="module")
async def children(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, WarmChild]]:
    """Both ways of working: forks of a warm process, and (where fork is missing) a process per call."""
    root = tmp_path_factory.mktemp("child").resolve()
    write(root, "pyproject.toml", PYPROJECT)
    workspace = Workspace.open(root)
    children = {"forked": WarmChild(workspace), "spawned": WarmChild(workspace, fork=False)}
    yield children
    for child in children.values():
        await child.close()


@pytest.fixture
def root(children: dict[str, WarmChild]) -> Path:
    """The workspace that they share, with its files as at the beginning."""
    root = children["forked"].workspace.root
    shutil.rmtree(root / "app", ignore_errors=True)
    write(root, "app/__init__.py", "")
    write(root, "app/value.py", "VALUE = 1\n")
    write(root, "probe.py", PROBE)
    return root


@pytest.fixture(params=["forked", "spawned"])
def child(children: dict[str, WarmChild], root: Path, request: pytest.FixtureRequest) -> WarmChild:
    return children[request.param]


@pytest.fixture
def warm(children: dict[str, WarmChild], root: Path) -> WarmChild:
    return children["forked"]


async def test_each_call_sees_the_code_as_it_is_now(child: WarmChild, root: Path) -> None:
    assert await child.call("probe:value") == 1
    source = root / "app/value.py"
    times = source.stat()
    # Same size and same times: Python's own cache would answer with the old code.
    source.write_text("VALUE = 2\n", encoding="utf-8")
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert await child.call("probe:value") == 2
    write(root, "app/value.py", "from app.other import VALUE\n")
    write(root, "app/other.py", "VALUE = 'new module'\n")
    assert await child.call("probe:value") == "new module"


async def test_a_stale_pyc_of_another_process_is_not_believed(child: WarmChild, root: Path) -> None:
    source = root / "app/value.py"
    times = source.stat()
    await process.run([sys.executable, "-m", "compileall", "-q", "app"], cwd=root, timeout=SECONDS)
    assert list(root.rglob("*.pyc"))
    source.write_text("VALUE = 2\n", encoding="utf-8")
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert await child.call("probe:value") == 2


async def test_arguments_and_result_are_json(child: WarmChild) -> None:
    data: dict[str, Any] = {
        "text": "ä\u2028\ud800",
        "none": None,
        "list": [1, 2.5, {"deep": [True]}],
        "function": "x",
        "timeout_": 1,
    }
    assert await child.call("probe:echo", **data) == data
    assert await child.call("probe:later", number=1) == 2


async def test_large_messages(warm: WarmChild) -> None:
    text = "x" * 5_000_000
    assert await warm.call("probe:echo", text=text) == {"text": text}


async def test_prints_do_not_reach_the_protocol(child: WarmChild) -> None:
    assert await child.call("probe:noisy") == ["", "clean"]
    log = (child.workspace.scratch / "child.log").read_text(encoding="utf-8")
    assert all(line in log for line in ("to stdout", "to stderr", "to descriptor 1", "from a subprocess"))


async def test_an_exception_comes_back_with_its_place(child: WarmChild, root: Path) -> None:
    line = 1 + PROBE[: PROBE.index("raise LookupError")].count("\n")
    with pytest.raises(ChildFailed) as caught:
        await child.call("probe:fail", message="no row")
    error = caught.value
    assert (error.type, error.message, error.where) == ("LookupError", "no row", f"probe.py:{line}")
    [problem] = error.problems
    assert (problem.code, problem.place, problem.reason) == (
        "WS020",
        f"probe.py:{line}",
        "LookupError: no row",
    )

    write(root, "app/value.py", "VALUE = 1\ndef broken(:\n")
    with pytest.raises(ChildFailed) as caught:
        await child.call("probe:value")
    assert (caught.value.type, caught.value.where) == ("SyntaxError", "app/value.py:2")


@pytest.mark.parametrize(("kind", "expected"), [("refused", Refused), ("invalid", InvalidInput)])
async def test_expected_failures_keep_their_class(
    child: WarmChild, kind: str, expected: type[KitError]
) -> None:
    with pytest.raises(KitError) as caught:
        await child.call("probe:refuse", kind=kind)
    assert type(caught.value) is expected
    assert [str(problem) for problem in caught.value.problems] == ["A1 at here: why. do", "A2 at : . "]


@pytest.mark.parametrize(
    ("how", "code", "words"),
    [("signal", "WS022", "signal 11"), ("exit", "WS022", "exit code 7"), ("leave", "WS020", "left")],
)
async def test_a_process_that_dies_is_a_failure_not_a_wait(
    child: WarmChild, how: str, code: str, words: str
) -> None:
    with pytest.raises(ChildFailed) as caught:
        await child.call("probe:end", how=how)
    [problem] = caught.value.problems
    assert problem.code == code
    assert words in problem.reason
    assert await child.call("probe:value") == 1, "the next call works"


async def test_a_result_that_is_no_json(child: WarmChild) -> None:
    with pytest.raises(ChildFailed) as caught:
        await child.call("probe:unsendable")
    assert caught.value.type == "TypeError"


@pytest.mark.parametrize("function", ["probe:missing", "no_such_module:x"])
async def test_a_function_that_does_not_exist(child: WarmChild, function: str) -> None:
    with pytest.raises(ChildFailed) as caught:
        await child.call(function)
    assert caught.value.type in {"AttributeError", "ModuleNotFoundError"}


async def test_works_in_the_workspace_and_in_no_other(child: WarmChild, root: Path) -> None:
    directory, first, _, _ = await child.call("probe:where")
    assert (directory, first) == (str(root), str(root))
    (root / "app/value.py").unlink()
    (root / "app/__init__.py").unlink()
    with pytest.raises(ChildFailed) as caught:  # and not the app of the checkout that the kit runs from
        await child.call("app.main:create_app")
    assert caught.value.type == "ModuleNotFoundError"


async def test_time_is_limited(child: WarmChild, mailbox: Mailbox) -> None:
    with pytest.raises(ChildFailed) as caught:
        await child.call("probe:linger", timeout=8, box=str(mailbox.path))
    assert caught.value.problems[0].code == "WS021"
    assert is_gone(int(await mailbox.line()))
    assert is_gone(int(await mailbox.line()))


async def test_cancelling_kills_the_call_and_what_it_started(child: WarmChild, mailbox: Mailbox) -> None:
    running = asyncio.create_task(child.call("probe:linger", box=str(mailbox.path)))
    pids = [int(await mailbox.line()), int(await mailbox.line())]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert all(is_gone(pid) for pid in pids)
    assert await child.call("probe:value") == 1


async def test_a_finished_call_leaves_nothing_behind(child: WarmChild, mailbox: Mailbox) -> None:
    assert await child.call("probe:leave_behind", box=str(mailbox.path)) == "done"
    assert is_gone(int(await mailbox.line()))


async def test_calls_run_at_the_same_time(child: WarmChild, tmp_path: Path) -> None:
    one, two = Mailbox(tmp_path / "one"), Mailbox(tmp_path / "two")
    async with asyncio.timeout(SECONDS):
        # Each waits for a word of the other: one after the other they would never end.
        answers = await asyncio.gather(
            child.call("probe:meet", ours=str(one.path), theirs=str(two.path)),
            child.call("probe:meet", ours=str(two.path), theirs=str(one.path)),
        )
    one.close()
    two.close()
    assert list(answers) == ["hello\n", "hello\n"]


async def test_many_calls_each_get_their_own_answer(warm: WarmChild) -> None:
    answers = await asyncio.gather(*(warm.call("probe:echo", number=number) for number in range(40)))
    assert answers == [{"number": number} for number in range(40)]


async def test_closing_leaves_no_process_and_calling_again_works(warm: WarmChild, mailbox: Mailbox) -> None:
    *_, server = await warm.call("probe:where")
    running = asyncio.create_task(warm.call("probe:linger", box=str(mailbox.path)))
    pids = [int(await mailbox.line()), int(await mailbox.line()), server]

    await warm.close()
    with pytest.raises(ChildFailed) as caught:
        await running

    assert caught.value.problems[0].code == "WS022"
    assert all(is_gone(pid) for pid in pids)
    assert await warm.call("probe:value") == 1
    await warm.close()
    await warm.close()


async def test_the_loss_of_the_warm_process_is_survived(warm: WarmChild, mailbox: Mailbox) -> None:
    *_, server = await warm.call("probe:where")
    running = asyncio.create_task(warm.call("probe:linger", box=str(mailbox.path)))
    worker = int(await mailbox.line())
    os.kill(server, 9)
    with pytest.raises(ChildFailed):
        await running
    assert is_gone(worker), "the system kills a worker whose parent died"
    os.kill(int(await mailbox.line()), 9)  # nobody was left to end what the worker had started
    assert await warm.call("probe:value") == 1


def test_everything_dies_with_the_kit(root: Path, mailbox: Mailbox) -> None:
    script = (
        "import asyncio, json, pathlib, sys\n"
        "from mcp_server.workspace.child import WarmChild\n"
        "from mcp_server.workspace.workspace import Workspace\n"
        "async def main():\n"
        "    child = WarmChild(Workspace.open(pathlib.Path(sys.argv[1])))\n"
        "    print(json.dumps(await child.call('probe:where')), flush=True)\n"
        "    await child.call('probe:linger', box=sys.argv[2])\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", script, str(root), str(mailbox.path)]
    kit = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    assert kit.stdout is not None
    *_, server = json.loads(kit.stdout.readline())
    pids = [int(mailbox.read_line()), int(mailbox.read_line()), server]

    kit.kill()
    kit.wait()
    kit.stdout.close()

    assert all(is_gone(pid) for pid in pids)
