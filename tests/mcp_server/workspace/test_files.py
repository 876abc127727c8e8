"""Files of folders that several processes write to and tidy up."""

import os
from pathlib import Path

from mcp_server.workspace.files import newest_first


def test_files_are_listed_by_age_without_those_that_have_gone_since(tmp_path: Path) -> None:
    for age, name in enumerate(("new.json", "older.json", "oldest.json", "other.txt")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, ns=(0, 10**9 - age))
    (tmp_path / "gone.json").symlink_to("nowhere")  # listed, and not there when it is looked at
    assert [path.name for path in newest_first(tmp_path, "*.json")] == [
        "new.json",
        "older.json",
        "oldest.json",
    ]
