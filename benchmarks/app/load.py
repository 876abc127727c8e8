"""The load generator: keep-alive clients on raw sockets and uvloop, in a process of their own.

A client sends its next request when it has its answer (a closed loop). Written here because it needs nothing from a
registry, sends bodies that differ, and mixes kinds of requests; it reaches several times the rate of the floor.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count, cycle
from math import inf
from multiprocessing import get_context
from time import perf_counter
from typing import Any
from uuid import uuid4

import uvloop

from benchmarks.app.limits import allow_many_sockets

CONNECT_SECONDS = 30.0
WARM_UP_SECONDS = 0.5
"""After the first answer to the last client."""
UNIQUE = b"@" * 16
"""Where it stands in a request, every sending has another text of the same length."""


@dataclass(frozen=True)
class Group:
    """Clients that do the same thing, and the requests that they take turns with."""

    label: str
    clients: int
    requests: tuple[bytes, ...]
    expected: int


@dataclass
class Outcome:
    """What a group met: latencies in seconds of what was answered as expected within the measured window."""

    latencies: list[float] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    """All answers, those of the warm-up too: what the server's CPU time was spent on."""


@dataclass
class Window:
    """When latencies count; clients go on until its end."""

    start: float = inf
    end: float = inf


class _Client(asyncio.Protocol):
    def __init__(self, group: Group, requests: Iterator[bytes], outcome: Outcome, window: Window) -> None:
        self._group = group
        self._requests = requests
        self._outcome = outcome
        self._window = window
        self._transport: Any = None
        self._buffer = b""
        self._sent = 0.0
        self.served = asyncio.Event()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:  # uvloop's are no asyncio.Transport
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + _content_length(self._buffer, end):
            return
        now = perf_counter()
        status = int(self._buffer[9:12])
        self._buffer = b""
        self._outcome.answered += 1
        self.served.set()
        if status != self._group.expected:
            self._outcome.unexpected[str(status)] += 1
        elif self._window.start <= now <= self._window.end:
            self._outcome.latencies.append(now - self._sent)
        if now < self._window.end:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if perf_counter() < self._window.end:
            self._outcome.unexpected["connection lost"] += 1
        self.served.set()
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        request = next(self._requests)
        self._sent = perf_counter()
        self._transport.write(request)


def _content_length(data: bytes, end: int) -> int:
    start = data.lower().find(b"content-length:", 0, end)
    if start < 0:
        return 0
    return int(data[start + 15 : data.find(b"\r\n", start)])


def _stream(group: Group) -> Iterator[bytes]:
    if not any(UNIQUE in request for request in group.requests):
        return cycle(group.requests)
    run = uuid4().hex[:8]
    numbers = count()
    return (request.replace(UNIQUE, f"{run}{next(numbers):08}".encode()) for request in cycle(group.requests))


async def _drive(port: int, groups: tuple[Group, ...], seconds: float) -> dict[str, Outcome]:
    window = Window()
    outcomes = {group.label: Outcome() for group in groups}
    loop = asyncio.get_running_loop()
    clients: list[_Client] = []
    for group in groups:
        requests = _stream(group)
        for _ in range(group.clients):
            _transport, client = await loop.create_connection(
                lambda group=group, requests=requests: _Client(  # type: ignore[misc]
                    group, requests, outcomes[group.label], window
                ),
                "127.0.0.1",
                port,
            )
            clients.append(client)
    # uvloop accepts one connection a turn of its loop: under load the last of 64 waits for most of a second, once.
    await asyncio.wait_for(asyncio.gather(*(client.served.wait() for client in clients)), CONNECT_SECONDS)
    window.start = perf_counter() + WARM_UP_SECONDS
    window.end = window.start + seconds
    await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), seconds + 60)
    return outcomes


def _run(port: int, groups: tuple[Group, ...], seconds: float) -> dict[str, Outcome]:
    return uvloop.run(_drive(port, groups, seconds))


def _keep_off(cpu: int) -> None:
    allow_many_sockets()
    if cpu >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {cpu})


class Generator:
    """Owns the generator's process."""

    def __init__(self, server_cpu: int) -> None:
        """The generator stays off the servers' core where it has another."""
        self._pool = ProcessPoolExecutor(1, get_context("spawn"), _keep_off, (server_cpu,))

    async def drive(self, port: int, groups: tuple[Group, ...], seconds: float) -> dict[str, Outcome]:
        """Load the server for `seconds` after a short warm-up; one outcome per group."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _run, port, groups, seconds)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
