"""From a spec and a request to change it to the next spec. Says nothing of files; judges only the request itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mcp_server.features.contradictions import contradictions, unknown_entries
from mcp_server.features.load import read_document
from mcp_server.features.problems import did_you_mean
from mcp_server.features.relabel import Labels, missing, pending, relabelled, split
from mcp_server.features.renamed_links import lost_links
from mcp_server.features.shorthand import read_field
from mcp_server.features.spec import OPERATIONS, RELATION_TYPES, FeatureSpec, FieldSpec
from mcp_server.workspace.errors import InvalidInput, Problem

LISTS: Final = ("unique", "indexes", "search", "filters", "sort", "operations")
"""What entries can be added to and taken out of."""
SETTINGS: Final = (*LISTS, "access", "pagination", "soft_delete", "description", "owner", "enums")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What to do to a feature: one typed request behind every face.

    `add` and `change` hold fields in shorthand, `rename` leads from old names to new ones (`status.draft`: of a label),
    `drop` names fields. `set` replaces a setting (entries of `access` and `enums` are laid over those that are there);
    `include` and `exclude` add entries to the lists and take them out. `spec` is the whole new spec instead; only `rename`
    may stand beside it.
    """

    add: Sequence[str] = ()
    change: Sequence[str] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    drop: Sequence[str] = ()
    set: Values = field(default_factory=dict)
    include: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    exclude: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    spec: Any = None


@dataclass(frozen=True, slots=True)
class Evolved:
    """The next spec, still to be judged in its catalog: `unread` is what could not be read of the request.

    `renamed` leads from the old to the new names of fields, `labels` from the old to the new labels of enums; `former` are
    the names that fields of this feature had and have no more; `notes` say what followed without being asked for.
    """

    spec: FeatureSpec
    renamed: Mapping[str, str]
    labels: Labels
    former: tuple[str, ...]
    notes: tuple[str, ...]
    unread: tuple[Problem, ...]


def evolve(old: FeatureSpec, change: Change, former: Collection[str] = ()) -> Evolved:
    """Apply a request. `former` are the names that fields once had: what was done already is done, not wrong.

    Raises InvalidInput with every problem of the request: EXT001 a name is taken or names change places, EXT002 there is
    no such field, or it is to go, EXT003 not a setting or not a list, EXT004 a dropped field is part of a group, EXT006
    the feature's own names, EXT010 a rename that would lose links.
    """
    evolution: _Whole | _Parts
    evolution = _Whole(old, change, former) if change.spec is not None else _Parts(old, change, former)
    spec, unread = evolution.run()
    evolution.problems += missing(spec, evolution.labels, evolution.renames)
    evolution.problems += lost_links(old, spec, evolution.renames)
    if evolution.problems:
        raise InvalidInput(*evolution.problems, *unread)
    names = {one.name for one in spec.fields}
    gone = {*former, *(one.name for one in old.fields)} - names
    return Evolved(
        spec, evolution.renames, evolution.labels, tuple(sorted(gone)), tuple(evolution.notes), tuple(unread)
    )


class _Evolution:
    """What both ways of asking share: the renames that are still to be done, and what is wrong."""

    def __init__(self, old: FeatureSpec, change: Change, former: Collection[str]) -> None:
        self.old, self.change, self.former = old, change, former
        self.known = {one.name for one in old.fields}
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        fields, labels = split(change.rename)
        self.renames = {name: to for name, to in fields.items() if not (self._was(name) and to in self.known)}
        self.labels, wrong = pending(old, labels)
        self.problems += wrong
        for name in self.renames:
            self.require(name, f"rename.{name}")
            if _comes_back(name, self.renames):
                reason = f"asked again, it would take {name} back: nobody could tell that it is done already"
                self.say(
                    "EXT001",
                    f"rename.{name}",
                    reason,
                    "Rename one of them to a name in between, in a first call",
                )

    def _was(self, name: str) -> bool:
        """Whether the feature once had this field, and has it no more."""
        return name in self.former and name not in self.known

    def require(self, name: str, place: str) -> None:
        if name not in self.known:
            self.say(
                "EXT002", place, f"{self.old.feature} has no field {name}", did_you_mean(name, self.known)
            )

    def say(self, code: str, place: str, reason: str, hint: str) -> None:
        self.problems.append(Problem(code, place[:100], reason[:300], hint[:300]))


class _Whole(_Evolution):
    """A whole new spec."""

    def run(self) -> tuple[FeatureSpec, list[Problem]]:
        change = self.change
        beside = [
            name for name in ("add", "change", "drop", "set", "include", "exclude") if getattr(change, name)
        ]
        if beside:
            hint = "Put it into spec, or leave spec out"
            self.say("ARG004", ", ".join(beside), "given beside spec, which is the whole description", hint)
        spec, unread = read_document(change.spec)
        if (spec.feature, spec.plural) != (self.old.feature, self.old.plural):
            _refuse_other_names(self, spec)
        names = {one.name for one in spec.fields}
        for name, to in self.renames.items():
            if to not in names:
                self.say(
                    "EXT002", f"rename.{name}", f"the new spec has no field {to}", did_you_mean(to, names)
                )
            elif to in self.known - set(self.renames):
                self.say("EXT001", f"rename.{name}", f"{to} is another field already", "Choose another name")
        return spec, unread


class _Parts(_Evolution):
    """One thing after the other: rename, drop, change, add; then the settings."""

    def run(self) -> tuple[FeatureSpec, list[Problem]]:
        old = relabelled(self.old, self.labels)
        change = self.change
        self.problems += contradictions(
            add=change.add, change=change.change, rename=change.rename, drop=change.drop
        )
        drops = [name for name in self.change.drop if not self._was(name)]
        for name in drops:
            self.require(name, f"drop.{name}")
        gone = {name for name in drops if name in self.known}
        fields = [
            replace(one, name=self.renames.get(one.name, one.name))
            for one in old.fields
            if one.name not in gone
        ]
        unread: list[Problem] = []
        self._change(fields, unread)
        self._add(fields, unread)
        for name in sorted(
            {one.name for one in fields if sum(one.name == other.name for other in fields) > 1}
        ):
            self.say("EXT001", name, f"two fields would be called {name}", "Choose another name")
        spec = replace(
            old,
            fields=tuple(fields),
            search=self._names("search", old.search, gone),
            filters=self._names("filters", old.filters, gone),
            sort=self._names("sort", old.sort, gone),
            unique=self._groups("unique", old.unique, gone),
            indexes=self._groups("indexes", old.indexes, gone),
        )
        document = spec.to_document()
        document.setdefault("operations", list(old.operations))
        self._settings(document)
        spec, found = read_document(document)
        told = bool(unread)  # a field that could not be read would be told again under its place in the spec
        return spec, [*unread, *(one for one in found if not (told and one.place.startswith("fields[")))]

    def _change(self, fields: list[FieldSpec], unread: list[Problem]) -> None:
        for number, text in enumerate(self.change.change):
            wanted, found = read_field(text, f"change[{number}]")
            unread += found
            index = next((i for i, one in enumerate(fields) if one.name == wanted.name), None)
            if index is None:
                hint = did_you_mean(wanted.name, [one.name for one in fields])
                self.say("EXT002", f"change[{number}]", f"there is no field {wanted.name}", hint)
            else:
                fields[index] = wanted

    def _add(self, fields: list[FieldSpec], unread: list[Problem]) -> None:
        for number, text in enumerate(self.change.add):
            wanted, found = read_field(text, f"add[{number}]")
            unread += found
            same = next((one for one in fields if one.name == wanted.name), None)
            if same is None:
                fields.append(wanted)
            elif self._plain(same) != self._plain(wanted) or wanted.name in self.renames.values():
                reason = f"{self.old.feature} has a field {wanted.name} already, and it is another one"
                self.say(
                    "EXT001", f"add[{number}]", reason, "Use change to replace it, or choose another name"
                )

    def _plain(self, one: FieldSpec) -> FieldSpec:
        """In product, `ref(product)` is another word for `ref(self)`."""
        to_self = one.type.name in RELATION_TYPES and one.type.target == self.old.feature
        return replace(one, type=replace(one.type, target="self")) if to_self else one

    def _names(self, key: str, names: Iterable[str], gone: Collection[str]) -> tuple[str, ...]:
        """Renamed names follow; dropped ones go, and that is told."""
        lost = [name for name in names if name in gone]
        self.notes += [f"{name} is out of {key} too" for name in lost]
        return tuple(self.renames.get(name, name) for name in names if name not in gone)

    def _groups(
        self, key: str, groups: Iterable[tuple[str, ...]], gone: Collection[str]
    ) -> tuple[tuple[str, ...], ...]:
        """A group that names a dropped field has to be taken out by name: what should become of it nobody can guess."""
        taken_out = self.change.exclude.get(key, ())
        kept = []
        for group in groups:
            lost = [name for name in group if name.lstrip("-") in gone]
            if not lost:
                kept.append(tuple(_renamed(name, self.renames) for name in group))
            elif list(group) not in taken_out and key not in self.change.set:
                asked = f"exclude {{{key!r}: [{list(group)}]}} (--without {key}={','.join(group)})"
                hint = f"Add {asked}, or set {key}"
                self.say("EXT004", f"drop.{lost[0]}", f"{key} {list(group)} speaks of it", hint)
        return tuple(kept)

    def _settings(self, document: dict[str, Any]) -> None:
        change = self.change
        for key, value in change.set.items():
            if self._is_known(key, SETTINGS):
                merge = key in ("access", "enums") and isinstance(value, Mapping)
                document[key] = {**document.get(key, {}), **value} if merge else value
        for key, entries in change.include.items():
            if (listed := self._listed(document, key)) is not None:
                document[key] = [*listed, *(entry for entry in entries if entry not in listed)]
        for key, entries in change.exclude.items():
            if (listed := self._listed(document, key)) is not None:
                absent = [entry for entry in entries if entry not in listed]
                self.problems += unknown_entries(key, absent, {*self.known, *self.former})
                document[key] = [entry for entry in listed if entry not in entries]

    def _listed(self, document: Mapping[str, Any], key: str) -> list[Any] | None:
        """The entries that a list has by now; None where it is no list, which `set` can have made it: reading tells that."""
        if not self._is_known(key, LISTS):
            return None
        usual = OPERATIONS if key == "operations" else ()
        listed = usual if document.get(key) is None else document[key]
        return [*listed] if isinstance(listed, list | tuple) else None

    def _is_known(self, key: str, known: Sequence[str]) -> bool:
        if key in ("feature", "plural"):
            _refuse_other_names(self, None)
        elif key not in known:
            self.say("EXT003", key, "is nothing that this can change", did_you_mean(key, known))
        return key in known


def _comes_back(name: str, renames: Mapping[str, str]) -> bool:
    """Whether fields change places, this one among them."""
    to = renames[name]
    for _ in renames:
        if to == name:
            return renames[name] != name
        to = renames.get(to, "")
    return False


def _renamed(name: str, renames: Mapping[str, str]) -> str:
    bare = name.lstrip("-")
    return name[: len(name) - len(bare)] + renames.get(bare, bare)


def _refuse_other_names(evolution: _Evolution, spec: FeatureSpec | None) -> None:
    wanted = f" into {spec.feature}/{spec.plural}" if spec else ""
    reason = (
        f"the names of {evolution.old.feature} cannot be changed{wanted}: paths, tables and clients use them"
    )
    evolution.say("EXT006", "feature", reason, "Keep feature and plural as they are")
