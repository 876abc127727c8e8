"""What migrations answer, as values: plans, proofs and differences. Imports nothing heavy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mcp_server.migrations.target import Target
from mcp_server.workspace.errors import Problem

Verdict = Literal["safe", "locks", "rewrites", "may_fail", "loses_data"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""From harmless to harmful."""
ABSENT = "nothing"
"""What a side of a difference has that lacks the thing."""
ONE_NAME_TWICE = "one name twice"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One operation of a revision. `rows` is what is at stake, None where nobody could count."""

    operation: str
    verdict: Verdict
    reason: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedRevision:
    """`sql` is what runs, or empty with the reason in `note`."""

    id: str
    path: str
    message: str
    sql: str
    judgements: tuple[Judgement, ...]
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        return worst(judgement.verdict for judgement in self.judgements)

    @classmethod
    def read(cls, data: dict[str, Any]) -> "PlannedRevision":
        return cls(**{**data, "judgements": tuple(Judgement(**one) for one in data["judgements"])})


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the revisions and the models do not agree on. Values are as the database shows them."""

    kind: str
    place: str
    migrated: str
    modelled: str

    @property
    def table(self) -> str:
        return self.place.partition("(")[0].partition(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns or the constraint that it is about; none for a whole table."""
        names = self.place.removeprefix(self.table).strip(".()")
        return tuple(filter(None, names.split(", ")))

    @property
    def fix(self) -> str:
        """What to do about it."""
        if self.kind == ONE_NAME_TWICE:
            return (
                "Give each a name of its own, or let the naming convention use all columns (column_0_N_name)"
            )
        if self.migrated == ABSENT:
            return "Write a revision that adds it, or take it out of the model"
        if self.modelled == ABSENT:
            return "Write a revision that drops it, or put it back into the model"
        return "Write a revision that changes it to what the model says, or change the model back"

    def __str__(self) -> str:
        return f"{self.kind} {self.place}: the revisions give {self.migrated}, the models say {self.modelled}"


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Up, down and up again on a scratch database, with rows in every table.

    `rows` were inserted into `tables` on the way up. `problems` is empty when it holds. `seconds` is wall time.
    """

    engine: str
    revisions: int
    tables: int
    rows: int
    problems: tuple[Problem, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Everything to know before a database is changed. `token` is what `apply` wants; empty when nothing is pending."""

    target: Target
    current: tuple[str, ...]
    head: str | None
    revisions: tuple[PlannedRevision, ...]
    heads: int
    round_trip: RoundTrip | None
    drift: tuple[Difference, ...]
    problems: tuple[Problem, ...]
    """What speaks against applying: a rehearsal that failed, an earlier run that was cut off."""
    notes: tuple[str, ...]
    """What to know about this database before applying."""
    token: str

    @property
    def verdict(self) -> Verdict:
        return worst(revision.verdict for revision in self.revisions)

    @property
    def sql(self) -> str:
        return "\n".join(revision.sql for revision in self.revisions)


@dataclass(frozen=True, slots=True)
class Applied:
    """`backup` is the copy made before (SQLite files), relative to the root."""

    target: Target
    revisions: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    backup: str | None
    seconds: float


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The most harmful of some verdicts; `safe` for none."""
    return max(verdicts, key=VERDICTS.index, default="safe")
