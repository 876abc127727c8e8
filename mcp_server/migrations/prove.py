"""Up, down and up again on a scratch database with rows in every table, and the strict comparison. In the child only."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import SQLAlchemyError

from mcp_server.migrations.candidates import NoRow
from mcp_server.migrations.facts import Facts, read_facts
from mcp_server.migrations.heads import RevisionGraph
from mcp_server.migrations.kept_values import KeptValues
from mcp_server.migrations.later import Future, asks_of_rows
from mcp_server.migrations.results import Difference, RoundTrip
from mcp_server.migrations.rows import count_rows, fill
from mcp_server.migrations.runner import Runner, first_line
from mcp_server.migrations.sql_tokens import tokens
from mcp_server.migrations.strict_compare import cross_check, differences, folded_names, reference
from mcp_server.migrations.unlike import tell_apart
from mcp_server.workspace.errors import KitError, Problem

_SHOWN = 5


def load_metadata() -> MetaData:
    """The tables of the models, as `alembic/env.py` loads them."""
    from app.models import load_models

    return load_models()


def compare(connection: Connection, graph: RevisionGraph) -> list[Difference]:
    """Upgrade an empty database and compare it with the models. Destroys what is in it."""
    if graph.head is not None:
        Runner(connection).upgrade(graph.head)
    return compare_with_models(connection)


def compare_with_models(connection: Connection) -> list[Difference]:
    """Compare a migrated scratch database with the models."""
    metadata = load_metadata()
    folded = folded_names(metadata)
    if folded:
        return folded  # such models build no database to compare with
    migrated = read_facts(connection)
    checked = cross_check(connection, metadata)
    found = differences(migrated, reference(connection, metadata))
    covered = {difference.place.partition(".")[0].partition("(")[0] for difference in found}
    return found + [difference for difference in checked if difference.place not in covered]


def round_trip(connection: Connection, graph: RevisionGraph) -> RoundTrip:
    """Prove each revision both ways on an empty database."""
    started = time.perf_counter()
    trip = _Trip(connection, graph)
    if graph.head is not None:
        trip.run(graph.head)
    return RoundTrip(
        engine=connection.dialect.name,
        revisions=len(graph.revisions),
        tables=len(trip.filled),
        rows=sum(trip.filled.values()),
        problems=tuple(trip.problems),
        seconds=round(time.perf_counter() - started, 3),
    )


@dataclass
class _Trip:
    connection: Connection
    graph: RevisionGraph
    filled: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    schemas: dict[str, Facts] = field(default_factory=dict)
    """The schema before each revision."""
    rows: dict[str, int] = field(default_factory=dict)
    at: str = ""
    way: str = "upgrade"
    future: Future = field(default_factory=Future)
    first: bool = True
    values: KeptValues = field(init=False)

    def __post_init__(self) -> None:
        self.values = KeptValues(self.connection)

    def run(self, head: str) -> None:
        with self.values.following():
            self._run(head)

    def _run(self, head: str) -> None:
        runner = Runner(self.connection, before=self._before, after=self._after)
        try:
            if any(asks_of_rows(self._text(one)) for one in self.graph.revisions):
                self._look_ahead(head)
            self.way = "upgrade"
            runner.upgrade(head)
            top, self.first = read_facts(self.connection), False
            self.way = "downgrade"
            runner.downgrade(None)
            self.way = "second upgrade"
            runner.upgrade(head)
        except NoRow as error:
            hint = "Loosen the constraint, or tell the kit's authors: rows are made from the schema alone"
            self._report("MIG044", self.at, str(error), hint)
        except KitError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever a revision raises is the answer
            self.connection.rollback()
            self._report(
                "MIG040", self.at, f"the {self.way} fails: {first_line(error)}", "Mend this revision"
            )
        else:
            if again := differences(top, read_facts(self.connection)):
                self._report(
                    "MIG043",
                    head,
                    f"the second upgrade ends differently: {_shown(again)}",
                    "Mend downgrade()",
                )

    def _look_ahead(self, head: str) -> None:
        """Once without rows: what the revisions will ask of those that are made."""
        runner = Runner(self.connection, before=self._begin, after=self._note)
        runner.upgrade(head)
        self.way = "downgrade"
        runner.downgrade(None)

    def _begin(self, revision: str, _upgrade: bool, _connection: Connection) -> None:
        self.at = revision
        self.values.begin()

    def _note(self, revision: str, upgrade: bool, connection: Connection) -> None:
        if upgrade:
            self.future.note(revision, self._text(revision), self.values.renamed, connection)

    def _text(self, revision: str) -> str:
        return Path(self.graph.revisions[revision].path).read_text(encoding="utf-8")

    def _before(self, revision: str, upgrade: bool, connection: Connection) -> None:
        self._begin(revision, upgrade, connection)
        if not self.rows:  # otherwise known from the revision before
            self.rows = count_rows(connection)
        if upgrade and self.first:
            self.schemas[revision] = read_facts(connection)
        if upgrade:
            becomes = partial(self.future.of, revision)
            self.values.read(tell_apart(connection, self.future.unique(revision), becomes))
        else:
            self._fill_again(revision, connection)

    def _after(self, revision: str, upgrade: bool, connection: Connection) -> None:
        changed = self.values.changed(left := count_rows(connection))
        lost = [
            f"{table} had {rows} rows and has {left[table]}"
            for table, rows in sorted(self.rows.items())
            if left.get(table, rows) < rows
        ]
        way = "upgrade()" if upgrade else "downgrade()"
        if changed:
            reason = f"{way} changes values that it does not set: {'; '.join(changed)}"
            self._report("MIG045", revision, reason, "Rename or convert the column instead of making it anew")
        if lost:
            self._report(
                "MIG042", revision, f"{way} loses rows: {'; '.join(lost)}", "Keep rows of tables that stay"
            )
        self.rows = left
        if upgrade:
            if self.first:
                self._fill(connection)
            return
        remaining = differences(read_facts(connection), self.schemas[revision])
        if remaining:
            reason = f"downgrade() does not restore what was there before: {_shown(remaining)}"
            self._report("MIG041", revision, reason, "Undo in downgrade() everything that upgrade() does")

    def _fill(self, connection: Connection) -> None:
        try:
            empty = [table for table, rows in self.rows.items() if rows == 0]
            made = fill(connection, empty, partial(self.future.of, self.at))
        except SQLAlchemyError as error:
            raise NoRow(first_line(error)) from error
        self.values.read(made)
        self.filled.update(made)
        self.rows.update(made)

    def _fill_again(self, revision: str, connection: Connection) -> None:
        """Rows for the tables that came back empty, where what `revision` takes back lets others refer to one of them.

        A required reference that was dropped, and then the table it led to, come back in the other order: only those
        who have rows there again can go on.
        """
        empty = {table for table, rows in self.rows.items() if rows == 0}
        references = (
            said
            for table, facts in self.schemas[revision].items()
            if self.rows.get(table)
            for what, said in facts.items()
            if what.startswith("foreign key")
        )
        if empty and any(empty.intersection(tokens(said)) for said in references):
            with suppress(NoRow):  # then the downgrade tells
                made = fill(connection, sorted(empty))
                self.values.read(made)
                self.rows.update(made)

    def _report(self, code: str, revision: str, reason: str, hint: str) -> None:
        file = self.graph.revisions.get(revision)
        self.problems.append(Problem(code, file.path if file else revision, reason, hint))


def _shown(found: list[Difference]) -> str:
    parts = [f"{one.kind} {one.place} is {one.migrated} instead of {one.modelled}" for one in found[:_SHOWN]]
    if len(found) > _SHOWN:
        parts.append(f"and {len(found) - _SHOWN} more")
    return "; ".join(parts)


def revision_files(paths: list[str]) -> dict[str, str]:
    """The text of the revision files, read again in the child so that graph and run see the same ones."""
    return {path: Path(path).read_text(encoding="utf-8") for path in paths}
