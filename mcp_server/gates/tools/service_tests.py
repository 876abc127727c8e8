"""What the gates that run the service's tests have in common: the files the tests read, and the affected ones."""

from mcp_server.gates.affected import affected_tests
from mcp_server.gates.gate import GateContext
from mcp_server.workspace.globs import matcher

FOLDER = "tests/app"
SECONDS = 1740.0
"""How long the suite may take: minutes for a large service on a loaded machine, and not for ever."""
LIMIT = SECONDS + 60
INPUTS = (
    "app/**",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/app/**",
    "alembic/**",
    "alembic.ini",
    ".dockerignore",
    ".env.example",
    "Dockerfile",
    "docker-compose.yml",
    "pyproject.toml",
)


def paths_to_run(context: GateContext) -> tuple[str, ...]:
    """Return the whole folder, or in an affected-only run the test files that depend on what changed."""
    if context.changed is None:
        return (FOLDER,)
    read = filter(matcher(INPUTS), context.changed)
    return affected_tests(context.workspace, tuple(read), FOLDER)
