"""What comes out of `merge` for each kind of difference and each kind of hand edit."""

import pytest

from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge

PATH = "app/models/product.py"


def test_a_file_that_nobody_edited_becomes_what_is_wanted() -> None:
    assert merge(PATH, "x = 1\n", "x = 2\n", "x = 1\n") == "x = 2\n"


def test_without_a_difference_nothing_changes() -> None:
    assert merge(PATH, "x = 1\n", "x = 1\n", "y = (\n") == "y = (\n"


def test_what_is_there_already_is_not_done_twice() -> None:
    assert merge(PATH, "x = 1\n", "x = 2\n", "x = 2\n") == "x = 2\n"


def test_a_conflict_names_the_line_and_brings_the_patch() -> None:
    with pytest.raises(EditConflict) as caught:
        merge(PATH, "x = 1\n", "x = 2\n", "x = 3\n")
    assert [(each.code, each.place) for each in caught.value.problems] == [("EDT003", f"{PATH}:1")]
    assert caught.value.patch == f"--- a/{PATH}\n+++ b/{PATH}\n@@ -1,1 +1,1 @@\n-x = 1\n+x = 2\n"
