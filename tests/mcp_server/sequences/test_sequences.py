"""Drawn sequences of operations: `machine` says what is done, `lab` what is proven at every step."""

import json
from collections import Counter

import pytest

from demo.scratch import scratch_workspace
from tests.mcp_server.features.proving import explained, objections
from tests.mcp_server.sequences.lab import CREATE, EXTEND, REMOVE, Lab
from tests.mcp_server.sequences.proven import LeftBehind, gates_of
from tests.mcp_server.sequences.run import ROOT, laboratory, run

SEEDS, PER_SEED = 5, 20
ROUNDS, PER_ROUND = 2, 6


def test_the_promises_hold_at_every_step_of_a_hundred_sequences(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter[str]()
    with laboratory() as lab:
        for number in range(SEEDS):  # one seed for all of them would draw less of what is rare
            counts += run(lab, PER_SEED, number)
    with capsys.disabled():
        print(f"\n{told(counts)}")  # noqa: T201 -- the figures are part of the promise
    assert counts["sequences"] >= SEEDS * PER_SEED
    # What is drawn changes with the code that is loaded: of each there are mostly 30 or more, and never just a few.
    assert all(counts[each] > 5 for each in (CREATE, EXTEND, REMOVE, "edit_by_hand", "undo", "redo"))
    assert counts["done beside edits"] > 2


def test_what_sequences_leave_passes_every_gate(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter[str]()
    with scratch_workspace(ROOT) as root:
        lab = Lab(root)
        try:
            for number in range(ROUNDS):
                counts += run(lab, PER_ROUND, 1000 + number, LeftBehind)
                bad = objections(gates_of(root))
                assert not bad, explained(bad, *lab.log)
        finally:
            lab.close()
    with capsys.disabled():
        print(f"\n{told(counts)}, and {ROUNDS} runs of the gates")  # noqa: T201 -- the figures are part of the promise
    assert counts[EXTEND] > 0


def told(counts: Counter[str]) -> str:
    return json.dumps(dict(sorted(counts.items())))
