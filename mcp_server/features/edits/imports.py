"""The difference of two import blocks, in the block of the current file."""

import ast
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from mcp_server.features.edits.bindings import Binding, bindings
from mcp_server.features.edits.conflicts import NOWHERE, Code, Span
from mcp_server.features.edits.layout import Commas, Statements, blank_lines
from mcp_server.features.edits.proof import Spliced
from mcp_server.features.edits.source import Source
from mcp_server.features.edits.tree import Element, Run
from mcp_server.features.imports import import_order, section_of

Refuse = Callable[[Code, int, str, Span, Span], None]


def merge(
    refuse: Refuse,
    base: Element | None,
    wanted: Element | None,
    current: Sequence[Element],
    rest: str,
    lost: Set[str],
    *,
    only_used: bool,
) -> list[Spliced]:
    """The import blocks of the current file with the difference between `base` and `wanted`.

    What is new is put into the statement that imports from its module, or else into the longest block. What is not new
    is put in as well where its name is `lost`: code that came into the file uses it, and the file does not have it. What
    is no longer wanted goes, unless the `rest` of the module uses it. With `only_used`, nothing comes that is not used.
    """
    before, after = bindings(base), bindings(wanted)
    here = [each for block in current for each in bindings(block)]
    new = [each for each in after if each not in here and (each not in before or each.bound in lost)]
    if only_used:
        idle = _unused({*new}, (), rest)
        new = [each for each in new if each not in idle]
    gone = _unused({each for each in before if each not in after and each in here}, after, rest)
    lines = _lines(base), _lines(wanted)
    statements = [item for block in current for item in items_of(block)]
    homes = {each: _home(each, statements) for each in new}
    for each in new:
        rival = _rival(each, gone, statements)
        if rival is not None:
            refuse("EDT004", rival.line, f"`{each.bound}` is imported from somewhere else", *lines)
    for item in statements:
        if item.comments and not gone.isdisjoint(bindings(item)):
            refuse(
                "EDT003",
                item.line,
                f"`{item.text.splitlines()[0]}` has a name to lose, and a comment",
                *lines,
            )
    found, longest = [], max(current, key=lambda block: len(items_of(block)))
    for block in current:
        layout = Statements([item.text for item in items_of(block)], run_of(block).gaps, "")
        left = [
            item
            for item in reversed(items_of(block))
            if _trim(layout, item, block, base, wanted, gone, homes)
        ]
        strays = [each for each in new if homes[each] is None] if block is longest else []
        _insert_all(layout, [*reversed(left)], strays, base, wanted)
        mine = {each for each in new if homes[each] in items_of(block)} | set(strays)
        found.append(Spliced(layout.render(), frozenset(bindings(block)) - gone | mine))
    return found


def _trim(
    layout: Statements,
    item: Element,
    block: Element,
    base: Element | None,
    wanted: Element | None,
    gone: Set[Binding],
    homes: Mapping[Binding, Element | None],
) -> bool:
    """Bring one statement up to date; False where nothing is left of it. Called from the last to the first."""
    mine, number = bindings(item), items_of(block).index(item)
    left = [each for each in mine if each not in gone]
    added = [each for each, home in homes.items() if home is item]
    if not left and not added:
        layout.remove(number)
    elif left != mine or added:
        generated = _generated(base, wanted, item, {*left, *added})
        layout.texts[number] = _changed(item, left, added, generated)
    return bool(left or added)


def _insert_all(
    layout: Statements,
    left: Sequence[Element],
    new: Sequence[Binding],
    base: Element | None,
    wanted: Element | None,
) -> None:
    """Put in the statements that are new, beside those that are left."""
    ours = _ours(base) | _ours(wanted)
    keys = [_key(item, ours) for item in left]
    for names in _by_statement(new):
        ready = (each.text for each in items_of(wanted) if set(bindings(each)) == set(names))
        _insert(layout, keys, next(ready, _statement(names)), _key_of(names[0], ours))


def _unused(candidates: Set[Binding], wanted: Sequence[Binding], rest: str) -> Set[Binding]:
    """The imports whose names the rest of the module does not read, or will find in another import."""
    if not any(each.bound in rest for each in candidates):
        return candidates
    used = _used(rest) - {each.bound for each in wanted}
    return {each for each in candidates if each.bound not in used}


def run_of(element: Element) -> Run:
    """The import statements of a block, or the names of a statement."""
    return next(part for part in element.parts if isinstance(part, Run))


def items_of(element: Element | None) -> Sequence[Element]:
    return run_of(element).items if element else ()


def _rival(new: Binding, gone: Set[Binding], statements: Sequence[Element]) -> Element | None:
    """The statement that gives the name of a new import to something else."""
    for item in statements if new.module is not None else ():
        if any(each.bound == new.bound and each not in gone for each in bindings(item)):
            return item
    return None


def _lines(block: Element | None) -> Span:
    if block is None:
        return NOWHERE
    return block.source.line(block.start) - 1, block.source.line(block.end)


def _used(text: str) -> set[str]:
    """Every name that the code reads, quoted annotations and `__all__` included."""
    found: set[str] = set()
    pending: list[tuple[ast.AST, bool]] = [(Source(text).tree, False)]
    while pending:
        node, is_type = pending.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                found.add(name)
            case ast.Constant(value=str(quoted)) if is_type:
                found |= _names_in(quoted)
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                found |= {str(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant)}
            case _:
                pass
        literal = isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal"
        inside = is_type and not literal and not isinstance(node, ast.Call)
        for name, value in ast.iter_fields(node):
            each = value if isinstance(value, list) else [value]
            marked = inside or name in ("annotation", "returns")
            pending += [(child, marked) for child in each if isinstance(child, ast.AST)]
    return found


def _names_in(quoted: str) -> set[str]:
    try:
        return {each.id for each in ast.walk(Source(quoted).tree) if isinstance(each, ast.Name)}
    except SyntaxError:
        return set()


def _ours(block: Element | None) -> set[str]:
    """The first names of what the last group of a generated block imports: the workspace's own packages."""
    found: set[str] = set()
    if block is not None:
        run = run_of(block)
        for gap, item in zip(run.gaps, run.items, strict=False):
            found = set() if gap.count("\n") > 1 else found
            found |= {(each.module or each.name).partition(".")[0] for each in bindings(item)}
    return found


Key = tuple[int, int, str, str]


def _key(statement: Element, ours: Set[str]) -> Key:
    return _key_of(bindings(statement)[0], ours)


def _key_of(binding: Binding, ours: Set[str]) -> Key:
    """Where isort puts the statement: by group, `import` before `from`, by module."""
    module = binding.name if binding.module is None else binding.module
    if module == "__future__" or module.startswith("."):
        group = 3 if module.startswith(".") else -1
    else:
        group = section_of(module, ours)
    return group, int(binding.module is not None), module.lower(), module


def _home(binding: Binding, statements: Sequence[Element]) -> Element | None:
    """The statement that imports from the module of the binding already."""
    for each in statements if binding.module is not None else ():
        mine = bindings(each)
        if mine[0].module == binding.module and mine[0].name != "*":
            return each
    return None


def _generated(base: Element | None, wanted: Element | None, now: Element, names: Set[Binding]) -> str | None:
    """The statement as it is generated, if the one before was left as generated, and it is to bind these names."""
    if any(each.text == now.text for each in items_of(base)):
        return next((each.text for each in items_of(wanted) if set(bindings(each)) == names), None)
    return None


def _changed(now: Element, left: Sequence[Binding], added: Sequence[Binding], generated: str | None) -> str:
    if generated is not None:
        return generated
    names = run_of(now)
    layout = Commas(names, [item.text for item in names.items])
    mine = bindings(now)
    for number in reversed(range(len(mine))):
        if mine[number] not in left:
            layout.remove(number)
    order = [import_order(each.name) for each in left]
    in_order = order == sorted(order)
    for each in added:
        at = bisect(order, import_order(each.name)) if in_order else len(order)
        order.insert(at, import_order(each.name))
        layout.insert(at, _name(each))
    return now.text[: names.start - now.start] + layout.render() + now.text[names.end - now.start :]


def _name(binding: Binding) -> str:
    return binding.name if binding.alias is None else f"{binding.name} as {binding.alias}"


def _by_statement(new: Iterable[Binding]) -> list[list[Binding]]:
    found: dict[str, list[Binding]] = {}
    for each in new:
        found.setdefault(f"import {_name(each)}" if each.module is None else each.module, []).append(each)
    return list(found.values())


def _statement(names: Sequence[Binding]) -> str:
    start = "" if names[0].module is None else f"from {names[0].module} "
    return f"{start}import {', '.join(map(_name, names))}"


def _insert(layout: Statements, keys: list[Key], text: str, key: Key) -> None:
    """Beside the statements of its group, in order; in a group of its own where there is none."""
    groups = [each[0] for each in keys]
    later = [at for at, each in enumerate(keys) if each[0] == key[0] and each > key]
    if later:
        at = later[0]
        before, after = blank_lines(layout.gaps[at]) if at else 0, 0
    elif key[0] in groups:
        at = len(groups) - groups[::-1].index(key[0])
        before, after = 0, blank_lines(layout.gaps[at]) if at < len(groups) else 0
    else:
        at = max((place + 1 for place, group in enumerate(groups) if group < key[0]), default=0)
        before, after = 1, 1
    layout.insert(at, text, before, after)
    if 0 < at < len(keys):
        layout.space(at + 1, after)
    keys.insert(at, key)
