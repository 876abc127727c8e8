"""KIT7xx: tests that say what they leave out, and do not wait on the clock."""

import ast
from collections.abc import Iterator

from mcp_server.architecture.layers import TESTS
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import SourceFile, constant, keyword

ONLY_TESTS = frozenset({TESTS})


@rule(
    "KIT701",
    title="No test is skipped without a reason",
    why="A skip without a reason is a deleted test that still counts.",
    fix='Say why: `@pytest.mark.skip(reason="...")`.',
    layers=ONLY_TESTS,
    bad=bad(
        "tests/app/api/test_products.py", 3, "import pytest\n\n@pytest.mark.skip\ndef test_list(): ...\n"
    ),
    good=good(
        "tests/app/api/test_products.py",
        'import pytest\n\n@pytest.mark.skip(reason="needs PostgreSQL")\ndef test_list(): ...\n',
    ),
)
def silent_skip(source: SourceFile) -> Iterator[Found]:
    said = {call.func for call in source.nodes(ast.Call) if _gives_reason(source, call)}
    for node in source.nodes(ast.Attribute):
        if node not in said and source.name_of(node) in {
            "pytest.mark.skip",
            "pytest.mark.skipif",
            "pytest.mark.xfail",
            "pytest.skip",
        }:
            yield node, f"`{source.name_of(node)}` gives no reason"


def _gives_reason(source: SourceFile, call: ast.Call) -> bool:
    reason = keyword(call, "reason")
    if reason is None and source.name_of(call.func) != "pytest.mark.skipif":
        reason = call.args[0] if call.args else None
    return reason is not None and constant(reason) != ""


@rule(
    "KIT702",
    title="No test sleeps",
    why="A sleep is too short on a slow machine and too long on every other.",
    fix="Wait for the event itself (`asyncio.Event`, a condition), or set the clock.",
    layers=ONLY_TESTS,
    bad=bad(
        "tests/app/api/test_products.py",
        4,
        "import asyncio\n\nasync def test_expiry():\n    await asyncio.sleep(2)\n",
    ),
    good=good(
        "tests/app/api/test_products.py",
        "import asyncio\n\nasync def test_turns():\n    await asyncio.sleep(0)\n",
    ),
)
def sleeps(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        yields = bool(call.args) and constant(call.args[0]) == 0
        if source.name_of(call.func) in {"time.sleep", "asyncio.sleep", "anyio.sleep"} and not yields:
            yield call, "waits for the clock"
