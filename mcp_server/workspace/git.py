"""Facts of the git repository around a workspace. Reads git's own files where it can: no process, well under 1 ms."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mcp_server.workspace.errors import KitError, Problem

_MAX_SYMREF_DEPTH = 5
_PATIENCE_SECONDS = 30
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM")
"""Variables of git that are about no repository: where the settings of the user and of the machine are."""


@dataclass(frozen=True, slots=True)
class GitFacts:
    """`branch` is None when detached, `commit` when nothing is committed yet, all three outside a repository.

    `common_dir` is the `.git` directory that all worktrees of the repository share.
    """

    branch: str | None
    commit: str | None
    common_dir: Path | None


def facts(root: Path) -> GitFacts:
    """Branch, commit and shared directory of the repository that holds `root`."""
    top = toplevel(root)
    git_dir = None if top is None else _git_dir(top)
    if git_dir is None:
        return GitFacts(None, None, None)
    common = _common_dir(git_dir)
    head = _read(git_dir / "HEAD")
    if head is None or (common / "reftable").is_dir():
        return _ask_git(root, common)
    if not head.startswith("ref: "):
        return GitFacts(None, head, common)
    reference = head.removeprefix("ref: ")
    branch = reference.removeprefix("refs/heads/")
    return GitFacts(branch, _resolve(reference, git_dir, common), common)


def toplevel(root: Path) -> Path | None:
    """The nearest directory at or above `root` that is a git checkout."""
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), None)


def listed_files(root: Path) -> list[str] | None:
    """Paths below `root` that are tracked or could be added, or None where git has no say here.

    None means: no repository, no git program, a repository that git refuses to read, or a root that an outer
    repository ignores (a scratch copy inside a checkout).
    """
    top = toplevel(root)
    if top is None:
        return None
    if top != root and _git(root, "check-ignore", "-q", ".") is not None:
        return None
    output = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    if output is None:
        return None
    return [path for path in os.fsdecode(output).split("\0") if path]


def environment() -> dict[str, str]:
    """The variables of a git command that is about the repository in which it is run.

    Inside a git hook GIT_DIR and friends point at the repository of the hook, which need not be this one.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT) or name[:4] != "GIT_"}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0"}


def _git_dir(top: Path) -> Path | None:
    entry = top / ".git"
    if entry.is_dir():
        return entry
    pointer = _read(entry)
    if pointer is None or not pointer.startswith("gitdir: "):
        return None
    return (top / pointer.removeprefix("gitdir: ")).resolve()


def _common_dir(git_dir: Path) -> Path:
    pointer = _read(git_dir / "commondir")
    return git_dir.resolve() if pointer is None else (git_dir / pointer).resolve()


def _resolve(reference: str, git_dir: Path, common: Path) -> str | None:
    for _ in range(_MAX_SYMREF_DEPTH):
        value = _read(git_dir / reference) or _read(common / reference)
        if value is None:
            break
        if not value.startswith("ref: "):
            return value
        reference = value.removeprefix("ref: ")
    for line in (_read(common / "packed-refs") or "").splitlines():
        commit, _, name = line.partition(" ")
        if name == reference:
            return commit
    return None


def _ask_git(root: Path, common: Path) -> GitFacts:
    """The slow way, for reference stores that are not plain files."""
    branch = _line(_git(root, "symbolic-ref", "-q", "--short", "HEAD"))
    commit = _line(_git(root, "rev-parse", "-q", "--verify", "HEAD"))
    return GitFacts(branch, commit, common)


def _line(output: bytes | None) -> str | None:
    return None if output is None else output.decode().strip()


def _git(root: Path, *arguments: str) -> bytes | None:
    """Output of a git command run in `root`; None when it fails or git is missing.

    Raises KitError (WS023) when it does not answer in time: a hung file system or a credential helper that asks.
    """
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=environment(),
            timeout=_PATIENCE_SECONDS,
        )
    except FileNotFoundError:
        return None
    except subprocess.TimeoutExpired as error:
        reason = f"git did not answer in {_PATIENCE_SECONDS:g} s"
        hint = f"See what holds it up: git -C {root} {' '.join(arguments)}"
        raise KitError(Problem("WS023", str(root), reason, hint)) from error
    return done.stdout if done.returncode == 0 else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
