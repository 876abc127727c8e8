"""What pytest writes with --junitxml (family xunit1, short tracebacks), as test cases."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

_ENTRY = re.compile(r"^(?P<file>[^\s:][^:\n]*\.py):(?P<line>\d+): ", re.MULTILINE)
_MESSAGE = re.compile(r"^E +(?P<text>\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test. `file` is relative to the root, `line` is where it failed, else where it begins (from 1)."""

    id: str
    file: str
    line: int
    outcome: Literal["passed", "failed", "skipped"]
    message: str = ""
    raised_at: str = ""
    """`file:line` of the workspace's own code that raised, when that is not the test."""


def read_junit(path: Path, root: Path) -> tuple[TestCase, ...]:
    """Read pytest's report. Raises OSError when there is none and ValueError when it cannot be read."""
    try:
        document = ET.parse(path)  # noqa: S314 - written by pytest a moment ago, not by a stranger
    except ET.ParseError as problem:
        raise ValueError(f"not a JUnit report: {problem}") from problem
    return tuple(_case(element, root) for element in document.iter("testcase"))


def _case(element: ET.Element, root: Path) -> TestCase:
    file = element.get("file", "")
    line = int(element.get("line", "0")) + 1
    skipped = element.find("skipped")
    if skipped is not None:
        return TestCase(_id(element, file), file, line, "skipped", skipped.get("message", ""))
    for kind in ("failure", "error"):
        problem = element.find(kind)
        if problem is not None:
            text = problem.text or ""
            message = _MESSAGE.search(text)
            entries = [(match["file"], int(match["line"])) for match in _ENTRY.finditer(text)]
            mine = [number for name, number in entries if name == file]
            own = [f"{name}:{number}" for name, number in entries if _in_workspace(name, root)]
            deepest = own[-1] if own else ""
            return TestCase(
                _id(element, file),
                file,
                mine[-1] if mine else line,
                "failed",
                message["text"] if message else problem.get("message", "").strip().partition("\n")[0],
                deepest if not deepest.startswith(f"{file}:") else "",
            )
    return TestCase(_id(element, file), file, line, "passed")


def _id(element: ET.Element, file: str) -> str:
    """Rebuild the id that pytest takes on its command line."""
    name = element.get("name", "")
    module = file.removesuffix(".py").replace("/", ".")
    if name == module or not file:
        return file or name  # the file could not be collected
    classes = element.get("classname", "").removeprefix(module).strip(".")
    return "::".join(part for part in (file, *classes.split("."), name) if part)


def _in_workspace(name: str, root: Path) -> bool:
    return not Path(name).is_absolute() and "site-packages" not in name and (root / name).is_file()
