"""What every operation that changes a feature answers with."""

from pydantic import Field

from mcp_server.operations.result import Result


class ChangeResult(Result):
    """`files`: lines of each file that was, or in a dry run would be, written; 0 for one that goes."""

    feature: str = ""
    change_id: str = Field("", description="For undo_change")
    files: dict[str, int] = {}
    revision: str = ""
    routes: list[str] = []
    notes: list[str] = []
    diff: str = ""
    diff_file: str = Field("", description="Holds the whole diff")
    next: str = ""
