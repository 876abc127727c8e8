"""What `coverage json` writes, as findings about the files that the tests leave out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mcp_server.gates.gate import Finding

_RANGES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Coverage:
    """`percent` counts lines and branches together over all `statements`."""

    percent: float
    statements: int
    files: dict[str, "FileCoverage"]


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What is missing in one file: lines never run, and line numbers whose branch was taken only one way."""

    percent: float
    missing: tuple[int, ...]
    partial: tuple[int, ...]


def read_coverage(path: Path) -> Coverage:
    """Read the report. Raises OSError, ValueError or KeyError when it is not one with branches."""
    document = json.loads(path.read_bytes())
    if not document["meta"]["branch_coverage"]:
        raise ValueError("branches were not measured")
    files = {
        Path(name).as_posix(): FileCoverage(
            percent=float(entry["summary"]["percent_covered"]),
            missing=tuple(entry["missing_lines"]),
            partial=tuple(
                sorted({branch[0] for branch in entry["missing_branches"]} - set(entry["missing_lines"]))
            ),
        )
        for name, entry in document["files"].items()
    }
    return Coverage(
        float(document["totals"]["percent_covered"]), int(document["totals"]["num_statements"]), files
    )


def shortfalls(coverage: Coverage, required: float) -> tuple[Finding, ...]:
    """Name the files below `required` percent, the one with most missing lines first."""
    below = [(name, entry) for name, entry in coverage.files.items() if entry.percent < required]
    below.sort(key=lambda item: (-len(item[1].missing) - len(item[1].partial), item[0]))
    return tuple(
        Finding(
            file=name,
            line=min((*entry.missing, *entry.partial), default=0),
            rule="coverage",
            message=f"{entry.percent:.0f} % covered, never run: {_ranges(entry.missing) or 'no whole line'}"
            + (f"; one way only: {_ranges(entry.partial)}" if entry.partial else ""),
            why=f"The service as a whole needs {required:g} %, lines and branches counted.",
            fix="Write a test that takes these paths, or delete what nothing can reach.",
        )
        for name, entry in below
    )


def _ranges(lines: Iterable[int]) -> str:
    """Shorten 1,2,3,7 to "1-3, 7"."""
    spans: list[list[int]] = []
    for line in sorted(lines):
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    shown = ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in spans[:_RANGES_SHOWN]
    )
    return shown + (f" and {len(spans) - _RANGES_SHOWN} more" if len(spans) > _RANGES_SHOWN else "")
