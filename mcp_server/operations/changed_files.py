"""The files that differ from the last commit."""

from mcp_server.workspace import git, process
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.workspace import Workspace

_SECONDS = 30


async def changed_files(workspace: Workspace) -> frozenset[str]:
    """Paths relative to the root: edited, staged, new or deleted. Raises InvalidInput GIT001 without a commit."""
    if git.facts(workspace.root).commit is None:
        hint = "Commit something first, or leave `changed` out to look at everything"
        raise InvalidInput(Problem("GIT001", "changed", "there is no commit to compare with", hint))
    tracked = await _git(workspace, "diff", "--name-only", "--no-renames", "--relative", "-z", "HEAD")
    new = await _git(workspace, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(path for path in (tracked + new).split("\0") if path)


async def _git(workspace: Workspace, *arguments: str) -> str:
    done = await process.run(
        ["git", *arguments], cwd=workspace.root, timeout=_SECONDS, env=git.environment(), inherit=False
    )
    if done.exit_code != 0:
        raise InvalidInput(
            Problem("GIT002", "changed", f"git failed: {done.stderr.strip()[:200]}", "Leave `changed` out")
        )
    return done.stdout
