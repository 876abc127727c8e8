"""How far a revision has come, where each statement is final: MySQL commits before and after every change of a schema.

The child writes a line before and after each statement. Whatever ends it, what the file holds is where it stopped.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_QUESTIONS = ("SELECT", "SHOW", "DESCRIBE", "EXPLAIN", "SET", "COMMIT")
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Stop:
    """The revision that was not finished, what it had done, and the statement that did not end (empty: between two)."""

    revision: str
    done: tuple[str, ...]
    at: str

    def __str__(self) -> str:
        done = "; ".join(self.done) or "nothing"
        where = f"at: {self.at}" if self.at else "before its next statement"
        return f"revision {self.revision} stopped {where}. Done, and not undone: {done}"


class Progress:
    """Writes to `path`, which is emptied when a revision begins and when it is finished."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def following(self, connection: "Connection") -> Iterator[None]:
        from sqlalchemy import event

        listeners = {"before_cursor_execute": self._before, "after_cursor_execute": self._after}
        for name, listener in listeners.items():
            event.listen(connection, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(connection, name, listener)

    def begin(self, revision: str, _upgrade: bool, _connection: "Connection") -> None:
        self._path.write_text(json.dumps({"revision": revision}) + "\n", encoding="utf-8")

    def end(self, _revision: str, _upgrade: bool, _connection: "Connection") -> None:
        self._path.unlink()

    def _before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._note("at", statement)

    def _after(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._note("done", statement)

    def _note(self, what: str, statement: str) -> None:
        if self._path.exists() and not statement.lstrip().upper().startswith(_QUESTIONS):
            line = json.dumps({what: " ".join(statement.split())[:_SHOWN]})
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def stop_in(path: Path) -> Stop | None:
    """Where the last run stopped; None if it finished its revisions, or never began one."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    notes = [json.loads(line) for line in lines if line.endswith("}")]
    if not notes:
        return None
    done = tuple(note["done"] for note in notes if "done" in note)
    return Stop(notes[0]["revision"], done, notes[-1].get("at", ""))
