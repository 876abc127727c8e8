"""Whatever is done to features in whatever order: the promises hold after each step, and undo leads all the way back."""

import sys
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mcp_server.changes import ledger
from mcp_server.features.catalog import Catalog
from mcp_server.features.spec import FeatureSpec
from mcp_server.operations.known_features import catalog_of, spec_of
from tests.mcp_server.features.edits.hand_edits import edit
from tests.mcp_server.features.strategies import specs
from tests.mcp_server.sequences.lab import CREATE, EXTEND, REMOVE, UNDO, Done, Lab, Refusal, Tree, lost_lines
from tests.mcp_server.sequences.requests import Request, extensions, renames

IN_THE_WAY = {"EDT001", "EDT002", "EDT003", "EDT004", "EDT005", "EDT006", "EXT008", "SCF001"}
"""What an extension may be refused for where somebody has edited the files, and only there."""
MOST = 2
"""Features that a sequence makes: enough for one to refer to another."""
RANDOMS = st.randoms(use_true_random=False)


class Sequences(RuleBasedStateMachine):
    """One sequence. `lab` is set by whoever runs it; its workspace is as before when the sequence is over."""

    lab: ClassVar[Lab]
    counts: ClassVar[Counter[str]] = Counter()
    retyping: ClassVar[bool] = True
    """Whether fields get another type, that the values of rows may not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.start: Tree = self.lab.tree()
        self.done: list[Done] = []
        self.undone: list[tuple[Done, Done]] = []
        """What was undone last comes last, each with its undo."""
        self.by_hand: dict[str, Counter[str]] = {}

    @property
    def features(self) -> list[str]:
        return sorted(ledger.read(self.lab.workspace))

    @property
    def mine(self) -> list[str]:
        return [name for name in self.features if f".kit/ledger/{name}.json" not in self.start]

    @property
    def extended(self) -> list[str]:
        """Whose turn it may be to be extended: mostly features of this sequence."""
        return [*self.mine, *self.mine, *self.features]

    @precondition(lambda self: len(self.mine) < MOST)
    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        catalog = catalog_of(self.lab.workspace)
        targets = ["category", "product", "user", *self.mine]
        spec = data.draw(specs(catalog, targets=targets, most_fields=5))
        result = self.lab.change(CREATE, spec=spec.to_document())
        assert isinstance(result, Done), result
        self._keep(CREATE, result)

    @precondition(lambda self: self.mine)
    @rule(data=st.data())
    def extend(self, data: st.DataObject) -> None:
        feature = data.draw(st.sampled_from(self.extended))
        spec, catalog, former = self._now(feature)
        self._extend(feature, data.draw(extensions(spec, catalog, former, retyping=self.retyping)))

    @precondition(lambda self: self.mine)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        feature = data.draw(st.sampled_from(self.mine))
        spec, catalog, former = self._now(feature)
        self._extend(feature, data.draw(renames(spec, catalog, former)))

    @precondition(lambda self: self.mine)
    @rule(data=st.data(), random=RANDOMS, times=st.integers(1, 4))
    def edit_by_hand(self, data: st.DataObject, random: Random, times: int) -> None:
        self._write(data.draw(st.sampled_from(self._editable())), random, times)

    @precondition(lambda self: self.mine)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        feature = data.draw(st.sampled_from(self.mine))
        result = self.lab.change(REMOVE, feature=feature)
        if isinstance(result, Refusal) and "RMV003" in result.codes:
            assert {place for code, place in result.problems if code == "RMV003"} <= self.by_hand.keys()
            result = self.lab.change(REMOVE, feature=feature, force=True)
        if isinstance(result, Refusal):
            assert result.codes <= {"RMV001"}, result
            assert any(self._refers(other, feature) for other in self.features if other != feature)
        self._keep(REMOVE, result)

    @precondition(lambda self: self.done)
    @rule(data=st.data(), random=RANDOMS)
    def undo(self, data: st.DataObject, random: Random) -> None:
        """The last change, by its id; perhaps its files were edited since."""
        last = self.done[-1]
        self._perhaps_edit(data, random, last)
        edited = self._edited_since(last.paths, last.after)
        result = self.lab.change(UNDO, change_id=last.change_id)
        if done := self._done(result, last.paths, last.before, edited):
            self._undone(done)

    @precondition(lambda self: self.mine)
    @rule(data=st.data(), random=RANDOMS)
    def extend_and_undo(self, data: st.DataObject, random: Random) -> None:
        """Drawn for itself: few sequences would edit what they have just extended, undo it, and do it again."""
        steps = len(self.done)
        self.extend(data)
        if len(self.done) > steps:
            self.undo(data, random)
        again: bool = data.draw(st.booleans())
        if again and self.undone:
            self.redo(data, random)

    @precondition(lambda self: self.undone)
    @rule(data=st.data(), random=RANDOMS)
    def redo(self, data: st.DataObject, random: Random) -> None:
        """What was undone last, by the id of its undo; perhaps its files were edited since."""
        last, undo = self.undone[-1]
        self._perhaps_edit(data, random, undo)
        edited = self._edited_since(last.paths, undo.after)
        result = self.lab.change(UNDO, change_id=undo.change_id)
        if self._done(result, last.paths, undo.before, edited):
            self.done.append(last)
            self.undone.pop()
            self.counts["redo"] += 1

    def _done(self, result: Done | Refusal, paths: list[str], wanted: Tree, edited: set[str]) -> Done | None:
        """What was done: every file is as `wanted`, or, edited since, has all that people have put in.

        None: it was refused, which it may only be for files that were edited, by their names.
        """
        if isinstance(result, Refusal):
            assert result.codes == {"UND002"}, result
            assert _files(result) <= edited
            self.counts["refused beside edits"] += 1
            return None
        exact = [path for path in paths if path not in edited]
        beside = {path: result.after[path] for path in edited}
        assert result.after == {**_laid_over(result.before, exact, wanted), **beside}
        assert not self._lost(result)
        self.counts["done beside edits"] += bool(edited)
        return result

    def teardown(self) -> None:
        """Walk all the way back; edits by hand that are in the way are taken back first, as undo asks for."""
        try:
            if (error := sys.exception()) is not None:
                error.add_note("\n".join(["What was done:", *self.lab.log]))
            else:
                while self.done:
                    last = self.done[-1]
                    for path in self._edited_since(last.paths, last.after):
                        self.lab.lay(path, last.after.get(path))
                    result = self.lab.undo_last()
                    assert result.after == _laid_over(result.before, last.paths, last.before)
                    self._undone(result)
                assert self.lab.tree() == self.start
                self.counts["sequences"] += 1
        finally:
            self.lab.restore(self.start)

    def _now(self, feature: str) -> tuple[FeatureSpec, Catalog, tuple[str, ...]]:
        entry = ledger.read(self.lab.workspace)[feature]
        return spec_of(entry), catalog_of(self.lab.workspace), entry.former

    def _editable(self) -> list[str]:
        entries = ledger.read(self.lab.workspace)
        return [
            path for name in self.mine for path in entries[name].files if path.startswith(("app/", "tests/"))
        ]

    def _perhaps_edit(self, data: st.DataObject, random: Random, last: Done) -> None:
        """A file that the change found and left, if there is one that people edit."""
        both = last.before.keys() & last.after.keys() & set(last.paths) & set(self._editable())
        path = data.draw(st.sampled_from([None, *sorted(both)]))
        if path is not None:
            self._write(path, random, data.draw(st.integers(1, 2)))

    def _write(self, path: str, random: Random, times: int) -> None:
        edited = edit(random, (self.lab.root / path).read_text(encoding="utf-8"), times)
        self._edit(path, edited.text, edited.added)

    def _edit(self, path: str, text: str, added: Iterable[str]) -> None:
        self.lab.lay(path, text.encode())
        self.lab.log.append(f"edit {path}: {added}")
        self.by_hand[path] = self.by_hand.get(path, Counter()) + Counter(added)
        self.counts["edit_by_hand"] += 1

    def _extend(self, feature: str, request: Request) -> None:
        if not request:
            self.counts["nothing to ask for"] += 1
            return
        result = self.lab.change(EXTEND, feature=feature, **request)
        if isinstance(result, Refusal):
            assert result.codes <= IN_THE_WAY, result
            assert _files(result) <= self.by_hand.keys()
        else:
            assert not self._lost(result)
        self._keep(EXTEND, result)

    def _lost(self, result: Done) -> dict[str, Counter[str]]:
        """Lines written by hand that a change took out of files that are still there."""
        return {
            path: gone
            for path, lines in self.by_hand.items()
            if path in result.after
            and (gone := lost_lines(lines, result.before.get(path), result.after.get(path)))
        }

    def _keep(self, operation: str, result: Done | Refusal) -> None:
        if isinstance(result, Refusal):
            self.counts[f"{operation} refused"] += 1
        elif result.change_id:
            if not self.by_hand:
                self.lab.require_tidy(result)
            self.done.append(result)
            self.undone.clear()
            self.counts[operation] += 1

    def _undone(self, result: Done) -> None:
        self.undone.append((self.done.pop(), result))
        self.counts["undo"] += 1

    def _edited_since(self, paths: list[str], then: Tree) -> set[str]:
        now = self.lab.tree()
        return {path for path in paths if now.get(path) != then.get(path)}

    def _refers(self, feature: str, other: str) -> bool:
        spec, *_ = self._now(feature)
        return any(field.type.target and spec.target_of(field) == other for field in spec.fields)


def _laid_over(tree: Tree, paths: list[str], source: Tree) -> Tree:
    """The tree with the files of `paths` as they are in `source`."""
    kept = {path: content for path, content in tree.items() if path not in paths}
    return kept | {path: source[path] for path in paths if path in source}


def _files(result: Done | Refusal) -> set[str]:
    """The files that a refusal names, without lines and without the place of a patch."""
    assert isinstance(result, Refusal), "was not refused"
    return {place.partition(":")[0] for code, place in result.problems if code != "EXT008"}
