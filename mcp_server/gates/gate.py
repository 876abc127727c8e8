"""What a gate is, what it reports, and what it is given."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mcp_server.workspace.child import WarmChild
    from mcp_server.workspace.workspace import Workspace

Group = Literal["database", "backend", "api", "security", "performance", "workspace"]
Status = Literal["passed", "failed", "error", "not_run"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a gate reports. `file` is relative to the root, `line` counts from 1 (0: the whole file)."""

    file: str
    line: int
    rule: str
    message: str
    why: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a gate found.

    `error` means the gate could not do its work; `not_run` that an optional service (a database server) is not on
    this machine. Both carry the reason in `summary`. `log` is the tool's full output.

    Raises ValueError where status and findings contradict each other: a failure that names nothing cannot be
    mended, and a pass with findings would hide them.
    """

    status: Status
    summary: str
    findings: tuple[Finding, ...] = ()
    log: str = ""

    def __post_init__(self) -> None:
        if self.status == "failed" and not self.findings:
            raise ValueError(f"a failed gate must name what failed: {self.summary}")
        if self.status == "passed" and self.findings:
            raise ValueError(f"a gate with findings has not passed: {self.summary}")


@dataclass(frozen=True, slots=True)
class GateContext:
    """What a gate may use.

    `folder` is the gate's own scratch directory in this run, for data its tool writes. `changed` limits the run to
    what depends on these paths; None means everything.
    """

    workspace: "Workspace"
    child: "WarmChild"
    folder: Path
    changed: frozenset[str] | None = None


def everywhere(_: "Workspace") -> bool:
    """Say that a gate exists in every workspace (the default of `Gate.present`)."""
    return True


def no_facts(_: "Workspace") -> Mapping[str, str]:
    """Name no facts beyond files and tools (the default of `Gate.facts`)."""
    return {}


def nothing(_: "Workspace") -> Collection[str]:
    """Leave no input out (the default of `Gate.leaves_out`)."""
    return ()


@dataclass(frozen=True, slots=True)
class Gate:
    """One executable check.

    `inputs` are the globs of every file whose content can change the outcome, but for the paths that `leaves_out`
    names: files that another gate answers for. `tools` are the distributions whose
    version can ("*": every installed one), `engines` the packages of the kit whose code the gate runs besides
    `gates` and `workspace`, and `facts` whatever else can, by name: a server that answers, a file git ignores.
    All of them are part of the cache key. A gate that is not `present` in a workspace is not listed there.

    `weight` is the expected cold duration in seconds and only orders the start (longest first). `rank` orders the
    report: a cause comes before its consequences (lower first). After `limit` seconds the gate is an error.
    """

    id: str
    group: Group
    title: str
    inputs: tuple[str, ...]
    run: Callable[[GateContext], Awaitable[Outcome]]
    weight: float = 1.0
    rank: int = 50
    limit: float = 600.0
    tools: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    present: Callable[["Workspace"], bool] = everywhere
    facts: Callable[["Workspace"], Mapping[str, str]] = no_facts
    leaves_out: Callable[["Workspace"], Collection[str]] = nothing

    def reads(self, workspace: "Workspace") -> tuple[str, ...]:
        """The inputs in this workspace: what reads the service also reads the features that live outside `app/`."""
        of_service = any(glob.startswith("app/") for glob in self.inputs)
        return (*self.inputs, *(workspace.layout.source_globs if of_service else ()))
