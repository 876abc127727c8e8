"""What people do to generated files, at random: every edit leaves valid Python, and says which lines it made.

The places are found by the syntax tree of the standard library, apart from anything that the engine does.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Edited:
    """A file after an edit. `added` are whole lines that were put in and may not be lost."""

    text: str
    added: tuple[str, ...]


def edit(random: Random, text: str, times: int) -> Edited:
    """The file after some edits that only add to it: they commute with every change of a spec."""
    added: list[str] = []
    for number in range(times):
        after, made = random.choice(ADDITIONS)(random, text, number)
        if is_python(after):
            text = after
            added += made
    return Edited(text, tuple(added))


def _bodies(text: str) -> list[Sequence[ast.stmt]]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return [node.body for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)]) - 1


def _put(text: str, line: int, new: Sequence[str]) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:line], *(f"{each}\n" for each in new), *lines[line:]])


def comment(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    node = random.choice([each for body in _bodies(text) for each in body])
    made = f"{' ' * node.col_offset}# by hand {number}"
    return _put(text, _first_line(node), [made]), [made]


def method(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    if not classes:
        return text, ()
    node = random.choice(classes)
    made = [f"    def by_hand_{number}(self) -> int:", f"        return {number}  # mine {number}"]
    return _put(text, node.end_lineno or 0, ["", *made]), made


def function(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    body = [
        each
        for each in ast.parse(text).body
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    node = random.choice(body)
    made = [f"def by_hand_{number}() -> str:", f'    return "# {number}"']
    return _put(text, node.end_lineno or 0, ["", "", *made]), made


def member(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    if not classes:
        return text, ()
    node = random.choice(random.choice(classes).body)
    made = f"    by_hand_{number}: int = {number}  # by hand"
    return _put(text, node.end_lineno or 0, [made]), [made]


def statement(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    functions = [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    if not functions:
        return text, ()
    first = random.choice(functions).body[0]
    made = f"{' ' * first.col_offset}by_hand_{number} = [{number}, ]"
    return _put(text, _first_line(first), [made]), [made]


def imported(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    imports = [n for n in ast.parse(text).body if isinstance(n, ast.Import | ast.ImportFrom)]
    made = random.choice(
        ["import re", "from itertools import chain  # by hand", "from app.core import config as mine"]
    )
    return _put(text, random.choice(imports).lineno - 1, [made]), [made]


def entry(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    """One more element in a list, tuple or dictionary that is written one per line."""
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.List | ast.Tuple | ast.Dict) and (node.end_lineno or 0) > node.lineno + 1:
            last = lines[(node.end_lineno or 0) - 2]
            if last.rstrip().endswith(","):
                found.append((node, last))
    if not found:
        return text, ()
    node, last = random.choice(found)
    indent = " " * (len(last) - len(last.lstrip()))
    made = (
        f'{indent}"by_hand_{number}": {number},'
        if isinstance(node, ast.Dict)
        else f"{indent}by_hand({number}),"
    )
    return _put(text, (node.end_lineno or 0) - 1, [made]), [made]


def decorator(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    body = [
        each
        for each in ast.parse(text).body
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    made = f"@by_hand({number})"
    return _put(text, random.choice(body).lineno - 1, [made]), [made]


def blank(random: Random, text: str, number: int) -> tuple[str, Sequence[str]]:
    node = random.choice([each for body in _bodies(text) for each in body])
    return _put(text, _first_line(node), [""]), ()


ADDITIONS: Sequence[Callable[[Random, str, int], tuple[str, Sequence[str]]]] = (
    comment, method, function, member, statement, imported, entry, decorator, blank,
)  # fmt: skip


def shuffle(random: Random, text: str, times: int) -> str:
    """The file with lines taken out, repeated, swapped, moved or misspelt, as long as it stays Python."""
    for _ in range(times):
        lines = text.splitlines(keepends=True)
        one, other = sorted((random.randrange(len(lines)), random.randrange(len(lines))))
        match random.randrange(6):
            case 0:
                del lines[one]
            case 1:
                lines.insert(one, lines[other])
            case 2:
                lines[one], lines[other] = lines[other], lines[one]
            case 3:
                moved = lines[one:other]
                del lines[one:other]
                at = random.randrange(len(lines) + 1)
                lines[at:at] = moved
            case 4:
                lines[one] = lines[one].replace(random.choice("abcdeist_"), random.choice("xyz"))
            case _:
                lines[one] = lines[one].replace(",", ",  # odd\n", 1)
        shuffled = "".join(lines)
        text = shuffled if lines and is_python(shuffled) else text
    return text


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
