"""`python -m benchmarks.app`: exit code 0 when every target holds, 1 when one is missed, 2 when nothing was run."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.app import chart, report
from benchmarks.app.limits import allow_many_sockets
from benchmarks.app.measure import measure
from benchmarks.app.options import Options, parse
from benchmarks.app.server import server_cpu
from benchmarks.app.world import NoServer, seeded_world
from benchmarks.extras import extras_folder

MISSED, NOT_RUN = 1, 2


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


async def run(options: Options) -> int:
    extras = extras_folder()
    started = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            async with seeded_world() as world:
                measured = await measure(world, options, extras, Path(folder), progress)
        except NoServer as error:
            say(f"not run: {error}; BENCHMARK_DATABASE_URL names another")
            return NOT_RUN
    where = "one core of its own" if server_cpu() >= 0 else "all cores"
    say(
        f"one uvicorn worker each (uvloop, httptools) on {where}, {options.rounds} interleaved rounds of "
        f"{options.seconds:g} s, medians; floor: Starlette + asyncpg + "
        f"{'msgspec' if extras else 'the json of the standard library (msgspec was not to be had)'}"
    )
    say(report.text(measured))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "app.json").write_text(json.dumps(report.document(measured), indent=2) + "\n")
    say(f"\n{chart.draw(measured, options.out, extras)}; {perf_counter() - started:.0f} s in all")
    return 0 if all(holds for _name, _met, holds in report.targets(measured)) else MISSED


def main() -> int:
    allow_many_sockets()
    return asyncio.run(run(parse()))


if __name__ == "__main__":
    sys.exit(main())
