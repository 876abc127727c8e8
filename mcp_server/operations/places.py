"""The places where the service looks for models and routers, kept in step with the layout of the workspace."""

import ast

from mcp_server.features.edits.source import Source
from mcp_server.workspace.errors import Problem, Refused
from mcp_server.workspace.layout import Artefact
from mcp_server.workspace.workspace import Workspace

DISCOVERY = "app/core/discovery.py"
_TUPLES: dict[str, Artefact] = {"MODELS": "model", "ROUTERS": "endpoints"}


def registered(workspace: Workspace) -> dict[str, str]:
    """Path to text of the file that has to change so that the service finds what the layout makes; else nothing.

    Raises Refused LAY001 where the file does not hold its two tuples any more, or cannot be read.
    """
    before = text = workspace.text(DISCOVERY)
    for name, artefact in _TUPLES.items():
        text = _with_place(text, name, workspace.layout.modules(artefact))
    return {DISCOVERY: text} if text != before else {}


def _with_place(text: str, name: str, place: str) -> str:
    """`text` with `place` at the end of the tuple of strings called `name`."""
    try:
        source = Source(text)
    except SyntaxError as error:
        where, reason = f"{DISCOVERY}:{error.lineno or 1}", f"is no valid Python: {error.msg}"
        raise Refused(Problem("LAY001", where, reason, "Mend the file")) from error
    for node in source.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Tuple(elts=[*known, last])) if (
                found == name
            ):
                if any(isinstance(one, ast.Constant) and one.value == place for one in (*known, last)):
                    return text
                end = source.end(last)
                return f'{text[:end]}, "{place}"{text[end:]}'
    hint = f'Write {name} = ("{place}",) there, and pass it to find_modules'
    raise Refused(Problem("LAY001", DISCOVERY, f"holds no tuple {name} of module patterns", hint))
