"""`python -m benchmarks.kit [FEATURES]`: exit code 0 when every target holds, 1 when one is missed."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median

from benchmarks.extras import ROOT
from benchmarks.kit.measure import WARM, Measured, measure
from demo.scratch import LEFT_OUT, copy_workspace

FEATURES = 200
CREATE_MS = 50.0
EXTEND_MS = 300.0
GROWTH = 1.5
START_SECONDS = 5.0
WARM_SHARE = 0.5


def targets(found: Measured) -> Iterator[tuple[str, str, bool]]:
    """What was promised: its name, what was met, and whether it holds."""
    create = median(found.creates[WARM : WARM + 20])
    yield (
        f"create: at most {CREATE_MS:.0f} ms from call to files on disk",
        f"{create:.0f} ms",
        create <= CREATE_MS,
    )
    for name, times in (("planned and diffed", found.shown), ("applied", found.extends)):
        met = median(times)
        yield f"extend {name}: at most {EXTEND_MS:.0f} ms", f"{met:.0f} ms", met <= EXTEND_MS
    name = f"the last of {found.features} features: at most {GROWTH} x the first"
    yield name, f"{found.growth:.2f}", found.growth <= GROWTH
    name = f"the app with {found.features} features more starts within {START_SECONDS:.0f} s"
    yield name, f"{found.start:.1f} s", found.start <= START_SECONDS
    name = f"a call of the warm child: at most {WARM_SHARE} x the start of a bare interpreter"
    yield name, f"{found.warm:.2f}", found.warm <= WARM_SHARE


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


def main() -> int:
    features = int(sys.argv[1]) if len(sys.argv) > 1 else FEATURES
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "workspace"
        copy_workspace(ROOT, root, left_out=LEFT_OUT)
        found = asyncio.run(measure(root, features, _say))
    met = list(targets(found))
    lines = [f"{'held  ' if holds else 'MISSED'}  {name}: {figure}" for name, figure, holds in met]
    lines.append(f"        it starts again, its bytecode there, in {found.again:.1f} s")
    lines.append(f"        a call that is refused at once takes {median(found.idle):.0f} ms here")
    sys.stdout.write("\n".join(lines) + "\n")
    out = ROOT / ".kit" / "scratch" / "benchmarks"
    out.mkdir(parents=True, exist_ok=True)
    document = {
        **asdict(found),
        "targets": [{"name": name, "met": figure, "holds": holds} for name, figure, holds in met],
    }
    (out / "kit.json").write_text(json.dumps(document, indent=2) + "\n")
    return 0 if all(holds for _, _, holds in met) else 1


if __name__ == "__main__":
    sys.exit(main())
