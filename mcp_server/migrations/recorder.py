"""Writes down what revisions do while they run: operations (judged before each one runs) and SQL. In the child only."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from alembic.ddl.impl import DefaultImpl
from alembic.operations.base import AbstractOperations
from alembic.operations.batch import BatchOperationsImpl
from sqlalchemy import Connection, TextClause, UpdateBase, event

from mcp_server.migrations.counts import Counts
from mcp_server.migrations.facts import VERSION_TABLE
from mcp_server.migrations.results import Judgement, worst
from mcp_server.migrations.verdicts import Judge

_QUIET = ("PRAGMA", "BEGIN", "SELECT", "SHOW", "DESCRIBE")
"""Our own housekeeping and reflection, when sent as plain text."""
_MAX_PARAMETERS = 200
_UNREHEARSED = "not rehearsed, because a step before it fails"


@dataclass
class Recorded:
    judgements: list[Judgement] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


class Recorder:
    """Use as a context manager around a run, with `begin` and `end` around each revision.

    With `to_the_end`, the first operation that fails is noted as `failure`, and those after it are listed without being run.
    """

    def __init__(self, dialect: str, counts: Counts | None = None, *, to_the_end: bool = False) -> None:
        self.revisions: dict[str, Recorded] = {}
        self.failure: Exception | None = None
        self._to_the_end = to_the_end
        self._counts = counts or Counts(None)
        self._judge = Judge(dialect, lambda: self._counts)
        self._current: Recorded | None = None
        self._depth = 0

    def begin(self, revision: str) -> None:
        self._current = self.revisions[revision] = Recorded()

    def end(self) -> None:
        self._current = None

    @contextlib.contextmanager
    def recording(self, connection: Connection | None) -> Iterator[None]:
        """Listen to Alembic's operations, and to the statements of `connection` (None: to what is printed)."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(replaced(AbstractOperations, "invoke", self._invoke))
            stack.enter_context(replaced(BatchOperationsImpl, "flush", self._flush))
            stack.enter_context(replaced(DefaultImpl, "_exec", self._exec))
            if connection is not None:
                for name, listener in (
                    ("before_execute", self._sent),
                    ("before_cursor_execute", self._sent_text),
                ):
                    event.listen(connection, name, listener)
                    stack.callback(event.remove, connection, name, listener)
            yield

    def _note(self, judge: Callable[[], Judgement]) -> None:
        if self._current is None or self._depth:
            return
        current, self._current = self._current, None  # the counting is no part of the revision
        try:
            judged = judge()
            if self.failure is not None:
                judged = replace(judged, verdict=worst((judged.verdict, "may_fail")), reason=_UNREHEARSED)
            current.judgements.append(judged)
        finally:
            self._current = current

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def give_up(self) -> None:
        """Note that nobody knows what else the revision would have done."""
        if self._current is not None:
            self._current.judgements.append(Judgement("the rest", "loses_data", _UNREHEARSED))

    def _invoke(self, original: Callable[..., Any], operations: Any, operation: Any) -> Any:
        self._note(lambda: self._judge.judge(operation))
        done = self._attempt(lambda: original(operations, operation))
        if self._current is not None and not self._depth:
            self._judge.foresee(getattr(operation, "sqltext", operation))
        return done

    def _flush(self, original: Callable[..., Any], batch: Any) -> Any:
        if batch._should_recreate():  # noqa: SLF001 -- the only place that knows
            self._note(lambda: self._judge.rebuild(batch.table_name))
        return self._attempt(lambda: original(batch))

    def _attempt(self, run: Callable[[], Any]) -> Any:
        if self.failure is not None and not self._depth:
            return None
        try:
            with self._inside():
                return run()
        except Exception as error:
            if self._depth or self._current is None or not self._to_the_end:
                raise
            self.failure = error
            failed = self._current.judgements[-1]
            why = f": {failed.reason}" if failed.verdict == "may_fail" else ""
            verdict, reason = worst((failed.verdict, "may_fail")), f"fails in the rehearsal{why}"
            self._current.judgements[-1] = replace(failed, verdict=verdict, reason=reason)
            return None

    def _exec(
        self, original: Callable[..., Any], impl: Any, construct: Any, *args: Any, **kwargs: Any
    ) -> Any:
        self._note_data(construct)
        with self._inside():
            return original(impl, construct, *args, **kwargs)

    def _sent(self, _connection: Any, element: Any, *_: Any) -> None:
        self._note_data(element)

    def _note_data(self, element: Any) -> None:
        """Data changes that go around the operations, through `op.get_bind()`."""
        if isinstance(element, UpdateBase) and getattr(element.table, "name", "") == VERSION_TABLE:
            return
        if isinstance(element, UpdateBase | TextClause | str):
            self._note(lambda: self._judge.statement(element))

    def _sent_text(
        self, _connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if self._current is None:
            return
        plain = context.compiled is None
        if plain and statement.lstrip().upper().startswith(_QUIET):
            return
        if plain:
            self._note(lambda: self._judge.statement(statement))
        elif not (
            context.isddl or context.isinsert or context.isupdate or context.isdelete or context.is_text
        ):
            return
        shown = f"{statement.strip()};"
        if parameters:
            values = f"{len(parameters)} rows" if many else repr(parameters)
            shown += f"  -- {values[:_MAX_PARAMETERS]}"
        self._current.statements.append(shown)


@contextlib.contextmanager
def replaced(owner: type, name: str, replacement: Callable[..., Any]) -> Iterator[None]:
    """Have `replacement` called instead of a method, with the original before its arguments."""
    original = getattr(owner, name)

    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        return replacement(original, self, *args, **kwargs)

    setattr(owner, name, wrapper)
    try:
        yield
    finally:
        setattr(owner, name, original)
