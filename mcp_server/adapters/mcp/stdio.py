"""Serves over standard input and output, and leaves nothing running behind."""

import asyncio
import gc
import logging
import os
import signal
import sys
from io import TextIOWrapper
from typing import Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

from mcp_server.adapters.mcp.server import build_server
from mcp_server.adapters.mcp.session import Session
from mcp_server.adapters.mcp.tools import Tools
from mcp_server.adapters.mcp.wire import Wire
from mcp_server.workspace.errors import KitError

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SECONDS_TO_STOP = 1.5
"""Clients wait about two seconds between closing or terminating a server and killing it."""
_COLLECTOR = (50_000, 20, 50)
"""Python's own 700 looked for cycles nine times in a call, which took 6 ms of it: the mean of 100 changes of features."""


def serve_stdio(wire: Wire) -> int:
    """Serve until the client closes its end. Returns the exit code."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s %(message)s")
    try:
        session = Session()
    except KitError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no client to tell yet
        return error.exit_code
    gc.freeze()
    gc.set_threshold(*_COLLECTOR)
    asyncio.run(_serve(wire, session))
    return 0


async def _serve(wire: Wire, session: Session) -> None:
    tools = Tools(session)
    stop = asyncio.Event()
    received: list[int] = []

    def on_signal(number: int) -> None:
        received.append(number)
        stop.set()

    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
    serving = asyncio.create_task(_connect(wire, build_server(session, tools)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    await tools.stop(_SECONDS_TO_STOP)
    await session.child.close()
    if received:
        # The SDK reads standard input in a thread that cannot be interrupted; waiting for it would wait for the client.
        sys.stderr.flush()
        os._exit(128 + received[0])
    stopping.cancel()
    await serving


async def _connect(wire: Wire, server: Server[Any]) -> None:
    incoming = anyio.wrap_file(
        TextIOWrapper(os.fdopen(wire.incoming, "rb"), encoding="utf-8", errors="replace")
    )
    outgoing = anyio.wrap_file(TextIOWrapper(os.fdopen(wire.outgoing, "wb"), encoding="utf-8"))
    async with stdio_server(incoming, outgoing) as (read, write):
        await server.run(read, write, server.create_initialization_options())
