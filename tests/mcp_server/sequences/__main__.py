"""`python -m tests.mcp_server.sequences --count 2000`: drawn sequences of changes, until all hold or the time is up.

Exit code 0 when every promise held, 1 when one was broken. The figures go to `.kit/scratch/sequences.json`.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

from mcp_server.workspace.errors import KitError
from tests.mcp_server.sequences.run import ROOT, laboratory, run

PER_RUN = 20
"""Sequences that one seed draws."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mcp_server.sequences", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="sequences (2000)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (1); each draws others")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after these minutes (600)")
    parser.add_argument("--out", type=Path, default=ROOT / ".kit/scratch/sequences.json")
    given = parser.parse_args()
    counts, broken, started, number = Counter[str](), dict[int, str](), perf_counter(), given.first
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with laboratory() as lab:
        while counts["sequences"] < given.count and perf_counter() - started < 60 * given.minutes:
            try:
                counts += run(lab, PER_RUN, number)
            except (AssertionError, KitError, OSError, ValueError) as error:
                broken[number] = "\n".join([str(error), *getattr(error, "__notes__", ())])
                say(f"seed {number}: {broken[number]}")
            number += 1
            facts = {**counts, "seconds": round(perf_counter() - started), "broken seeds": sorted(broken)}
            given.out.write_text(json.dumps(facts, indent=1) + "\n")
            say(json.dumps(facts))
    return 1 if broken else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
