"""Running gates: side by side, in order, with live events, and nothing left behind."""

import asyncio
import os

import pytest

from mcp_server.gates import runner
from mcp_server.gates.gate import Finding, Gate, GateContext, Outcome
from mcp_server.gates.result import Event, passed, read_report
from mcp_server.gates.runs import find_report, read_log
from mcp_server.gates.tools.command import run_tool
from mcp_server.workspace.errors import InvalidInput, KitError, Problem
from mcp_server.workspace.fingerprint import tree_hash
from tests.mcp_server.conftest import SECONDS, Mailbox, is_gone
from tests.mcp_server.gates.project import Counted, Project

RED = Outcome("failed", "red", (Finding("app/x.py", 1, "R1", "wrong"),), log="the whole story")


class Meeting:
    """Gates that end only when a number of them run at one time."""

    def __init__(self, size: int) -> None:
        self.barrier = asyncio.Barrier(size)
        self.running = 0
        self.most = 0

    async def __call__(self, context: GateContext) -> Outcome:
        self.running += 1
        self.most = max(self.most, self.running)
        async with asyncio.timeout(SECONDS):
            await self.barrier.wait()
        self.running -= 1
        return passed("met")

    def gates(self, number: int) -> tuple[Gate, ...]:
        return tuple(
            Gate(id=f"g{index}", group="backend", title="g", inputs=(), run=self) for index in range(number)
        )


async def test_as_many_gates_run_at_once_as_there_are_cores(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_cores", lambda: 3)
    meeting = Meeting(3)
    report = await project.run(gates=meeting.gates(6))
    assert report.counts == {"passed": 6}
    assert meeting.most == 3


async def test_quick_gates_start_first_and_then_the_longest_by_what_was_measured(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_cores", lambda: 1)
    started: list[str] = []

    def note(event: Event) -> None:
        if event.kind == "started":
            started.append(event.gate)

    work = Counted(passed("fine"))
    weights = {"a": 10, "b": 30, "c": 20, "d": 1, "e": 2}
    gates = tuple(work.gate(name, weight=weight) for name, weight in weights.items())
    await project.run(gates=gates, use_cache=False, on_event=note)
    assert started == ["d", "e", "b", "c", "a"]
    measured = '{"a": 90, "b": 1, "c": 50, "d": 60, "e": 2}'
    (project.workspace.scratch / "gate-durations.json").write_text(measured)
    started.clear()
    await project.run(gates=gates, use_cache=False, on_event=note)
    assert started == ["b", "e", "a", "d", "c"]


async def test_events_tell_the_whole_story(project: Project) -> None:
    events: list[Event] = []

    async def note(event: Event) -> None:
        events.append(event)

    gates = (Counted(passed("fine")).gate("good"), Counted(RED).gate("bad"))
    await project.run(gates=gates, on_event=note)
    assert sorted((event.kind, event.gate) for event in events) == [
        ("finished", "bad"),
        ("finished", "good"),
        ("started", "bad"),
        ("started", "good"),
    ]
    assert [event.done for event in events if event.kind == "finished"] == [1, 2]
    assert {event.total for event in events} == {2}
    events.clear()
    await project.run(gates=gates, on_event=note)
    assert (events[0].kind, events[0].gate) == ("finished", "good")
    assert events[0].result is not None
    assert events[0].result.cached


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (RuntimeError("defect"), "RuntimeError: defect"),
        (KitError(Problem("WS010", "here", "held", "Wait")), "WS010 at here: held. Wait"),
        (TimeoutError("own"), "TimeoutError: own"),
    ],
    ids=["exception", "kit error", "timeout of its own"],
)
async def test_a_gate_that_raises_is_an_error(project: Project, raised: Exception, text: str) -> None:
    report = await project.run(gates=(Counted(raised).gate(), Counted(passed("fine")).gate("other")))
    assert [(result.status, result.summary) for result in report.results] == [
        ("error", text),
        ("passed", "fine"),
    ]
    assert report.verdict == "error"
    assert not report.passed
    assert "Traceback" in read_log(project.workspace, report.run, "counted")


async def test_a_gate_that_hangs_is_an_error(project: Project) -> None:
    async def hang(context: GateContext) -> Outcome:
        await asyncio.Event().wait()
        return passed("never")

    gate = Gate(id="hangs", group="backend", title="hangs", inputs=(), run=hang, limit=0.05)
    (result,) = (await project.run(gates=(gate,))).results
    assert (result.status, result.summary) == ("error", "did not finish within 0.05 s and was stopped")


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((passed("a"), RED, Outcome("error", "b")), "failed"),
        ((passed("a"), Outcome("error", "b")), "error"),
        ((passed("a"), Outcome("not_run", "b")), "passed"),
        ((Outcome("not_run", "b"),), "not_run"),
        ((), "not_run"),
    ],
)
async def test_the_verdict(project: Project, outcomes: tuple[Outcome, ...], verdict: str) -> None:
    gates = [Counted(outcome).gate(f"g{index}") for index, outcome in enumerate(outcomes)]
    report = await project.run(gates=gates)
    assert report.verdict == verdict
    assert report.passed == (verdict == "passed")


def test_contradictory_outcomes_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="must name what failed"):
        Outcome("failed", "but what?")
    with pytest.raises(ValueError, match="has not passed"):
        Outcome("passed", "hm", RED.findings)


async def test_a_run_can_be_read_again(project: Project) -> None:
    report = await project.run(gates=(Counted(RED).gate(),))
    assert report.tree == tree_hash(project.workspace)
    assert find_report(project.workspace, report.run) == report
    assert find_report(project.workspace) == report
    assert read_report(report.to_document()) == report
    assert read_log(project.workspace, report.run, "counted") == "the whole story"
    assert report.results[0].log == f".kit/scratch/gates/{report.run}/counted.log"
    for run, gate in (
        (report.run, "other"),
        ("../..", "counted"),
        (report.run, "../report"),
        ("", "counted"),
    ):
        with pytest.raises(InvalidInput, match="GATE002"):
            read_log(project.workspace, run, gate)


async def test_there_is_no_report_before_the_first_run(project: Project) -> None:
    assert find_report(project.workspace) is None


async def test_old_runs_are_forgotten(project: Project) -> None:
    first = await project.run(gates=())
    for _ in range(20):
        await project.run(gates=())
    with pytest.raises(InvalidInput, match="GATE002"):
        find_report(project.workspace, first.run)
    assert len(list((project.workspace.scratch / "gates").iterdir())) == 20


async def test_only_names_gates_and_groups(project: Project) -> None:
    assert [result.gate for result in (await project.run("lint", "format")).results] == ["lint", "format"]
    with pytest.raises(InvalidInput) as refused:
        await project.run("lint", "lints", "everything")
    assert [(problem.place, problem.hint[:20]) for problem in refused.value.problems] == [
        ("only[1]", "Did you mean 'lint'?"),
        ("only[2]", "Known: api, architec"),
    ]


async def test_a_run_over_changes_leaves_out_what_does_not_read_them(project: Project) -> None:
    gates = (
        Counted(passed("fine")).gate("app", ("app/**",)),
        Counted(passed("fine")).gate("docs", ("docs/**",)),
    )
    report = await project.run(gates=gates, changed=["app/core/text.py"])
    assert [result.gate for result in report.results] == ["app"]
    assert report.scope == ("app/core/text.py",)


async def test_running_gates_changes_no_file_of_the_tree(project: Project) -> None:
    before = tree_hash(project.workspace)
    report = await project.run("lint", "types", "tests", "imports", "architecture", "openapi")
    assert tree_hash(project.workspace) == before
    assert not report.edited
    assert project.workspace.files(".kit/**") == []


async def test_cancelling_leaves_no_process(project: Project, mailbox: Mailbox) -> None:
    """Cancelled while a test has started a process of its own: all of them are gone at once."""
    project.write(
        "tests/app/test_endless.py",
        "import os\nimport subprocess\nimport sys\n\n\ndef test_endless() -> None:\n"
        "    code = 'import signal; signal.pause()'\n"
        "    process = subprocess.Popen([sys.executable, '-c', code])\n"
        f"    with open({str(mailbox.path)!r}, 'w') as pids:\n"
        "        pids.write(f'{os.getpid()} {process.pid}\\n')\n"
        "    process.wait()\n",
    )
    run = asyncio.create_task(project.run("tests"))
    pids = [int(pid) for pid in (await mailbox.line()).split()]
    for pid in pids:
        os.kill(pid, 0)  # both are there
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    for pid in pids:
        assert await asyncio.to_thread(is_gone, pid)


async def test_a_time_limit_leaves_no_process(project: Project, mailbox: Mailbox) -> None:
    project.write(
        "stuck.py",
        "import os\nimport signal\n\n"
        f"with open({str(mailbox.path)!r}, 'w') as box:\n    print(os.getpid(), file=box)\nsignal.pause()\n",
    )

    async def stuck(context: GateContext) -> Outcome:
        await run_tool(context, "stuck", seconds=8)
        return passed("never")

    gate = Gate(id="stuck", group="backend", title="stuck", inputs=(), run=stuck)
    run = asyncio.create_task(project.run(gates=(gate,)))
    pid = int(await mailbox.line())
    (result,) = (await run).results
    assert (result.status, result.summary[:7]) == ("error", "GATE011")
    assert await asyncio.to_thread(is_gone, pid)
