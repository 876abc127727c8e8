"""Computing beside what waits: both results come back, and neither outlives a failure of the other."""

import asyncio

import pytest

from mcp_server.workspace.beside import beside


def test_it_is_computed_while_the_other_waits() -> None:
    async def both() -> tuple[list[str], None]:
        order: list[str] = []
        go_on = asyncio.Event()

        async def waiting() -> list[str]:
            order.append("started")
            await go_on.wait()
            order.append("ended")
            return order

        def compute() -> None:
            order.append("computed")
            go_on.set()

        return await beside(waiting(), compute)

    assert asyncio.run(both()) == (["started", "computed", "ended"], None)


def test_a_failed_computation_ends_what_waits() -> None:
    async def fail() -> bool:
        ended = False

        async def waiting() -> None:
            nonlocal ended
            try:
                await asyncio.Event().wait()
            finally:
                ended = True

        with pytest.raises(ZeroDivisionError):
            await beside(waiting(), lambda: 1 / 0)
        return ended

    assert asyncio.run(fail())
