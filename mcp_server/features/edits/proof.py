"""What the tree of the result must be: known before it is read again, so that reading it again proves it."""

from collections.abc import Sequence
from dataclasses import dataclass

from mcp_server.features.edits.bindings import Binding, bindings
from mcp_server.features.edits.tree import Element, Part, Run, same


@dataclass(frozen=True, slots=True)
class Composite:
    """An element like that of the current file, with these parts."""

    like: Element
    parts: "Sequence[Proof | Sequence[Proof]]"


Imports = frozenset[Binding]
Proof = Element | Composite | Imports
"""The very element of another tree, one with parts of several trees, or imports that bind certain names."""


@dataclass(frozen=True, slots=True)
class Spliced:
    """New text, and what has to be read from it."""

    text: str
    proof: Proof


def holds(proof: Proof, result: Element) -> bool:
    """Whether an element that was read from the result is what it must be."""
    if isinstance(proof, Element):
        return same(proof, result)
    if not isinstance(proof, Composite):
        return frozenset(bindings(result)) == proof
    like = proof.like
    if (result.kind, result.form, len(result.parts)) != (like.kind, like.form, len(proof.parts)):
        return False
    return all(_part_holds(part, found) for part, found in zip(proof.parts, result.parts, strict=True))


def _part_holds(part: Proof | Sequence[Proof], found: Part) -> bool:
    if isinstance(part, Element | Composite | frozenset):
        return isinstance(found, Element) and holds(part, found)
    if not isinstance(found, Run):
        return False
    wanted = [each for each in part if _bound(each) is None]
    result = [each for each in found.items if _bound(each) is None]
    if len(wanted) != len(result) or _all_bound(part) != _all_bound(found.items):
        return False
    return all(holds(each, item) for each, item in zip(wanted, result, strict=True))


def _all_bound(parts: Sequence[Proof]) -> Imports:
    return frozenset(binding for each in parts for binding in _bound(each) or ())


def _bound(part: Proof) -> Imports | None:
    """What imports bind; None for anything else. Which of them stand in one block may change with their neighbours."""
    if isinstance(part, frozenset):
        return part
    if isinstance(part, Element) and part.kind in ("imports", "Import", "ImportFrom"):
        return frozenset(bindings(part))
    return None
