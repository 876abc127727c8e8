"""What a run of gates hands back: one result per gate, and the verdict over all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mcp_server.gates.gate import Finding, Group, Outcome, Status
from mcp_server.workspace.errors import Problem


@dataclass(frozen=True, slots=True)
class GateResult:
    """The outcome of one gate in one run.

    `seconds` is how long the work took when it was done; for a `cached` result that was in the run that `log`
    points to. `log` is relative to the root, empty when the gate printed nothing.
    """

    gate: str
    group: Group
    title: str
    status: Status
    summary: str
    seconds: float
    cached: bool = False
    findings: tuple[Finding, ...] = ()
    log: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a run, for live progress. `result` is set when a gate has finished."""

    kind: Literal["started", "finished"]
    gate: str
    done: int
    total: int
    result: GateResult | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    `tree` is the hash of the files the run began with; `edited` says that they changed while it ran, so that the
    results mix two trees. `scope` lists the paths an affected-only run was limited to, None for a full one.
    """

    run: str
    started: str
    seconds: float
    tree: str
    edited: bool
    folder: str
    scope: tuple[str, ...] | None = None
    results: tuple[GateResult, ...] = field(default=())

    @property
    def verdict(self) -> Status:
        """Failed if a gate failed, else error if one could not work; passed only if at least one passed."""
        seen = {result.status for result in self.results}
        for status in ("failed", "error", "passed"):
            if status in seen:
                return status
        return "not_run"

    @property
    def passed(self) -> bool:
        """Whether the run proves the tree good."""
        return self.verdict == "passed" and not self.edited

    @property
    def counts(self) -> dict[str, int]:
        """Number of gates per status, without zeros."""
        return dict(Counter(result.status for result in self.results))

    def to_document(self) -> dict[str, Any]:
        """Return the report as JSON data that `read_report` turns back into an equal report."""
        return asdict(self)


def read_report(document: dict[str, Any]) -> Report:
    """Rebuild a report from `Report.to_document`."""
    results = tuple(
        GateResult(**{**entry, "findings": tuple(Finding(**finding) for finding in entry["findings"])})
        for entry in document["results"]
    )
    scope = document["scope"]
    return Report(**{**document, "results": results, "scope": None if scope is None else tuple(scope)})


def passed(summary: str, log: str = "") -> Outcome:
    """Return the outcome of a gate that found nothing."""
    return Outcome("passed", summary, (), log)


def failed(summary: str, findings: tuple[Finding, ...], log: str = "") -> Outcome:
    """Return the outcome of a gate that found something."""
    return Outcome("failed", summary, findings, log)


def error(summary: str, log: str = "") -> Outcome:
    """Return the outcome of a gate that could not do its work."""
    return Outcome("error", summary, (), log)


def judged(problems: Sequence[Problem], good: str, bad: str) -> Outcome:
    """Return the outcome of a gate whose check answers with problems: `good` or `bad` is the summary."""
    log = "".join(f"{problem}\n" for problem in problems)
    return failed(f"{len(problems)} {bad}", tuple(map(_finding, problems)), log) if problems else passed(good)


def _finding(problem: Problem) -> Finding:
    """The place is a path, with a line (`prp.md:12`) or with a part of the file (`prp.md tasks[0]`)."""
    place, _, part = problem.place.partition(" ")
    file, _, line = place.rpartition(":")
    if not file or not line.isdigit():
        file, line = place, "0"
    message = f"{part}: {problem.reason}" if part else problem.reason
    return Finding(file, int(line), problem.code, message, fix=problem.hint)
