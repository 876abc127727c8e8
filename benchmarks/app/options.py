"""What one run measures, and for how long."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extras import ROOT

CLIENTS = 16
MANY_CLIENTS = 64


@dataclass(frozen=True)
class Options:
    """`seconds` is the measured window of one kind of request on one server in one round."""

    rounds: int = 5
    seconds: float = 3.0
    people: int = 1000
    out: Path = ROOT / ".kit" / "scratch" / "benchmarks"


def parse(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app", description=__doc__)
    parser.add_argument("--rounds", type=int, default=Options.rounds, help="interleaved rounds (5)")
    parser.add_argument("--seconds", type=float, default=Options.seconds, help="per window (3)")
    parser.add_argument("--people", type=int, default=Options.people, help="who register at once (1000)")
    parser.add_argument("--out", type=Path, default=Options.out, help="where app.png and app.json go")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run, not how fast")
    given = parser.parse_args(arguments)
    if given.rounds < 1 or given.seconds <= 0 or given.people < 1:
        parser.error("rounds, seconds and people must be positive")
    if given.quick:
        return Options(1, 1.0, 200, given.out)
    return Options(given.rounds, given.seconds, given.people, given.out)
