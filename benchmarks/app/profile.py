"""Where the service's CPU goes: one kind of request, in this process, without sockets.

`python -m benchmarks.app.profile get` prints the CPU per request and then the functions that it is spent in.
"""

import argparse
import cProfile
import os
import pstats
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import uvloop

from benchmarks.app.load import UNIQUE
from benchmarks.app.measure import APP, Kind, environment, kinds
from benchmarks.app.world import NoServer, World, seeded_world

WARM_UP = 200
BATCHES = 5


async def profile(label: str, requests: int, lines: int) -> None:
    async with seeded_world() as world:
        os.environ.update(environment(world, None)[APP])
        kind = next(each for each in kinds(world) if each.label == label)
        from app.main import create_app  # after the environment is set

        app = create_app()
        async with app.router.lifespan_context(app):
            scopes = cycle(list(_scopes(world, kind)))
            await _batch(app, scopes, WARM_UP, kind.expected)
            costs = [await _batch(app, scopes, requests, kind.expected) for _ in range(BATCHES)]
            profiler = cProfile.Profile(time.process_time)  # waiting for the database is no cost
            profiler.enable()
            await _batch(app, scopes, requests, kind.expected)
            profiler.disable()
    sys.stdout.write(f"{label}: {min(costs):.3f} ms CPU per request (best of {BATCHES} x {requests})\n\n")
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(lines)
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("cumtime").print_stats(lines)


async def _batch(
    app: Any, scopes: Iterator[tuple[dict[str, Any], bytes]], count: int, expected: int
) -> float:
    """CPU milliseconds per request."""
    started = time.process_time()
    for number, (scope, body) in enumerate(islice(scopes, count)):
        await _ask(
            app,
            {**scope, "state": {}},
            body.replace(UNIQUE, f"{number:08}{os.urandom(4).hex()}".encode()),
            expected,
        )
    return (time.process_time() - started) * 1000 / count


async def _ask(app: Any, scope: dict[str, Any], body: bytes, expected: int) -> None:
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    if status != expected:
        raise SystemExit(f"{scope['path']}: {status}")


def _scopes(_world: World, kind: Kind) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The requests of the benchmark as a server would hand them to the app."""
    for request in kind.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *headers = head.split(b"\r\n")
        method, target, _version = first.decode().split(" ")
        path, _, query = target.partition("?")
        pairs = [header.split(b": ", 1) for header in headers]
        yield (
            {
                "type": "http",
                "asgi": {"version": "3.0", "spec_version": "2.3"},
                "http_version": "1.1",
                "server": ("127.0.0.1", 80),
                "client": ("127.0.0.1", 1),
                "scheme": "http",
                "method": method,
                "root_path": "",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query.encode(),
                "headers": [(name.lower(), value) for name, value in pairs],
            },
            body,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app.profile", description=__doc__)
    parser.add_argument("kind", nargs="?", default="get", help="get, list 20, list 100, create or login")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=30)
    given = parser.parse_args(arguments)
    try:
        uvloop.run(profile(given.kind, given.requests, given.lines))
    except NoServer as error:
        sys.stdout.write(f"not run: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
