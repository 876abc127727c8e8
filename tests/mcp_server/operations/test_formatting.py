"""What the kit puts into a file is formatted as the file is, whatever its lines end with."""

from pathlib import Path

import pytest

from mcp_server.operations.formatting import format_alike
from mcp_server.workspace.workspace import Workspace


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_formatted_file_stays_formatted_and_another_as_it_is(tmp_path: Path, end: str) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.fastapi-agent-kit]\n")
    (tmp_path / "formatted.py").write_bytes(f"x = [1, 2]{end}y = 1{end}".encode())
    (tmp_path / "by_hand.py").write_bytes(f"x = [1,2]{end}y = 1{end}".encode())
    loose = f"x = [1,{end}2]{end}y = 2{end}"
    made = await format_alike(Workspace.open(tmp_path), {"formatted.py": loose, "by_hand.py": loose})
    assert made == {"formatted.py": f"x = [1, 2]{end}y = 2{end}", "by_hand.py": loose}
