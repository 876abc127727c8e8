"""A thousand people register in the same moment: nobody who was told so is lost, nobody else is there."""

import asyncio
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from benchmarks.app.server import Server
from benchmarks.app.traffic import register
from benchmarks.app.world import World, addresses

GIVE_UP_SECONDS = 240.0


@dataclass
class Registrations:
    """`lost` were answered 201 and are not stored, `unasked` are stored without having been answered so."""

    people: int
    seconds: float = 0.0
    first_answers: dict[str, int] = field(default_factory=dict)
    created: int = 0
    lost: int = 0
    unasked: int = 0
    troubles: dict[str, int] = field(default_factory=dict)
    """What no service may answer: anything but 201, and 503 with Retry-After."""

    @property
    def holds(self) -> bool:
        return not (self.lost or self.unasked or self.troubles) and self.created == self.people


async def register_all(server: Server, world: World, people: int) -> Registrations:
    """All at once, each on a connection of its own; who is told to come back does so when told."""
    run = uuid4().hex[:8]
    found = Registrations(people)
    started = perf_counter()
    wanted = [f"burst-{run}-{number}@example.org" for number in range(people)]
    acknowledged = await asyncio.gather(*(_register(server.port, address, found) for address in wanted))
    found.seconds = perf_counter() - started
    told = {address for address, created in zip(wanted, acknowledged, strict=True) if created}
    stored = await addresses(world, f"burst-{run}-%")
    found.created = len(told)
    found.lost = len(told - stored)
    found.unasked = len(stored - told)
    return found


async def _register(port: int, address: str, found: Registrations) -> bool:
    deadline = perf_counter() + GIVE_UP_SECONDS
    first = True
    while perf_counter() < deadline:
        status, retry_after = await _send(port, register(address))
        if first:
            _count(found.first_answers, str(status))
            first = False
        if status == 201:
            return True
        if status != 503 or retry_after is None:
            _count(found.troubles, "503 without Retry-After" if status == 503 else str(status))
            return False
        await asyncio.sleep(retry_after)
    _count(found.troubles, "gave up waiting")
    return False


def _count(counts: dict[str, int], what: str) -> None:
    counts[what] = counts.get(what, 0) + 1


async def _send(port: int, request: bytes) -> tuple[int, int | None]:
    """The status, and the Retry-After in seconds; status 0 for a connection that was cut."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.replace(b"\r\nAccept:", b"\r\nConnection: close\r\nAccept:", 1))
        answer = await reader.read()
        writer.close()
    except OSError:
        return 0, None
    head = answer.split(b"\r\n\r\n", 1)[0].lower().split(b"\r\n")
    if not head[0]:
        return 0, None
    waits = [int(line.split(b":")[1]) for line in head if line.startswith(b"retry-after:")]
    return int(head[0].split()[1]), waits[0] if waits else None
