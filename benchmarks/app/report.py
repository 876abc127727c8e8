"""The run in one page of text, with each target beside what was met."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from benchmarks.app.figures import Figures
from benchmarks.app.measure import APP, FLOOR, UNCACHED, Measured
from benchmarks.app.options import CLIENTS, MANY_CLIENTS

READ_RATIO = 0.33
CREATE_RATIO = 0.30
TAIL = 2.0
CROWDED_P95_MS = 200.0
BESIDE_LOGINS_MS = 20.0
TELLING_DIFFERENCE = 0.10
_HEAD = f"{'':10}{'':10}{'req/s':>9}{'p50 ms':>9}{'p95':>8}{'p99':>8}{'CPU ms':>9}{'ratio':>8}{'(CPU)':>8}{'p99/p50':>9}"
_WHICH = f"""
{APP} is the service as it comes, which keeps a caller for CALLER_CACHE_SECONDS: the targets are its
{UNCACHED} reads the caller from the database on each request, as {FLOOR} does: equal work, without a target"""


def ratio(measured: Measured, label: str, server: str = APP) -> float:
    """The service's requests per second as a share of the floor's."""
    return measured.figures[label][server].rate / measured.figures[label][FLOOR].rate


def targets(measured: Measured) -> Iterator[tuple[str, str, bool]]:
    """What was promised: its name, what was met, and whether it holds."""
    for label in measured.figures:
        if label == "login":
            continue  # a password hash is the same everywhere
        least = CREATE_RATIO if label == "create" else READ_RATIO
        met = ratio(measured, label)
        equal = ratio(measured, label, UNCACHED)
        yield (
            f"{label}: at least {least:.2f} of the floor",
            f"{met:.2f} ({equal:.2f} without the cache of callers)",
            met >= least,
        )
        figures = measured.figures[label][APP]
        tail = figures.p99 / figures.p50
        yield f"{label}: p99 at most {TAIL:.0f} x p50 at {CLIENTS} clients", f"{tail:.2f}", tail <= TAIL
    for label, figures in measured.crowded.items():
        name = f"{label}: p95 under {CROWDED_P95_MS:.0f} ms at {MANY_CLIENTS} clients"
        yield name, f"{figures.p95:.0f} ms", figures.p95 < CROWDED_P95_MS
    beside = measured.get_beside_logins_p50
    yield f"get beside four logins: p50 at most {BESIDE_LOGINS_MS:.0f} ms", f"{beside:.1f} ms", beside <= BESIDE_LOGINS_MS  # fmt: skip
    told = measured.unknown_to_wrong
    yield f"unknown address within {TELLING_DIFFERENCE:.0%} of the time of a wrong password", f"{told:.3f}", abs(told - 1) <= TELLING_DIFFERENCE  # fmt: skip
    people = measured.registrations
    if people is not None:
        met_people = (
            f"{people.created} created, {people.lost} lost, {people.unasked} unasked, "
            f"other answers {people.troubles}, first answers {people.first_answers}, "
            f"{people.seconds:.0f} s"
        )
        yield f"{people.people} registrations at once: 0 lost, no 5xx but 503 with Retry-After", met_people, people.holds  # fmt: skip


def text(measured: Measured) -> str:
    lines = [_HEAD]
    for label, servers in measured.figures.items():
        lines.append(_line(label, FLOOR, servers[FLOOR]))
        for server in (UNCACHED, APP):
            met = servers[server]
            lines.append(
                f"{_line('', server, met)}"
                f"{ratio(measured, label, server):>8.2f}"
                f"{servers[FLOOR].cpu / met.cpu:>8.2f}{met.p99 / met.p50:>9.2f}"
            )
    lines.append(_WHICH)
    lines.append(f"\nat {MANY_CLIENTS} clients")
    lines += [_line(label, APP, figures) for label, figures in measured.crowded.items()]
    lines.append("")
    lines += [f"{'held  ' if holds else 'MISSED'}  {name}: {met}" for name, met, holds in targets(measured)]
    return "\n".join(lines)


def document(measured: Measured) -> dict[str, Any]:
    """The same for programs."""
    return {
        **asdict(measured),
        "ratios": {
            server: {label: ratio(measured, label, server) for label in measured.figures}
            for server in (UNCACHED, APP)
        },
        "targets": [{"name": name, "met": met, "holds": holds} for name, met, holds in targets(measured)],
    }


def _line(label: str, server: str, figures: Figures) -> str:
    return (
        f"{label:10}{server:10}{figures.rate:>9.0f}{figures.p50:>9.1f}{figures.p95:>8.1f}{figures.p99:>8.1f}"
        f"{figures.cpu:>9.2f}"
    )
