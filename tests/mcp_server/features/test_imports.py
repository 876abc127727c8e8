"""The order of imported names, which the linter of a workspace checks."""

import subprocess
import sys
from pathlib import Path

from mcp_server.features.imports import import_order

NAMES = [
    "URL",
    "A10",
    "A2",
    "AB",
    "A_B",
    "Ab",
    "Aa",
    "AaB",
    "I",
    "Warehouses",
    "WarehouseView",
    "WarehouseBulk",
    "aB",
    "b_c",
    "bC",
    "v10_x",
    "v2_x",
]


def test_it_is_the_order_of_ruff(tmp_path: Path) -> None:
    source = tmp_path / "names.py"
    source.write_text(f"from a import {', '.join(sorted(NAMES, key=import_order))}\n")
    ruff = Path(sys.executable).with_name("ruff")
    command: list[str | Path] = [
        ruff,
        "check",
        "--isolated",
        "--select",
        "I001",
        "--line-length",
        "200",
        source,
    ]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "All checks passed!\n"  # noqa: S603, PLW1510
