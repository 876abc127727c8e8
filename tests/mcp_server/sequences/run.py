"""Runs drawn sequences, as many as are asked for, in a workspace of their own."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from demo.scratch import LEFT_OUT, copy_workspace
from tests.mcp_server.changes.test_kill_points import MEMORY
from tests.mcp_server.sequences.lab import Lab
from tests.mcp_server.sequences.machine import Sequences

ROOT = Path(__file__).parents[3]
STEPS = 6
"""Of a sequence, at most and mostly."""
_NOT_NEEDED = ("mcp_server", "benchmarks", "demo", "docs", "PRPs", "rules", ".claude", ".cursor")


@contextmanager
def laboratory() -> Iterator[Lab]:
    """A copy of the service without the kit, on a disk that syncs at no cost where there is one."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        root = Path(folder, "workspace").resolve()
        copy_workspace(ROOT, root, left_out=LEFT_OUT)
        for name in _NOT_NEEDED:
            shutil.rmtree(root / name, ignore_errors=True)
        lab = Lab(root)
        try:
            yield lab
        finally:
            lab.close()


def run(lab: Lab, count: int, number: int, kind: type[Sequences] = Sequences) -> Counter[str]:
    """Draw and run `count` sequences, the same ones for the same `number`; what was done in them, by operation.

    Raises AssertionError, with the steps of the sequence, where a promise is broken.
    """
    kind.lab, kind.counts = lab, Counter()
    wanted = settings(
        max_examples=count,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(kind), settings=wanted)
    return kind.counts
