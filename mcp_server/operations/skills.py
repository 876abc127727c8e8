"""The skills of the workspace (`.claude/skills/<name>/SKILL.md`), read for faces that offer them as prompts."""

from dataclasses import dataclass

from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.front_matter import split_front_matter
from mcp_server.workspace.workspace import Workspace

_GLOB = ".claude/skills/*/SKILL.md"


@dataclass(frozen=True, slots=True)
class Skill:
    name: str
    description: str
    body: str

    def text(self, arguments: str) -> str:
        """The instructions with what the user asked for put in; at the end where the skill names no place for it."""
        if "$ARGUMENTS" in self.body or not arguments:
            return self.body.replace("$ARGUMENTS", arguments)
        return f"{self.body}\n\nThe request: {arguments}\n"


def skills(workspace: Workspace) -> dict[str, Skill]:
    """Every skill by name. A skill without readable front matter is known by its folder."""
    found = (_skill(path, workspace.text(path)) for path in workspace.files(_GLOB))
    return {skill.name: skill for skill in found}


def skill(workspace: Workspace, name: str) -> Skill:
    """Raises InvalidInput SKILL001 for a name that no skill has."""
    found = skills(workspace)
    if name not in found:
        known = ", ".join(found) or "none"
        raise InvalidInput(Problem("SKILL001", name[:80], "there is no such skill", f"Skills: {known}"))
    return found[name]


def _skill(path: str, text: str) -> Skill:
    import yaml

    folder = path.split("/")[-2]
    head, body = split_front_matter(text)
    if head is None:
        return Skill(folder, "", text)
    try:
        facts = yaml.safe_load(head)
    except yaml.YAMLError:
        facts = None
    facts = facts if isinstance(facts, dict) else {}
    return Skill(str(facts.get("name", folder)), str(facts.get("description", "")), body.lstrip("\n"))
