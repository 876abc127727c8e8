"""Does the time of a refused login tell whether the address exists? Wrong passwords and unknown addresses in turn."""

import asyncio
from statistics import median
from time import perf_counter

from benchmarks.app import traffic
from benchmarks.app.server import Server
from benchmarks.app.world import World

PAIRS = 150


async def refusals_ratio(server: Server, world: World) -> float:
    """The median time of an unknown address as a share of that of a wrong password, one request at a time.

    Raises ValueError for an answer other than 401.
    """
    unknown: list[float] = []
    wrong: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for number in range(PAIRS):
        # Whoever comes second finds warmer caches: they take turns in that, too.
        pair = [(unknown, f"nobody-{number}@example.org"), (wrong, world.email)]
        for samples, address in pair if number % 2 else reversed(pair):
            started = perf_counter()
            writer.write(traffic.login_of(address, "not the password"))
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
            samples.append(perf_counter() - started)
            if not head.startswith(b"HTTP/1.1 401 "):
                raise ValueError(f"a refused login was answered {head[:40]!r}")
    writer.close()
    await writer.wait_closed()
    return median(unknown) / median(wrong)
