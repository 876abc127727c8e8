"""What a production process has loaded is not looked at by every garbage collection."""

import asyncio
import gc
import os
import sys
from pathlib import Path

import pytest

from app.core import memory

ROOT = Path(__file__).parents[3]
COUNT = """
import asyncio, gc
from app.main import create_app

async def main():
    app = create_app()
    async with app.router.lifespan_context(app):
        print(gc.get_freeze_count(), gc.get_threshold()[0])

asyncio.run(main())
"""


async def frozen(environment: str) -> tuple[int, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COUNT, cwd="/", stdout=asyncio.subprocess.PIPE,  # where no `.env` lies
        env={**os.environ, "PYTHONPATH": str(ROOT), "ENVIRONMENT": environment, "SECRET_KEY": "x" * 40},
    )  # fmt: skip
    out, _ = await process.communicate()
    count, threshold = out.split()
    return int(count), int(threshold)


@pytest.mark.parametrize(("environment", "settled"), [("production", True), ("development", False)])
async def test_the_start_is_settled_in_production(environment: str, settled: bool) -> None:
    count, threshold = await frozen(environment)
    assert (count > 50_000) is settled
    assert (threshold == 10_000) is settled


def test_what_has_grown_is_old() -> None:
    with memory.growing():
        made: list[list[int]] = [[] for _ in range(10_000)]
    assert any(each is made for each in gc.get_objects(generation=2))


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_still_while_the_service_grows(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with memory.growing():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
