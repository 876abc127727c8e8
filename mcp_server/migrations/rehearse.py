"""What an upgrade of one database would do: statements and verdicts, from a rehearsal where one is possible.

In the child only. SQLite: on a copy of the file with all its rows. PostgreSQL and MySQL: the script is written offline,
rows are counted on the real database in a read-only transaction; a revision that needs a live database runs on an empty
scratch database of the same server if that is on this machine.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from traceback import walk_tb
from typing import Any

from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from mcp_server.migrations.counts import Counts
from mcp_server.migrations.engines import engine_at, engine_of
from mcp_server.migrations.recorder import Recorded, Recorder
from mcp_server.migrations.results import Judgement, PlannedRevision
from mcp_server.migrations.runner import Runner, current, first_line, offline_sql
from mcp_server.migrations.scratch import on_scratch_server, on_server, on_sqlite, reading_file
from mcp_server.workspace.errors import Problem


@dataclass
class Rehearsal:
    revisions: list[PlannedRevision] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "revisions": [asdict(one) for one in self.revisions],
            "problems": [asdict(one) for one in self.problems],
        }


@dataclass(frozen=True)
class Pending:
    """A revision to plan: its id, file and message."""

    id: str
    path: str
    message: str


def rehearse_sqlite(source: Path | None, pending: Sequence[Pending]) -> Rehearsal:
    """Run the pending revisions on a copy of the file (None or missing: on an empty database)."""
    existing = source if source is not None and source.exists() else None
    return on_sqlite(lambda connection: _run(connection, pending, with_rows=True), existing)


def rehearse_on_server(url: str, start: str | None, pending: Sequence[Pending], *, local: bool) -> Rehearsal:
    """Write the SQL of each pending revision and judge its operations against the rows of the database."""
    rehearsal = on_server(url, lambda connection: _offline(connection, url, start, pending))
    unread = next((one for one in rehearsal.revisions if one.note), None)
    if unread is None or not local:
        return rehearsal
    try:
        return _on_scratch_server(url, pending)
    except SQLAlchemyError as error:  # the server may not let us create a database
        note = f"{unread.note}; no scratch database either: {first_line(error)}"
        rehearsal.revisions[rehearsal.revisions.index(unread)] = replace(unread, note=note)
        return rehearsal


def _offline(connection: Connection, url: str, start: str | None, pending: Sequence[Pending]) -> Rehearsal:
    _forbid_writing(connection)
    if getattr(connection.dialect, "is_mariadb", False):  # without a connection, only the address can tell
        url = make_url(url).set(drivername="mariadb+asyncmy").render_as_string(hide_password=False)
    recorder = Recorder(connection.dialect.name, Counts(connection, isolated=True))
    rehearsal = Rehearsal()
    for one in pending:
        sql, note = "", ""
        try:
            with recorder.recording(None):
                sql = offline_sql(url, start, one.id, before=recorder.begin)
        except Exception as error:  # noqa: BLE001 -- a revision may do anything, here it needs a database
            note = f"no SQL without a database: {first_line(error)}"
        recorder.end()
        recorded = recorder.revisions.get(one.id, Recorded())
        judgements = tuple(recorded.judgements)
        if note:  # what comes after the failure was never seen
            judgements += (Judgement("the rest", "loses_data", "the plan could not read it to its end"),)
        rehearsal.revisions.append(PlannedRevision(one.id, one.path, one.message, sql, judgements, note))
        start = one.id
    return rehearsal


def _on_scratch_server(url: str, pending: Sequence[Pending]) -> Rehearsal:
    address = make_url(url)
    server = address.set(database=engine_at(address).maintenance).render_as_string(hide_password=False)
    return on_scratch_server(server, lambda connection: _run(connection, pending, with_rows=False))


def _forbid_writing(connection: Connection) -> None:
    for statement in engine_of(connection).read_only:
        connection.exec_driver_sql(statement)
    connection.commit()


def _run(connection: Connection, pending: Sequence[Pending], *, with_rows: bool) -> Rehearsal:
    counts = Counts(connection if with_rows else None)
    recorder = Recorder(connection.dialect.name, counts, to_the_end=True)
    wanted = {one.id: one for one in pending}
    done: list[str] = []

    def before(revision: str, _upgrade: bool, _connection: Connection) -> None:
        if revision in wanted:
            recorder.begin(revision)

    def after(revision: str, _upgrade: bool, _connection: Connection) -> None:
        if recorder.failure is not None:
            raise recorder.failure
        recorder.end()
        done.append(revision)

    rehearsal = Rehearsal()
    runner = Runner(connection, before=before, after=after)
    with recorder.recording(connection):
        try:
            if pending:
                runner.upgrade(pending[-1].id)
        except Exception as error:  # noqa: BLE001 -- the failure of the rehearsal is what was asked for
            failed = next((one for one in pending if one.id not in done), pending[-1])
            frames = walk_tb(error.__traceback__)
            if any(frame.f_code.co_filename.endswith(failed.path) for frame, _ in frames):
                recorder.give_up()
            recorder.end()
            reason = f"the rehearsal fails: {first_line(recorder.failure or error)}"
            hint = "Mend the revision, or the rows that it stumbles over, and plan again"
            rehearsal.problems.append(Problem("MIG020", failed.path, reason, hint))
    for one in pending:
        recorded = recorder.revisions.get(one.id)
        if recorded is None:
            note = "not rehearsed: an earlier revision fails"
            rehearsal.revisions.append(PlannedRevision(one.id, one.path, one.message, "", (), note))
        else:
            sql = "\n".join(recorded.statements)
            planned = PlannedRevision(one.id, one.path, one.message, sql, tuple(recorded.judgements))
            rehearsal.revisions.append(planned)
    return rehearsal


def database_state(url: str) -> dict[str, Any]:
    """Current revisions and identity of a database; a SQLite file that does not exist is empty, and stays away."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = sqlite_file(url)
        if path is None or not path.exists():
            return {"current": [], "identity": f"sqlite:{path}:absent"}
        status = path.stat()
        revisions = _sqlite_revisions(path)
        return {"current": revisions, "identity": f"sqlite:{path}:{status.st_dev}:{status.st_ino}"}
    return on_server(url, _server_state)


def _sqlite_revisions(path: Path) -> list[str]:
    """The revisions of a SQLite file, read without writing to it."""
    with reading_file(path) as driver:
        engine = create_engine("sqlite+pysqlite://", creator=lambda: driver, poolclass=pool.StaticPool)
        with engine.connect() as connection:
            return list(current(connection))


def _server_state(connection: Connection) -> dict[str, Any]:
    _forbid_writing(connection)
    identity = connection.exec_driver_sql(engine_of(connection).identity).scalar_one()
    return {"current": list(current(connection)), "identity": identity}


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address, absolute; None for a database in memory."""
    name = (make_url(url).database or "").removeprefix("file:").partition("?")[0]
    return None if name in {"", ":memory:"} else Path(name).absolute()
