"""Read PRPs/<id>/prp.md: front matter and body."""

from dataclasses import dataclass

from pydantic import ValidationError

from mcp_server.prps.model import FrontMatter
from mcp_server.workspace.errors import Problem
from mcp_server.workspace.front_matter import split_front_matter
from mcp_server.workspace.workspace import Workspace

PRPS = "PRPs/*/prp.md"


@dataclass(frozen=True, slots=True)
class Prp:
    """One PRP. `body_line` is the line of the file at which the body begins."""

    path: str
    facts: FrontMatter
    body: str
    body_line: int


def read_prps(workspace: Workspace) -> tuple[tuple[Prp, ...], tuple[Problem, ...]]:
    """Every PRP that can be read, by path, and what is wrong with the others (PRP001)."""
    prps: list[Prp] = []
    problems: list[Problem] = []
    for path in workspace.files(PRPS):
        result = parse(path, workspace.text(path))
        if isinstance(result, Prp):
            prps.append(result)
        else:
            problems += result
    return tuple(prps), tuple(problems)


def parse(path: str, text: str) -> Prp | tuple[Problem, ...]:
    """A PRP from its text, or everything that is wrong with its front matter."""
    import yaml

    head, body = split_front_matter(text)
    if head is None:
        return (
            _problem(path, "front matter is missing", "Begin the file with --- and end the block with ---"),
        )
    try:
        facts = FrontMatter.model_validate(yaml.safe_load(head))
    except yaml.YAMLError as error:
        return (_problem(path, f"front matter is not YAML: {error}", "Quote texts that hold a colon"),)
    except ValidationError as error:
        return tuple(
            _problem(f"{path} {_location(item['loc'])}", item["msg"], _hint(item["type"]))
            for item in error.errors(include_url=False, include_input=False)
        )
    return Prp(path, facts, body, head.count("\n") + 4)


def _location(location: tuple[int | str, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".") or "front matter"


def _hint(kind: str) -> str:
    if kind == "extra_forbidden":
        return f"Known keys at the top: {', '.join(FrontMatter.model_fields)}"
    return "See PRPs/templates/feature.md"


def _problem(place: str, reason: str, hint: str) -> Problem:
    return Problem("PRP001", place, reason, hint)
