"""Computing something while a process is waited for."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

WaitedT = TypeVar("WaitedT")
ComputedT = TypeVar("ComputedT")


async def beside(
    waiting: Coroutine[Any, Any, WaitedT], compute: Callable[[], ComputedT]
) -> tuple[WaitedT, ComputedT]:
    """The results of both; `compute` runs as soon as `waiting` waits. What either raises ends both."""
    task = asyncio.create_task(waiting)
    try:
        await asyncio.sleep(0)  # up to where it waits
        computed = compute()
    except BaseException:
        task.cancel()
        await asyncio.wait([task])
        raise
    return await task, computed
